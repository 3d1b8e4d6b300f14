"""A case seen as of a moment, and entry by entry, is what it was when it happened."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import CURRENT, KINDS
from cases.complaint.stories import RUDE_CLERK
from domain.engine.chain import entry_hash
from domain.engine.process import Process
from domain.language.calendars import ALWAYS
from domain.language.entries import Entry
from domain.read_models.diff import EntryDiff, entry_diffs
from domain.read_models.past import case_at, newest_at, read_clocks
from domain.read_models.projection import case_view, task_views
from domain.stories import play
from tests.cases.random_walks import walks
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, NINE, CaseDriver
from tests.domain.recording_process import CasePicture, RecordingProcess, recording
from tests.support.cases import CHEN, FINDING, LIU, OFFER

CASES = 200
EACH = -(-CASES // len(KINDS))
RANDOM = settings(
    max_examples=EACH,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize(
    "process", KINDS.values(), ids=[f"{kind}-{version}" for kind, version in KINDS]
)
def test_as_of_is_what_was_seen_live_after_each_entry(process: Process) -> None:
    lengths: list[int] = []

    @RANDOM
    @given(data=st.data())
    def every_entry(data: st.DataObject) -> None:
        live = recording(process)
        entries = data.draw(walks(live)).case.entries
        written = [Entry.model_validate_json(entry.model_dump_json()) for entry in entries]
        for entry in written:
            assert picture(process, written, entry.seq) == live.pictures[entry_hash(entry)]
            at_once = newest_at(written, entry.at)
            assert written[at_once - 1].at == entry.at
            assert at_once == len(written) or written[at_once].at > entry.at
        lengths.append(len(entries))

    every_entry()
    assert len(lengths) >= EACH
    assert max(lengths) > 6


def picture(process: Process, entries: list[Entry], seq: int) -> CasePicture:
    """A case folded from entries alone, as the API does it."""
    case = case_at(process, entries, seq)
    clocks = tuple(read_clocks(case, entries[seq - 1].at))
    return CasePicture(
        case_view(process, case), {task.seq: task for task in task_views(process, case, 0)}, clocks
    )


def test_the_watched_process_sees_what_a_later_entry_changes() -> None:
    """A guard of the test above: its pictures differ where the cases did."""
    live: RecordingProcess = recording(CURRENT["complaint"])
    entries = play(live, RUDE_CLERK, "TS202603020000000").entries
    pictures = [live.pictures[entry_hash(entry)] for entry in entries]
    assert len({each.case.model_dump_json() for each in pictures}) == len(entries)
    assert [each.case.last_seq for each in pictures] == list(range(1, len(entries) + 1))


def test_before_the_opening_there_was_no_case() -> None:
    run = CaseDriver()
    assert newest_at(run.case.entries, NINE - timedelta(microseconds=1)) == 0
    assert newest_at(run.case.entries, NINE) == 1


def test_a_warning_that_had_not_fired_is_not_there() -> None:
    run = CaseDriver()
    run.pass_time(timedelta(hours=13))
    run.process.settle(run.case, run.now)
    entries, early = run.case.entries, NINE + timedelta(minutes=7)
    seq = newest_at(entries, early)
    (response, *_) = read_clocks(case_at(run.process, entries, seq), early)
    assert (seq, response.clock, response.rungs) == (1, "response", ())
    assert response.spent == timedelta(minutes=7)
    assert response.due_at == NINE + timedelta(minutes=15)
    late = read_clocks(case_at(run.process, entries, len(entries)), run.now)
    assert late[0].breached_at == NINE + timedelta(minutes=15)
    # It was seen hours later; by right it was breached then.
    assert newest_at(entries, NINE + timedelta(minutes=15)) > 1


def test_a_pause_is_told_with_its_times() -> None:
    run = CaseDriver()
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    paused_at = run.now
    run.pass_time(timedelta(hours=2))
    (still,) = (c for c in read_clocks(run.case, run.now) if c.clock == "resolution")
    assert (still.paused_at, still.spent, still.due_at) == (paused_at, paused_at - NINE, None)
    run.do(LIU, ("accept_solution", {}))
    (runs,) = (c for c in read_clocks(run.case, run.now) if c.clock == "resolution")
    assert runs.pauses == ((paused_at, run.now),)
    assert (runs.paused_at, runs.spent, runs.calendar) == (
        None,
        paused_at - NINE,
        f"{ALWAYS.id}@{ALWAYS.version}",
    )


def test_entry_by_entry_it_says_what_changed() -> None:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}), ("investigate", FINDING), ("propose", OFFER))
    diffs = list(entry_diffs(run.process, run.case.opening, run.case.entries))
    assert [each.entry for each in diffs] == run.case.entries
    assert changed(diffs[0])["state"] == (None, "received")
    assert {turn.clock.clock: turn.event for turn in diffs[0].clocks}["response"] == "started"
    assert [(said.template, said.to) for said in diffs[0].notices] == [("received", "customer")]
    accepted, classified, claimed, *_, proposed = diffs
    del accepted
    assert changed(classified)["state"] == ("received", "accepted")
    (assigned,) = (each for each in diffs if "assignee" in changed(each))
    assert changed(assigned)["assignee"] == (None, "liu.yang")
    assert claimed.entry.step == "classify"
    assert changed(claimed)["priority"] == (None, "P3")
    assert {turn.clock.clock: turn.event for turn in proposed.clocks}["resolution"] == "paused"
    assert changed(proposed)["task"][1] is None


def changed(entry_diff: EntryDiff) -> dict[str, tuple[str | None, str | None]]:
    """What an entry changed, by name."""
    return {each.what: (each.before, each.after) for each in entry_diff.changes}
