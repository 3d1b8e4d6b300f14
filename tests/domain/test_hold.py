"""A task on hold: who may, until when, what ends it, and that its clocks run on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import (
    HoldPast,
    HoldTooFar,
    NotACandidate,
    NoTask,
    NotOnHold,
    OnHold,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
    WrongForm,
)
from domain.language.clocks import ClockState
from domain.language.entries import EntryType
from domain.language.roles import Actor, ActorKind
from domain.read_models.past import case_at, newest_at
from domain.read_models.projection import case_view, projection_update
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, MINUTE, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, SORTED, WANG, ZHANG, ZHAO

NOON = NINE + 3 * HOUR
PART = "The part comes on Friday."


def hold(until: datetime, reason: str = PART) -> tuple[str, dict[str, Any]]:
    return "hold", {"until": until.isoformat(), "reason": reason}


def investigating(**fields: Any) -> CaseDriver:
    """In Liu's hands, three minutes after nine."""
    run = CaseDriver(actor=SHOP, **fields)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    return run


def settled(run: CaseDriver, at: datetime) -> list[EntryType]:
    """What time does until then."""
    last_seq = run.case.last.seq
    run.now = at
    run.process.settle(run.case, at)
    return [entry.type for entry in run.case.entries[last_seq:]]


def test_it_says_who_when_until_when_and_why() -> None:
    run = investigating()
    run.do(LIU, hold(NOON))
    held, entry = run.case.hold, run.case.last
    assert held is not None
    assert (held.by, held.since, held.until, held.reason) == (LIU.id, run.now, NOON, PART)
    assert (entry.type, entry.seq, entry.led_to) == (EntryType.HELD, held.seq, "investigating")
    news = projection_update(run.process, run.case, entry.seq - 1)
    assert (news.case.held_until, news.tasks[0].held_until) == (NOON, NOON)
    assert run.case.etag == entry.seq
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_it_comes_back_by_itself_once_to_the_second() -> None:
    run = investigating()
    run.do(LIU, hold(NOON))
    held = run.case.last
    assert run.process.next_timer(run.case) == (NOON, "resume")
    assert settled(run, NOON - timedelta(microseconds=1)) == []
    assert settled(run, NOON + HOUR) == [EntryType.RESUMED]
    back = run.case.last
    assert (back.actor.kind, back.cause.entry) == (ActorKind.TIMER, held.seq)
    assert (back.at, back.due_at, back.detected_at) == (NOON, NOON, NOON + HOUR)
    assert run.case.hold is None
    assert (run.holder, run.case.state) == (LIU.id, "investigating")
    assert settled(run, NOON + 2 * HOUR) == []
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_by_hand_it_comes_back_before() -> None:
    run = investigating()
    run.do(LIU, hold(NOON))
    run.refuse(TaskTaken, ZHANG, ("resume", {}))
    run.do(WANG, ("resume", {"reason": "It came today."}))
    assert (run.case.hold, run.case.last.actor) == (None, WANG)
    assert settled(run, NOON + HOUR) == []


def test_what_was_promised_runs_on_and_is_broken_meanwhile() -> None:
    run = investigating()
    run.do(LIU, hold(NINE + 10 * DAY))
    types = settled(run, NINE + 4 * DAY)
    assert EntryType.ESCALATED in types
    assert EntryType.RESUMED not in types
    clock = run.case.clocks["resolution"]
    assert (clock.state, clock.breached_at) == (ClockState.BREACHED, NINE + 2 * DAY)
    assert run.case.hold is not None, "a breach ends no hold"
    assert settled(run, NINE + 10 * DAY)[-1] is EntryType.RESUMED


@pytest.mark.parametrize("hours", [20, 24, 30, 36, 40])
def test_after_an_outage_all_counts_in_its_order(hours: int) -> None:
    """A hold that ended among missed milestones leaves them one entry."""
    run = investigating()
    until = NINE + hours * HOUR
    run.do(LIU, hold(until))
    settled(run, NINE + 40 * HOUR)
    mine = [e for e in run.case.entries if e.form.get("clock") in {"resolution", None} and e.due_at]
    assert [e.at for e in mine] == sorted(e.at for e in mine)
    (back,) = [e for e in mine if e.type is EntryType.RESUMED]
    (warned,) = [e for e in mine if e.type is EntryType.WARNED]
    assert (back.at, warned.at) == (until, NINE + 36 * HOUR)
    assert warned.form["rungs"] == ["half", "three_quarters"]
    assert case_at(run.process, run.case.entries, newest_at(run.case.entries, until)).hold is None


