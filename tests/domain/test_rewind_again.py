"""Taking a case back when something is under way, was taken back before, or was done by hand."""

from datetime import timedelta

import pytest

from domain.engine.case import Case
from domain.engine.process import Process
from domain.engine.rewind.compensation import irreversible_effects
from domain.errors import (
    CaseOver,
    NoClockRuns,
    NothingToRewind,
    StepJustDone,
    StepNotAllowed,
    Uncompensated,
)
from domain.language.clocks import ClockState
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from domain.read_models.rewind_plan import plan_rewind
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, CaseDriver
from tests.domain.return_case import (
    APPROVED,
    HE,
    YUAN,
    listed_effects,
    return_received,
    return_refunded,
    reverse_pending,
    rewind_to,
)
from tests.support.cases import FINDING, LIU, OFFER, SHOP, SOLVED, ZHAO, request


def test_while_the_world_is_asked_nothing_is_taken_back() -> None:
    """Its answer would come to a case that has forgotten the question: money paid twice."""
    run, review = return_received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    assert run.case.state == "refunding"
    run.refuse(NothingToRewind, ZHAO, rewind_to(run, review))


def test_a_case_does_not_end_while_a_compensation_is_under_way() -> None:
    run, review = return_refunded()
    run.do(ZHAO, rewind_to(run, review, refund="reverse"), ("withdraw", {"reason": "x"}))
    assert run.process.state_of(run.case).closed
    assert run.process.steps_end_at(run.case) is None
    reverse_pending(run)
    # Goods of a withdrawn return are taken in for a week.
    assert run.case.since is not None
    assert run.process.steps_end_at(run.case) == run.case.since + 7 * DAY


def test_the_money_is_what_is_decided_anew_not_what_was_taken_back() -> None:
    run, _ = return_received()
    inspecting = run.case.last.seq
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    amount = {"amount": {"amount": "99.00", "currency": "CNY"}}
    run.do(LIU, ("refund", {**amount, "deduction_reason": "A scratch."}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, inspecting, refund="reverse"))
    reverse_pending(run)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    call = pending_call(run.process, run.case)
    assert call is not None
    assert call.params == YUAN


def test_going_back_to_where_money_was_paid_asks_what_becomes_of_its_return() -> None:
    run, review = return_refunded()
    following_up = run.case.last.seq
    run.do(ZHAO, rewind_to(run, review, refund="reverse"))
    reverse_pending(run)
    assert ("refund", "refund_reversal", False) in listed_effects(run, following_up)
    run.refuse(Uncompensated, ZHAO, rewind_to(run, following_up, refund_reversal="reverse"))
    assert listed_effects(run, review) == []


def test_what_people_did_by_hand_is_in_the_plan() -> None:
    run, review = return_received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("settle_by_hand", {"reference": "cash"}))
    run.tell_customer()
    assert ("by_hand", "settle_by_hand", False) in listed_effects(run, review)


def test_as_then_counts_with_the_pauses_since_and_breaches_nothing_twice() -> None:
    run, review = return_received()
    run.pass_time(60 * HOUR)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    before = run.case.clocks["resolution"]
    assert before.state is ClockState.MET_LATE
    run.do(ZHAO, rewind_to(run, review, "as_then"))
    again = run.case.clocks["resolution"]
    assert (again.state, again.pauses) == (ClockState.BREACHED, before.pauses)
    run.pass_time(DAY)
    run.process.settle(run.case, run.now)
    breaches = [e for e in run.case.entries if e.form.get("breach")]
    assert [e.form["clock"] for e in breaches].count("resolution") == 1


def test_a_clock_stands_still_where_the_case_waits_for_the_customer() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    proposed = run.case.last.seq
    run.pass_time(49 * HOUR)
    run.process.settle(run.case, run.now)
    run.do(ZHAO, rewind_to(run, proposed, "restart"))
    assert run.case.state == "proposed"
    assert run.case.clocks["resolution"].state is ClockState.PAUSED


def test_the_same_rewind_at_once_is_done_once() -> None:
    run, review = return_refunded()
    asked = rewind_to(run, review)
    run.do(ZHAO, asked)
    run.now -= timedelta(minutes=1)
    again = ("rewind", {**asked[1], "compensations": []})
    assert irreversible_effects(run.process, run.case, review) == []
    run.do(ZHAO, again)
    run.now -= timedelta(minutes=1)
    run.refuse(StepJustDone, ZHAO, again)


