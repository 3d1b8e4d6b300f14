"""Taking a case back when something is under way, was taken back before, or was done by hand."""

from datetime import timedelta

from domain.clocks import ClockState
from domain.errors import (
    NothingToRewind,
    StepJustDone,
    Uncompensated,
)
from domain.people import the_world
from domain.rewinding import lasting
from domain.views import errand
from tests.domain.returning import HE, YUAN, back, compensated, listed, received, refunded
from tests.domain.run import DAY, HOUR, PUT_IN, Run
from tests.support.cases import FINDING, LIU, OFFER, SHOP, ZHAO


def test_while_the_world_is_asked_nothing_is_taken_back() -> None:
    """Its answer would come to a case that has forgotten the question: money paid twice."""
    run, review = received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    assert run.case.state == "refunding"
    run.refuse(NothingToRewind, ZHAO, back(run, review))


def test_a_case_does_not_end_while_a_compensation_is_under_way() -> None:
    run, review = refunded()
    run.do(ZHAO, back(run, review, refund="reverse"), ("withdraw", {}))
    assert run.process.here(run.case).closed
    assert run.process.over_at(run.case) is None
    compensated(run)
    assert run.process.over_at(run.case) == run.case.since


def test_the_money_is_what_is_decided_anew_not_what_was_taken_back() -> None:
    run, _ = received()
    inspecting = run.case.last.seq
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("refund", {"amount": {"amount": "9990.00", "currency": "CNY"}}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.told()
    run.do(ZHAO, back(run, inspecting, refund="reverse"))
    compensated(run)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    asked = errand(run.process, run.case)
    assert asked is not None
    assert asked.params == YUAN


def test_going_back_to_where_money_was_paid_asks_what_becomes_of_its_return() -> None:
    run, review = refunded()
    following_up = run.case.last.seq
    run.do(ZHAO, back(run, review, refund="reverse"))
    compensated(run)
    assert ("refund", "refund_reversal", False) in listed(run, following_up)
    run.refuse(Uncompensated, ZHAO, back(run, following_up, refund_reversal="reverse"))
    assert listed(run, review) == []


def test_what_people_did_by_hand_is_in_the_plan() -> None:
    run, review = received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("settle_by_hand", {"reference": "cash"}))
    run.told()
    assert ("by_hand", "settle_by_hand", False) in listed(run, review)


def test_as_then_counts_with_the_pauses_since_and_breaches_nothing_twice() -> None:
    run, review = received()
    run.pass_time(60 * HOUR)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.told()
    before = run.case.clocks["resolution"]
    assert before.state is ClockState.MET_LATE
    run.do(ZHAO, back(run, review, "as_then"))
    again = run.case.clocks["resolution"]
    assert (again.state, again.pauses) == (ClockState.BREACHED, before.pauses)
    run.pass_time(DAY)
    run.process.settle(run.case, run.now)
    breaches = [e for e in run.case.entries if e.form.get("breach")]
    assert [e.form["clock"] for e in breaches].count("resolution") == 1


def test_a_clock_stands_still_where_the_case_waits_for_the_customer() -> None:
    run = Run(actor=SHOP)
    run.do(LIU, *PUT_IN, ("claim", {}), ("investigate", FINDING), ("propose", OFFER))
    proposed = run.case.last.seq
    run.pass_time(49 * HOUR)
    run.process.settle(run.case, run.now)
    run.do(ZHAO, back(run, proposed, "restart"))
    assert run.case.state == "proposed"
    assert run.case.clocks["resolution"].state is ClockState.PAUSED


def test_the_same_rewind_at_once_is_done_once() -> None:
    run, review = refunded()
    asked = back(run, review)
    run.do(ZHAO, asked)
    run.now -= timedelta(minutes=1)
    again = ("rewind", {**asked[1], "compensations": []})
    assert lasting(run.process, run.case, review) == []
    run.do(ZHAO, again)
    run.now -= timedelta(minutes=1)
    run.refuse(StepJustDone, ZHAO, again)
