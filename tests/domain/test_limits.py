"""A case's own limit: set when it is handed out, shorter freely, longer only by a manager."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.engine.messages import opening_of
from domain.errors import LimitPast, LimitTooFar, LimitTooLong, NoPromise, ReasonMissing
from domain.language.clocks import ClockState, TargetOverride
from domain.language.entries import EntryType
from domain.read_models.explain import Explanation, explain
from domain.read_models.projection import pending_call
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, ZHANG, ZHAO


def limit(at: datetime, reason: str = "") -> tuple[str, dict[str, Any]]:
    return "limit", {"limit": at.isoformat(), "reason": reason}


def handed(at: datetime | None, **fields: Any) -> CaseDriver:
    run = CaseDriver(**fields)
    to_liu: dict[str, Any] = {"assignee": LIU.id, "roles": [*LIU.roles]}
    run.do(
        CHEN,
        *ACCEPTED_AND_CLASSIFIED,
        ("assign", to_liu | {"limit": at.isoformat() if at else None}),
    )
    return run


def resolution(run: CaseDriver) -> Explanation:
    explanations = explain(run.process, run.case, run.now)
    return [each for each in explanations if each.clock == "resolution"][-1]


def test_a_limit_set_with_the_assignment_moves_the_due_time_and_says_so() -> None:
    run = handed(NINE + DAY)
    assert run.case.clocks["resolution"].due == NINE + DAY
    moved = run.case.last
    assert (moved.type, moved.cause.entry) == (EntryType.RETARGETED, moved.seq - 1)
    assert moved.form["old_due"] == (NINE + 2 * DAY).isoformat()
    assert moved.form["new_due"] == (NINE + DAY).isoformat()
    explanation = resolution(run)
    assert explanation.limit is not None
    assert (explanation.limit.by, explanation.limit.entry) == (CHEN.id, moved.seq - 1)
    assert (explanation.due_at, explanation.policy_due_at) == (NINE + DAY, NINE + 2 * DAY)


def test_warnings_are_fractions_of_the_own_limit() -> None:
    run = handed(NINE + DAY)
    run.now = NINE + 13 * HOUR
    run.process.settle(run.case, run.now)
    assert [e.due_at for e in run.case.entries if e.form.get("rungs") == ["half"]] == [
        NINE + 12 * HOUR
    ]


def test_the_limit_moves_by_exactly_the_pause() -> None:
    run = handed(NINE + DAY, actor=SHOP)
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    since = run.now
    run.pass_time(5 * HOUR)
    run.do(SHOP, ("reject_solution", {}))
    assert run.case.clocks["resolution"].due == NINE + DAY + (run.now - since)
    (pause,) = resolution(run).pauses
    assert (pause.since, pause.until) == (since, run.now)
    assert run.case.entries[(pause.entry or 0) - 1].step == "propose"


def test_sooner_is_free_for_whoever_may_dispose_of_the_task() -> None:
    run = handed(NINE + DAY)
    run.do(LIU, limit(NINE + 20 * HOUR))
    assert run.case.clocks["resolution"].due == NINE + 20 * HOUR


def test_later_is_for_a_manager_with_a_reason() -> None:
    run = handed(NINE + DAY)
    later = NINE + 3 * DAY
    refused = run.refuse(LimitTooLong, LIU, limit(later, "more time"))
    assert refused.params["due"] == (NINE + DAY).isoformat()
    run.refuse(ReasonMissing, ZHAO, limit(later, "  "))
    run.do(ZHAO, limit(later, "the maker needs a week"))
    assert run.case.clocks["resolution"].due == later


def test_back_to_what_the_policy_says_is_longer_too() -> None:
    run = handed(NINE + DAY)
    run.refuse(LimitTooLong, LIU, limit(NINE + 2 * DAY))


def test_a_limit_in_the_past_is_refused() -> None:
    run = handed(None)
    run.refuse(LimitPast, LIU, limit(run.now))


@pytest.mark.parametrize("far", [timedelta(days=400), timedelta(days=2_900_000)])
def test_a_limit_lies_within_a_year(far: timedelta) -> None:
    run = handed(None)
    run.refuse(LimitTooFar, ZHAO, limit(NINE + far, "a long time"))


def test_a_limit_without_working_time_before_it_is_over_already() -> None:
    friday = datetime(2026, 3, 6, 2, tzinfo=UTC)
    run = CaseDriver(policy_version="2026-1-office", received_at=friday)
    run.now = friday
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    run.now = friday + DAY
    run.refuse(LimitPast, CHEN, limit(run.now + 8 * HOUR))
    run.do(CHEN, limit(datetime(2026, 3, 9, 3, tzinfo=UTC)))
    assert run.case.clocks["resolution"].due == datetime(2026, 3, 9, 3, tzinfo=UTC)


def test_a_broken_promise_gets_no_other_limit() -> None:
    run = handed(None)
    run.pass_time(3 * DAY)
    run.refuse(NoPromise, ZHAO, limit(NINE + 9 * DAY, "too late"))
    assert run.case.clocks["resolution"].state is ClockState.RUNNING


def test_who_may_not_dispose_of_the_task_sets_no_limit() -> None:
    run = handed(None)
    with pytest.raises(Exception, match="has held this task"):
        run.do(ZHANG, limit(NINE + DAY))


def test_a_reopened_case_has_the_policys_limit_again() -> None:
    run = handed(NINE + DAY)
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    run.do(LIU, ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", {**SOLVED, "solved": False}))
    again = run.case.clocks["resolution"]
    assert (again.number, run.case.target_override) == (2, None)
    assert again.due == run.now + 2 * DAY


def test_the_history_alone_yields_the_same_limit() -> None:
    run = handed(NINE + DAY)
    folded = run.process.fold(run.case.opening, run.case.entries)
    assert folded == run.case
    assert isinstance(folded.target_override, TargetOverride)
    assert folded.target_override.budget == timedelta(days=1)


def limits(run: CaseDriver) -> list[tuple[int, str | None]]:
    """Each instance of the resolution clock, and who set its limit."""
    explanations = explain(run.process, run.case, run.now)
    own = [each for each in explanations if each.clock == "resolution"]
    return [(each.instance, each.limit.by if each.limit else None) for each in own]


def test_an_older_instance_says_who_set_its_limit() -> None:
    run = handed(NINE + DAY)
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    run.do(LIU, ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", {**SOLVED, "solved": False}))
    assert limits(run) == [(1, CHEN.id), (2, None)]
    run.do(LIU, limit(run.now + 2 * HOUR))
    assert limits(run) == [(1, CHEN.id), (2, LIU.id)]
    first = explain(run.process, run.case, run.now)[0]
    assert first.limit is not None
    assert first.limit.entry == 4


def test_a_case_that_came_of_another_has_its_limit() -> None:
    """I3 with a limit: due at the same moment, as the parent's holder was told."""
    parent = CaseDriver("inquiry", actor=SHOP)
    to_liu: dict[str, Any] = {"assignee": LIU.id, "roles": [*LIU.roles]}
    due = NINE + 9 * HOUR
    parent.do(CHEN, ("accept", {}), ("classify", {"category": "after_sales"}))
    parent.do(CHEN, ("assign", to_liu | {"limit": due.isoformat()}))
    parent.do(LIU, ("convert", {"kind": "complaint"}))
    call = pending_call(parent.process, parent.case)
    assert call is not None
    child = CaseDriver(limit=call.params["limit"], parent="ZX1")
    assert child.case.clocks["resolution"].due == due
    explanation = resolution(child)
    assert explanation.limit is not None
    assert (explanation.limit.by, explanation.limit.of, explanation.limit.entry) == (
        CHEN.id,
        "ZX1",
        1,
    )
    assert explanation.policy_due_at == NINE + 2 * DAY
    assert child.process.fold(child.case.opening, child.case.entries) == child.case
    assert opening_of(child.case.entries[0]) == child.case.opening
    child.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    child.refuse(LimitTooLong, LIU, limit(due + HOUR, "more time"))


def test_without_a_limit_there_is_none_to_take_over() -> None:
    parent = CaseDriver("inquiry", actor=SHOP)
    parent.do(LIU, ("accept", {}), ("classify", {"category": "after_sales"}), ("claim", {}))
    parent.do(LIU, ("convert", {"kind": "complaint"}))
    call = pending_call(parent.process, parent.case)
    assert call is not None
    assert "limit" not in call.params
    assert "limit" not in parent.case.entries[0].form
