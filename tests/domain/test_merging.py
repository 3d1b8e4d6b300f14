"""Two cases about the same: one is merged into the other, and can be what it was again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.common.clocks import RESOLUTION
from domain.engine.case import Case
from domain.engine.merge_checks import merge_call
from domain.engine.merge_errors import CannotMerge, MergedInto
from domain.engine.merged import JOIN, MERGE, MERGE_REFUSED, MOST_JOINED, PART, UNMERGE
from domain.engine.messages import Outcome
from domain.errors import StepNotAllowed, TaskTaken
from domain.language.clocks import ClockState
from domain.language.effects import notify
from domain.language.entries import EntryType
from domain.language.roles import the_router
from domain.read_models.explain import explain
from domain.read_models.projection import case_view, notice_views, pending_call, task_views
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, WANG, ZHANG, ZHAO

OTHER = "TS202603024829107"
INTO = {"into": OTHER, "reason": "the same parcel"}
BACK = {"reason": "two parcels after all"}


@pytest.fixture
def claimed() -> CaseDriver:
    """Return a complaint that is being investigated, by somebody who holds it."""
    driver = CaseDriver(actor=SHOP)
    driver.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    driver.do(LIU, ("claim", {}))
    return driver


def answer(driver: CaseDriver, step: str | None = None, **form: Any) -> None:
    """Let the other case answer; without a step it does what it is asked."""
    call = pending_call(driver.process, driver.case)
    assert call is not None
    outcome = Outcome(step=step or call.done, form=form)
    driver.process.apply_outcome(driver.case, call, outcome, driver.now)


def merge(driver: CaseDriver) -> None:
    driver.do(LIU, (MERGE, INTO))
    answer(driver)


def due(driver: CaseDriver) -> datetime | None:
    return driver.case.clocks[RESOLUTION.name].due


def fold_again(driver: CaseDriver) -> Case:
    return driver.process.fold(driver.case.opening, driver.case.entries)


def test_the_other_case_is_asked_once_and_until_then_nothing_moves(claimed: CaseDriver) -> None:
    state = claimed.case.state
    claimed.do(LIU, (MERGE, INTO))
    call = merge_call(claimed.case)
    assert call is not None
    assert (call.port, call.template) == ("merge", JOIN)
    assert call.params == {"into": OTHER, "by": LIU.id}
    assert claimed.case.state == state
    assert claimed.case.merged_into is None
    refusal = claimed.refuse(MergedInto, LIU, ("investigate", FINDING))
    assert refusal.params == {"into": OTHER, "why": "asked"}
    claimed.pass_time(60 * DAY)
    assert claimed.process.next_timer(claimed.case) is None
    claimed.process.settle(claimed.case, claimed.now)
    assert claimed.case.last.type is EntryType.MERGE_ASKED, "nor does time do anything"
    assert fold_again(claimed) == claimed.case


def test_a_merged_case_comes_to_an_end_of_its_own(claimed: CaseDriver) -> None:
    due_at = claimed.now + DAY
    request = {"team": "quality", "question": "Is it known?", "due_at": due_at.isoformat()}
    claimed.do(LIU, ("ask_assistance", request))
    merge(claimed)
    view = case_view(claimed.process, claimed.case)
    assert (view.state, view.stage, view.outcome) == ("merged", "close", "merged")
    assert (view.waits_on, view.closed_at) == ("nobody", claimed.now)
    assert claimed.case.merged_into == OTHER
    merged = next(e for e in claimed.case.entries if e.type is EntryType.MERGED)
    assert (merged.actor, merged.form) == (LIU, {"into": OTHER})
    open_clocks = [each for each in claimed.case.clocks.values() if each.open]
    assert not open_clocks
    assert claimed.case.clocks[RESOLUTION.name].state is ClockState.CANCELLED
    assert all(task.done_at for task in task_views(claimed.process, claimed.case, 0))
    assert claimed.case.last.type is EntryType.REQUEST_LAPSED
    [notice] = notice_views(claimed.process, claimed.case, merged)
    assert (notice.template, notice.to, notice.params) == ("merged", "customer", {"into": OTHER})
    assert fold_again(claimed) == claimed.case


def test_the_case_is_as_it_was_if_the_other_one_refuses(claimed: CaseDriver) -> None:
    before = claimed.case.copy()
    claimed.do(LIU, (MERGE, INTO))
    answer(claimed, MERGE_REFUSED, reason="target_closed")
    assert claimed.case.last.form == {"reason": "target_closed", "into": OTHER}
    assert (claimed.case.state, claimed.case.holder) == (before.state, before.holder)
    assert (claimed.case.clocks, claimed.case.etag) == (before.clocks, before.etag)
    claimed.do(LIU, ("investigate", FINDING))
    assert fold_again(claimed) == claimed.case


def test_undone_it_is_where_it_was_and_its_promises_are_the_same(claimed: CaseDriver) -> None:
    state, holder, promised = claimed.case.state, claimed.case.holder, due(claimed)
    merge(claimed)
    claimed.pass_time(5 * HOUR)
    claimed.do(LIU, (UNMERGE, BACK))
    call = merge_call(claimed.case)
    assert call is not None
    assert call.template == PART
    assert claimed.case.state == "merged", "until the other case has answered"
    answer(claimed)
    case = claimed.case
    assert (case.state, case.merge, case.merged_into) == (state, None, None)
    assert holder is not None
    assert case.holder is not None
    assert (case.holder.id, case.holder.roles) == (holder.id, holder.roles)
    assert due(claimed) == promised
    assert case.clocks[RESOLUTION.name].state is ClockState.RUNNING
    # What it does anew on its way is not done again: "received" is not told twice.
    assert claimed.process.effects(case, case.last) == [notify("unmerged")]
    [task] = [each for each in task_views(claimed.process, case, 0) if each.done_at is None]
    assert (task.seq, task.assignee) == (case.last.seq, LIU.id)
    claimed.do(LIU, ("investigate", FINDING))
    assert fold_again(claimed) == case


def test_what_was_due_meanwhile_is_due_at_once_after_it_was_undone(claimed: CaseDriver) -> None:
    promised = due(claimed)
    assert promised is not None
    merge(claimed)
    claimed.pass_time(20 * DAY)
    claimed.do(LIU, (UNMERGE, BACK))
    answer(claimed)
    claimed.process.settle(claimed.case, claimed.now)
    assert claimed.case.clocks[RESOLUTION.name].breached_at == promised


def test_whoever_merged_it_or_a_lead_undoes_it_for_thirty_days(claimed: CaseDriver) -> None:
    merge(claimed)
    claimed.refuse(StepNotAllowed, ZHANG, (UNMERGE, BACK))
    claimed.refuse(StepNotAllowed, SHOP, (UNMERGE, BACK))
    until = claimed.process.steps_end_at(claimed.case)
    assert until == claimed.now - timedelta(minutes=2) + 30 * DAY
    claimed.now = until - timedelta(minutes=1)
    refusal = claimed.refuse(CannotMerge, WANG, (UNMERGE, BACK))
    assert refusal.params["why"] == "late"
    claimed.now = until - timedelta(minutes=3)
    claimed.do(WANG, (UNMERGE, BACK))
    assert claimed.process.steps_end_at(claimed.case) is None, "its workflow waits for the answer"
    claimed.refuse(MergedInto, WANG, (UNMERGE, BACK))
    answer(claimed)
    refusal = claimed.refuse(CannotMerge, WANG, (UNMERGE, BACK))
    assert refusal.params["why"] == "not_merged"


def test_what_cannot_be_merged(claimed: CaseDriver) -> None:
    def why(**form: Any) -> Any:
        return claimed.refuse(CannotMerge, LIU, (MERGE, {**INTO, **form})).params["why"]

    assert why(into=claimed.case.opening.number) == "itself"
    assert why(into="WX202603024829107") == "kind"
    claimed.refuse(TaskTaken, ZHANG, (MERGE, INTO))
    claimed.refuse(StepNotAllowed, SHOP, (MERGE, INTO))
    claimed.do(the_router(LIU.id), (JOIN, {"number": OTHER}))
    assert why(into="TS202603024829999") == "joined", "there are no chains"
    claimed.do(the_router(LIU.id), (PART, {"number": OTHER}))
    claimed.do(LIU, (MERGE, INTO))


def test_a_case_that_does_something_in_the_world_is_not_merged(claimed: CaseDriver) -> None:
    claimed.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    offer = claimed.case.last.seq
    claimed.do(LIU, ("accept_solution", {"offer": offer}))
    claimed.do(LIU, ("carry_out", {"done": "Apologised."}))
    assert pending_call(claimed.process, claimed.case), "the customer is being told"
    assert claimed.refuse(CannotMerge, WANG, (MERGE, INTO)).params["why"] == "effects"
    claimed.tell_customer()
    claimed.do(WANG, ("follow_up", SOLVED))
    assert claimed.refuse(CannotMerge, WANG, (MERGE, INTO)).params["why"] == "closed"


def test_units_of_an_order_are_always_in_a_case() -> None:
    goods = [{"line": "1", "product": "HS-1", "quantity": 1}]
    form = {"words": "Too big.", "wants": "refund", "grounds": "no_reason"}
    driver = CaseDriver("returns", actor=CHEN, order="A1", goods=goods, form=form)
    assert driver.refuse(CannotMerge, WANG, (MERGE, INTO)).params["why"] == "units"


def test_the_case_that_goes_on_is_asked_by_cases_alone(claimed: CaseDriver) -> None:
    before = claimed.case.copy()
    claimed.refuse(StepNotAllowed, WANG, (JOIN, {"number": OTHER}))
    claimed.refuse(StepNotAllowed, SHOP, (PART, {"number": OTHER}))
    claimed.do(the_router(LIU.id), (JOIN, {"number": OTHER}))
    assert claimed.case.joined == (OTHER,)
    assert (claimed.case.state, claimed.case.etag) == (before.state, before.etag)
    assert claimed.case.clocks == before.clocks, "its promises are its own"
    refusal = claimed.refuse(CannotMerge, the_router(), (JOIN, {"number": OTHER}))
    assert refusal.params["why"] == "itself"
    for n in range(MOST_JOINED - 1):
        claimed.do(the_router(), (JOIN, {"number": f"TS{n}"}))
    refusal = claimed.refuse(CannotMerge, the_router(), (JOIN, {"number": "TS-last"}))
    assert refusal.params["why"] == "too_many"
    claimed.do(the_router(), (PART, {"number": OTHER}))
    assert OTHER not in claimed.case.joined
    assert fold_again(claimed) == claimed.case


def test_two_cases_are_not_merged_into_each_other(claimed: CaseDriver) -> None:
    claimed.do(LIU, (MERGE, INTO))
    refusal = claimed.refuse(MergedInto, the_router(), (JOIN, {"number": OTHER}))
    assert refusal.params["why"] == "asked"


def promised_before(driver: CaseDriver, by: timedelta, number: str = OTHER) -> datetime:
    """Join a case whose resolution was promised so much earlier; return when that is due."""
    own = due(driver)
    assert own is not None
    earlier = own - by
    driver.do(the_router(LIU.id), (JOIN, {"number": number, "due": earlier.isoformat()}))
    return earlier


def test_what_was_promised_first_holds_for_the_case_that_goes_on(claimed: CaseDriver) -> None:
    own = due(claimed)
    promised = promised_before(claimed, HOUR)
    assert due(claimed) == promised
    [joined, retargeted] = claimed.case.entries[-2:]
    assert joined.form == {"number": OTHER, "due": promised.isoformat().replace("+00:00", "Z")}
    assert retargeted.type is EntryType.RETARGETED
    [why] = [
        each.limit
        for each in explain(claimed.process, claimed.case, claimed.now)
        if each.clock == RESOLUTION.name
    ]
    assert why is not None
    assert (why.of, why.by, why.entry) == (OTHER, LIU.id, joined.seq)
    assert fold_again(claimed) == claimed.case
    claimed.do(the_router(LIU.id), (PART, {"number": OTHER}))
    assert due(claimed) == own, "separated again it has its own promise"
    assert claimed.case.target_override is None
    assert fold_again(claimed) == claimed.case


def test_of_several_promises_the_earliest_holds(claimed: CaseDriver) -> None:
    own = due(claimed)
    late = promised_before(claimed, -HOUR, "TS1")
    assert late > (due(claimed) or late)
    assert due(claimed) == own, "a later promise changes nothing"
    first, second = promised_before(claimed, HOUR, "TS2"), promised_before(claimed, HOUR, "TS3")
    assert due(claimed) == second < first
    claimed.do(the_router(), (PART, {"number": "TS2"}))
    assert due(claimed) == second
    claimed.do(the_router(), (PART, {"number": "TS3"}))
    assert due(claimed) == own, "that of the other one, which is gone, does not come back"
    assert fold_again(claimed) == claimed.case


def test_a_limit_that_a_person_sets_afterwards_holds(claimed: CaseDriver) -> None:
    promised = promised_before(claimed, HOUR)
    limit = {"limit": (promised - HOUR).isoformat(), "reason": "sooner"}
    claimed.do(WANG, ("limit", limit))
    claimed.do(the_router(), (PART, {"number": OTHER}))
    assert due(claimed) == promised - HOUR
    assert fold_again(claimed) == claimed.case


def test_the_case_says_what_it_promised_when_it_asks(claimed: CaseDriver) -> None:
    promised = due(claimed)
    assert promised is not None
    claimed.do(LIU, (MERGE, INTO))
    call = pending_call(claimed.process, claimed.case)
    assert call is not None
    assert call.params == {"into": OTHER, "by": LIU.id, "due": promised.isoformat()}
    answer(claimed)
    claimed.do(LIU, (UNMERGE, BACK))
    back = pending_call(claimed.process, claimed.case)
    assert back is not None
    assert "due" not in back.params


def test_a_promise_that_is_broken_or_paused(claimed: CaseDriver) -> None:
    """What is broken was counted where it was; what waits for the customer keeps what is left."""
    promised = due(claimed)
    assert promised is not None
    claimed.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    assert due(claimed) is None, "it is paused"
    paused_at = claimed.case.last.at
    claimed.pass_time(HOUR)
    claimed.do(WANG, (MERGE, INTO))
    call = pending_call(claimed.process, claimed.case)
    assert call is not None
    later = claimed.case.last.at - paused_at
    assert call.params["due"] == (promised + later).isoformat()


def test_a_broken_promise_is_not_promised_again(claimed: CaseDriver) -> None:
    claimed.pass_time(20 * DAY)
    claimed.process.settle(claimed.case, claimed.now)
    claimed.do(LIU, (MERGE, INTO))
    call = pending_call(claimed.process, claimed.case)
    assert call is not None
    assert "due" not in call.params


def test_what_fell_due_while_the_case_was_asked_is_due_at_once(claimed: CaseDriver) -> None:
    past = claimed.now - HOUR
    claimed.do(the_router(LIU.id), (JOIN, {"number": OTHER, "due": past.isoformat()}))
    joined = claimed.case.entries[-2]
    assert due(claimed) == joined.at
    claimed.process.settle(claimed.case, claimed.now)
    assert claimed.case.clocks[RESOLUTION.name].breached_at == joined.at
    assert fold_again(claimed) == claimed.case


def promised_for_good(driver: CaseDriver, by: timedelta, number: str = OTHER) -> datetime:
    """The same, as a case asks since its promise stays."""
    own = due(driver)
    assert own is not None
    form = {"number": number, "due": (own - by).isoformat(), "stays": True}
    driver.do(the_router(LIU.id), (JOIN, form))
    return own - by


@pytest.mark.parametrize("clocks", ["as_then", "go_on"])
def test_what_another_case_was_promised_outlives_a_rewind(claimed: CaseDriver, clocks: str) -> None:
    own, to = due(claimed), claimed.case.last.seq
    promised = promised_for_good(claimed, HOUR)
    claimed.do(LIU, ("investigate", FINDING))
    back = {"to": to, "reason": "wrong finding", "clocks": clocks}
    for _ in range(2):
        claimed.do(ZHAO, ("rewind", back))
        assert due(claimed) == promised
        assert claimed.case.joined == (OTHER,)
        assert fold_again(claimed) == claimed.case
    claimed.do(the_router(LIU.id), (PART, {"number": OTHER}))
    assert due(claimed) == own, "separated again it has its own promise"
    claimed.do(ZHAO, ("rewind", back))
    assert due(claimed) == own, "that of a case that is gone does not come back"
    assert fold_again(claimed) == claimed.case


def test_of_the_promises_that_outlive_a_rewind_the_earliest_holds(claimed: CaseDriver) -> None:
    to = claimed.case.last.seq
    promised_for_good(claimed, HOUR, "TS1")
    second = promised_for_good(claimed, HOUR, "TS2")
    claimed.do(ZHAO, ("rewind", {"to": to, "reason": "x", "clocks": "as_then"}))
    assert due(claimed) == second


def test_a_promise_from_before_they_stayed_goes_with_the_rewind(claimed: CaseDriver) -> None:
    """Histories of then are replayed as they were."""
    own, to = due(claimed), claimed.case.last.seq
    promised_before(claimed, HOUR)
    claimed.do(ZHAO, ("rewind", {"to": to, "reason": "x", "clocks": "as_then"}))
    assert due(claimed) == own