def worked(run: CaseDriver) -> None:
    """A complaint from its investigation to its follow-up."""
    run.do(LIU, ("propose", OFFER), ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()


def test_as_then_counts_from_then_also_after_a_reopening() -> None:
    """The promise of then, not the newer one of the reopening, with the pauses of both."""
    run = CaseDriver(actor=SHOP)
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    claimed = run.case.last.seq
    run.do(LIU, ("investigate", FINDING))
    worked(run)
    run.do(LIU, ("follow_up", {**SOLVED, "solved": False}))
    run.do(LIU, ("propose", OFFER))
    since = run.now
    run.pass_time(5 * HOUR)
    run.do(SHOP, ("reject_solution", {"offer": run.case.entered}))
    assert run.case.clocks["resolution"].number == 2
    run.do(ZHAO, rewind_to(run, claimed, "as_then"))
    instance = run.case.clocks["resolution"]
    assert (instance.number, instance.started_at) == (3, run.case.opening.received_at)
    assert instance.pauses[-1] == (since, since + 5 * HOUR + timedelta(minutes=1))
    verdicts = [(r.number, r.state.value) for r in run.case.past if r.clock.name == "resolution"]
    assert verdicts == [(1, "met"), (2, "cancelled")]


def closed() -> tuple[CaseDriver, int]:
    """A complaint that is solved and closed; the entry after which it was to be investigated."""
    run = CaseDriver(actor=SHOP)
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    claimed = run.case.last.seq
    run.do(LIU, ("investigate", FINDING))
    worked(run)
    run.do(LIU, ("follow_up", SOLVED))
    return run, claimed


def test_from_a_closed_case_clocks_do_not_go_on_where_none_runs() -> None:
    run, claimed = closed()
    refused = run.refuse(NoClockRuns, ZHAO, rewind_to(run, claimed, "go_on"))
    assert "choose restart" in str(refused)
    run.do(ZHAO, rewind_to(run, claimed, "restart"))
    instance = run.case.clocks["resolution"]
    assert (instance.state, instance.started_at) == (ClockState.RUNNING, run.now)


def test_where_the_state_starts_its_clocks_they_may_go_on() -> None:
    run, claimed = closed()
    investigated = claimed + 1
    assert run.case.entries[investigated - 1].led_to == "proposing"
    run.do(ZHAO, rewind_to(run, investigated, "go_on"))
    assert run.case.clocks["resolution"].state is ClockState.RUNNING


def test_a_history_of_before_is_taken_as_it_was() -> None:
    """What an older table let through is history: replaying it must not refuse it."""
    run, claimed = closed()
    submitted = request("old", rewind_to(run, claimed, "go_on"), actor=ZHAO)
    run.process.apply_request(run.case, submitted, run.now)
    assert run.case.state == "investigating"


def test_the_plan_says_what_would_run_and_what_is_refused() -> None:
    run, claimed = closed()
    plan = plan_rewind(run.process, run.case, claimed, ZHAO, run.now)
    assert (plan.refused, plan.restored.state) == (None, "investigating")
    found = {each.clocks.value: each for each in plan.choices}
    assert isinstance(found["go_on"].refused, NoClockRuns)
    restarted = {r.clock.name: r.due for r in found["restart"].running}
    assert restarted["resolution"] == run.now + 2 * DAY
    as_then = {r.clock.name: r.started_at for r in found["as_then"].running}
    assert as_then["resolution"] == run.case.opening.received_at


def test_the_plan_says_what_hinders_as_the_act_does() -> None:
    run, claimed = closed()
    for actor, why in ((LIU, StepNotAllowed), (SHOP, StepNotAllowed)):
        assert isinstance(plan_rewind(run.process, run.case, claimed, actor, run.now).refused, why)
    told = next(e.seq for e in run.case.entries if e.led_to == "telling")
    waiting = plan_rewind(run.process, run.case, told, ZHAO, run.now).refused
    assert isinstance(waiting, NothingToRewind)
    with pytest.raises(NothingToRewind):
        plan_rewind(run.process, run.case, run.case.last.seq, ZHAO, run.now)
    over = run.now + 8 * DAY
    assert isinstance(plan_rewind(run.process, run.case, claimed, ZHAO, over).refused, CaseOver)


def test_a_case_that_is_taken_back_again_and_again_is_still_quick_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each rewind asks of the past before it; asked anew each time, that doubles with every one."""
    run, review = return_refunded()
    for _ in range(12):
        run.do(ZHAO, rewind_to(run, review))
        run.do(LIU, ("review", {**APPROVED, "ruling": "refused", "amount": None, "reason": "no"}))
        run.tell_customer()
    folds: list[int] = []
    as_of = Process.as_of

    def counted(self: Process, case: Case, seq: int) -> Case:
        folds.append(seq)
        return as_of(self, case, seq)

    monkeypatch.setattr(Process, "as_of", counted)
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    assert len(folds) == len(set(folds)) <= len(run.case.entries)


def test_what_stood_at_an_entry_stands_again_when_the_case_goes_back_to_it() -> None:
    """Taken back to before the review, then to after it: the amount that it decided counts."""
    run, review = return_received()
    inspecting = run.case.last.seq
    run.do(ZHAO, rewind_to(run, review))
    run.do(ZHAO, rewind_to(run, inspecting))
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    call = pending_call(run.process, run.case)
    assert call is not None
    assert call.params == YUAN