def test_a_step_that_moves_the_case_ends_it_without_an_entry_of_its_own() -> None:
    run = investigating()
    run.do(LIU, hold(NOON))
    run.do(LIU, ("reclassify", SORTED))
    assert case_view(run.process, run.case).held_until == NOON, "the case is where it was"
    run.do(LIU, ("investigate", FINDING))
    assert run.case.hold is None
    assert case_view(run.process, run.case).held_until is None
    assert settled(run, NOON + HOUR) == []
    assert EntryType.RESUMED not in [entry.type for entry in run.case.entries]


def test_time_that_moves_the_case_ends_it_too() -> None:
    run = CaseDriver("repair", actor=SHOP)
    repairer = Actor(kind=ActorKind.STAFF, id="ma.qiang", roles=("repairer",))
    handed = {"assignee": repairer.id, "roles": ["repairer"]}
    sorted_as = {"category": "noise"}
    run.do(CHEN, ("accept", {}), ("classify", sorted_as), ("assign", handed))
    state = run.case.state
    run.do(repairer, hold(NINE + DAY))
    run.pass_time(16 * MINUTE)
    run.process.settle(run.case, run.now)
    assert run.case.state != state
    assert run.case.hold is None


def test_handing_on_and_claiming_leave_it_on_hold() -> None:
    run = investigating()
    run.do(LIU, hold(NOON))
    run.do(WANG, ("assign", {"assignee": ZHANG.id, "roles": [*ZHANG.roles]}))
    run.do(ZHANG, ("release", {}))
    run.do(LIU, ("claim", {}))
    assert run.case.held_until == NOON
    run.do(LIU, ("resume", {}))
    assert run.case.hold is None


def test_who_may_put_a_task_on_hold() -> None:
    run = investigating()
    run.refuse(TaskTaken, ZHANG, hold(NOON))
    run.refuse(StepNotAllowed, SHOP, hold(NOON))
    run.do(LIU, ("release", {}))
    refused = run.refuse(TaskNotClaimed, LIU, hold(NOON))
    assert refused.params == {"why": "hold"}
    auditor = Actor(kind=ActorKind.STAFF, id="x", roles=("auditor",))
    run.refuse(NotACandidate, auditor, hold(NOON))
    run.do(WANG, hold(NOON))
    run.refuse(NotACandidate, auditor, ("resume", {}))
    run.do(ZHANG, ("resume", {}))


def test_what_is_refused() -> None:
    run = investigating()
    run.refuse(NotOnHold, LIU, ("resume", {}))
    run.refuse(HoldPast, LIU, hold(run.now + MINUTE))  # a request comes a minute later
    far = run.refuse(HoldTooFar, LIU, hold(run.now + 31 * DAY))
    assert far.params["days"] == 30
    for wrong in (
        {"until": NOON.isoformat()},
        {"reason": PART},
        {"reason": " ", "until": NOON.isoformat()},
    ):
        run.refuse(WrongForm, LIU, ("hold", wrong))
    run.refuse(WrongForm, LIU, ("hold", {"until": "2026-03-02T12:00:00", "reason": PART}))
    run.do(LIU, hold(run.now + 30 * DAY))
    again = run.refuse(OnHold, WANG, hold(NOON))
    assert again.params["by"] == LIU.id
    run.do(LIU, ("resume", {}), hold(NOON))
    assert run.case.held_until == NOON


def test_where_nobody_is_waited_for_nothing_is_put_on_hold() -> None:
    run = investigating()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    run.refuse(NoTask, LIU, hold(NOON))


def test_a_reopened_case_is_not_on_hold() -> None:
    run = investigating()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER), ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, hold(run.now + DAY, "They are abroad."))
    run.do(LIU, ("follow_up", SOLVED))
    assert run.case.hold is None
    run.do(SHOP, ("reopen", {"reason": "still"}))
    assert run.case.hold is None


@pytest.mark.parametrize("to", ["held", "before", "elsewhere"])
def test_a_case_that_is_taken_back_is_not_on_hold(to: str) -> None:
    """People are to act there; why it waited then is not why it waits now."""
    run = investigating()
    before = run.case.last.seq
    run.do(LIU, hold(NINE + 2 * DAY))
    held = run.case.last.seq
    if to == "elsewhere":
        run.do(LIU, ("investigate", FINDING))
        run.do(LIU, hold(NINE + 2 * DAY))
    else:
        run.do(LIU, ("reclassify", SORTED))
    back = before if to == "before" else held
    run.do(ZHAO, ("rewind", {"to": back, "reason": "a mistake", "clocks": "go_on"}))
    assert (run.case.state, run.case.hold) == ("investigating", None)
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    assert EntryType.RESUMED not in settled(run, NINE + 3 * DAY)
