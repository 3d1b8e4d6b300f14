"""What holds of every kind, whatever anybody tries: checked on random walks."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import CURRENT, KINDS
from domain.engine.action_forms import Rewinding
from domain.engine.process import Process
from domain.engine.side_forms import ApprovalRequest
from domain.engine.side_task_checks import deciders
from domain.engine.side_tasks import SideState
from domain.engine.task_actions import has_open_task
from domain.language.entries import MOVES, Entry, EntryType
from domain.language.table import Stage, WaitsOn
from domain.read_models.projection import ProjectionUpdate, TaskView, case_view, projection_update
from tests.cases.random_walks import Walk, to_an_end, walks
from tests.support.sampling import by_day

EVERY_KIND = pytest.mark.parametrize(
    "process",
    by_day(KINDS.values(), lambda _, process: process is CURRENT[process.kind]),
    ids=[f"{kind}-{version}" for kind, version in KINDS],
)
TRIES = 10 if settings.get_current_profile_name() == "same" else 50
"""Walks of each kind: other ones are looked for at night."""
OFTEN = settings(
    max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
TELLING_STEPS = {"told", "told_by_hand"}


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_history_is_all_there_is(process: Process, data: st.DataObject) -> None:
    """The case is what its entries make, also after they were JSON."""
    case = data.draw(walks(process)).case
    assert process.fold(case.opening, case.entries) == case
    written = [entry.model_dump_json() for entry in case.entries]
    again = process.fold(case.opening, [Entry.model_validate_json(line) for line in written])
    assert again == case
    assert case_view(process, again) == case_view(process, case)


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_entries_follow_each_other(process: Process, data: st.DataObject) -> None:
    case = data.draw(walks(process)).case
    assert [entry.seq for entry in case.entries] == list(range(1, len(case.entries) + 1))
    for before, entry in pairwise(case.entries):
        assert entry.at >= before.at
        steps = {step.name: step for step in process.state(before.led_to).steps}
        if entry.type is EntryType.REWOUND:
            assert entry.led_to == case.entries[Rewinding.lenient(entry.form).to - 1].led_to
            continue
        assert entry.led_to in (
            steps[entry.step].arrows.values() if entry.step else {before.led_to}
        )
        if entry.due_at is not None and entry.detected_at is not None:
            assert entry.at == max(entry.due_at, before.at) <= entry.detected_at
        assert (entry.due_at is None) == (entry.detected_at is None)
    assert case.etag == max(entry.seq for entry in case.entries if entry.type in MOVES)


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_batches_add_up(process: Process, data: st.DataObject) -> None:
    """A store that got updates one by one, some twice, equals one that got all at once."""
    walk = data.draw(walks(process))
    bit_by_bit, at_once = Rows(), Rows()
    for each in walk.batches:
        bit_by_bit.write(each)
        bit_by_bit.write(data.draw(st.sampled_from(walk.batches)))
    at_once.write(projection_update(process, walk.case, 0))
    assert vars(bit_by_bit) == vars(at_once)


class Rows:
    """The store's rules in small: entries once, rows only by what is newer."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.notices: dict[tuple[int, int], object] = {}
        self.tasks: dict[int, TaskView] = {}
        self.case: object = None
        self.last = 0

    def write(self, news: ProjectionUpdate) -> None:
        for entry in news.entries:
            self.entries.setdefault(entry.seq, entry)
        for notice in news.notices:
            self.notices.setdefault((notice.seq, notice.n), notice)
        for task in news.tasks:
            if task.seq not in self.tasks or self.tasks[task.seq].version < task.version:
                self.tasks[task.seq] = task
        if self.last < news.case.last_seq:
            self.case, self.last = news.case, news.case.last_seq


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_a_task_is_open_just_while_staff_are_waited_for(
    process: Process, data: st.DataObject
) -> None:
    walk = data.draw(walks(process))
    case = walk.case
    news = projection_update(process, case, 0)
    tasks = [each for each in news.tasks if not each.request]
    open_now = [task for task in tasks if task.done_at is None]
    state = process.state_of(case)
    assert len(open_now) == has_open_task(case, state) == (news.case.waits_on == WaitsOn.STAFF)
    assert has_open_task(case, state) >= (state.waits_on is WaitsOn.STAFF)
    assert all(task.seq == case.task_opened and task.candidates for task in open_now)
    assert all(task.done_by and not task.candidates for task in tasks if task not in open_now)
    assert [task.held_until for task in open_now] == [case.held_until] * len(open_now)
    assert case.held_until is None or open_now, "only a task is put on hold"
    walk.settle()
    assert case.held_until is None or case.held_until > walk.now, "and no longer than said"


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_nobody_answers_their_own_request_nor_beyond_their_authority(
    process: Process, data: st.DataObject
) -> None:
    """And every request is settled once the case closes, with a task that says so."""
    walk = data.draw(walks(process))
    if data.draw(st.booleans()):
        finish(walk)
    case = walk.case
    tasks = {each.seq: each for each in projection_update(process, case, 0).tasks if each.request}
    assert tasks.keys() == case.side_tasks.keys()
    assert not (process.state_of(case).closed and case.open_side_tasks)
    for task in case.side_tasks.values():
        assert (tasks[task.seq].done_at is None) == task.open
        if task.settled is None or task.state in {SideState.WITHDRAWN, SideState.LAPSED}:
            continue
        assert task.settled.actor.id != task.by
        if isinstance(task.form, ApprovalRequest) and task.granted is not None:
            assert task.granted.amount <= task.form.amount.amount
            before = process.as_of(case, task.settled.seq - 1)
            granted = task.form.model_copy(update={"amount": task.granted})
            covering = deciders(process, before, granted)
            assert covering & task.settled.actor.stands_for


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_a_request_repeated_is_answered_alike_and_does_nothing(
    process: Process, data: st.DataObject
) -> None:
    walk = data.draw(walks(process))
    before = walk.case.copy()
    for request, receipt in walk.done:
        assert process.apply_request(walk.case, request, walk.now) == receipt
    assert walk.case == before


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_nothing_closes_untold(process: Process, data: st.DataObject) -> None:
    """Since the customer was told, nobody worked on what is closed (M 6.2).

    But for what was taken back by then.
    """
    walk = data.draw(walks(process))
    finish(walk)
    for end in walk.case.arrivals():
        state = process.state(end.led_to)
        if not state.closed or state.outcome == "withdrawn":
            continue
        entries = process.as_of(walk.case, end.seq).effective_entries()
        told_at = max(entry.seq for entry in entries if entry.step in TELLING_STEPS)
        since = {process.state(entry.led_to).stage for entry in entries if entry.seq >= told_at}
        assert since <= {Stage.FOLLOW_UP, Stage.CLOSE}


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_every_walk_can_come_to_an_end(process: Process, data: st.DataObject) -> None:
    walk = data.draw(walks(process))
    finish(walk)
    assert process.state_of(walk.case).closed


def finish(walk: Walk) -> None:
    """Take the walk's case to an end that is not a withdrawal."""
    for request in to_an_end(walk):
        refused = walk.refused
        walk.attempt(request)
        assert walk.refused == refused
