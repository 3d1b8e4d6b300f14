"""What a return of version 2 pays back in sum: over reopenings and rewinds no more than it cost."""

from typing import Any

import pytest

from cases.returns.errors import RefundTooHigh
from cases.returns.money_v2 import refunds
from domain.engine.messages import Outcome
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from tests.domain.case_driver import CaseDriver
from tests.domain.return_case import (
    HE,
    UNPRICED,
    return_received,
    return_refunded,
    reverse_pending,
    rewind_to,
)
from tests.support.cases import LIU, SHOP, ZHAO, request

BEFORE_UNITS = 2
NOT_SOLVED = ("confirm", {"solved": False})
GOOD = {"grade": "A", "passed": True}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def approved(amount: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "review", {**UNPRICED, "amount": yuan(amount), **more}


def again() -> CaseDriver:
    """A return of which 299 yuan were paid back, and the customer says that it is not solved."""
    run, _ = return_refunded(BEFORE_UNITS)
    run.do(SHOP, NOT_SOLVED)
    assert run.case.state == "reviewing"
    return run


def paid(run: CaseDriver) -> None:
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-8"}))
    run.tell_customer()


def total(run: CaseDriver) -> list[str]:
    return [str(money.amount) for _, money in refunds(run.process, run.case)]


def test_a_second_full_refund_is_refused_and_says_what_was_paid() -> None:
    run = again()
    refused = run.refuse(RefundTooHigh, LIU, approved("299.00"))
    assert (refused.params["paid"], refused.params["worth"]) == ("299.00", "299.00 CNY")
    assert "override_reason" in str(refused)
    run.refuse(RefundTooHigh, LIU, approved("0.01"))


def test_what_is_left_of_the_price_may_be_paid() -> None:
    run = again()
    run.refuse(RefundTooHigh, LIU, approved("100.00", paid=yuan("399.00")))
    why = "the invoice says so"
    run.do(ZHAO, approved("100.00", paid=yuan("399.00"), override_reason=why))
    paid(run)
    assert total(run) == ["299.00", "100.00"]
    run.do(SHOP, NOT_SOLVED)
    run.refuse(RefundTooHigh, LIU, approved("0.01"))


def test_the_first_refund_is_held_against_the_price_as_well() -> None:
    run = CaseDriver("returns", version=BEFORE_UNITS, actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    run.refuse(RefundTooHigh, LIU, approved("300.00", paid=yuan("299.00")))
    run.refuse(RefundTooHigh, LIU, approved("10.00", paid={"amount": "299", "currency": "USD"}))
    run.do(LIU, approved("299.00", paid=yuan("299.00")))
    run.do(HE, ("receive", {}))
    run.refuse(RefundTooHigh, HE, ("inspect", {**GOOD, "amount": yuan("299.01")}))
    run.do(HE, ("inspect", GOOD))


def test_without_a_price_the_first_refund_is_held_against_the_review() -> None:
    run = CaseDriver("returns", version=BEFORE_UNITS, actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    run.do(LIU, approved("100.00"))
    run.do(HE, ("receive", {}))
    inspecting = run.case.last.seq
    much = {**GOOD, "amount": yuan("99999.00")}
    refused = run.refuse(RefundTooHigh, HE, ("inspect", much))
    assert (refused.params["worth"], refused.params["why"]) == ("100.00 CNY", "approved")
    run.refuse(RefundTooHigh, HE, ("inspect", {**much, "override_reason": "she waited long"}))
    run.do(HE, ("inspect", {**GOOD, "amount": yuan("80.00")}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.refuse(RefundTooHigh, LIU, ("refund", {"amount": yuan("100.01")}))
    run.do(LIU, ("refund", {"amount": yuan("100.00")}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, inspecting))
    run.refuse(RefundTooHigh, HE, ("inspect", {**GOOD, "amount": yuan("0.01")}))


@pytest.mark.parametrize("taken_back", ["review", "inspection"])
def test_what_a_manager_paid_beyond_was_not_approved_by_a_review(taken_back: str) -> None:
    run, review = return_received(BEFORE_UNITS)
    inspecting = run.case.last.seq
    form = {**GOOD, "amount": yuan("500.00"), "beyond": "she waited long"}
    run.process.apply_request(run.case, request("old", ("inspect", form), actor=ZHAO), run.now)
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, review if taken_back == "review" else inspecting))
    again = (LIU, approved("1.00")) if taken_back == "review" else (HE, ("inspect", GOOD))
    refused = run.refuse(RefundTooHigh, *again)
    assert (refused.params["paid"], refused.params["worth"]) == ("500.00", "299.00 CNY")


def test_only_what_the_manager_approved_counts() -> None:
    """Quality without a proof is for a manager, who approves less than the review asked for."""
    run = CaseDriver("returns", version=BEFORE_UNITS, actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "quality"}), ("claim", {}))
    run.do(LIU, approved("500.00", ground="quality"))
    assert run.case.state == "exception"
    run.do(ZHAO, ("decide", approved("300.00", ground="quality")[1]))
    run.do(HE, ("receive", {}))
    run.refuse(RefundTooHigh, HE, ("inspect", {**GOOD, "amount": yuan("300.01")}))
    run.do(HE, ("inspect", GOOD))


def test_a_refund_stays_within_the_newest_review() -> None:
    run, _ = return_received(BEFORE_UNITS)
    run.do(HE, ("inspect", {**GOOD, "amount": yuan("200.00")}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    run.do(SHOP, NOT_SOLVED)
    run.do(LIU, approved("50.00"))
    run.do(HE, ("receive", {}))
    run.refuse(RefundTooHigh, HE, ("inspect", {**GOOD, "amount": yuan("50.01")}))
    run.do(HE, ("inspect", GOOD))


def test_instead_of_an_exchange_the_order_says_how_much() -> None:
    run = CaseDriver("returns", version=BEFORE_UNITS, actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    run.do(LIU, ("review", {**UNPRICED, "ruling": "exchange", "amount": None}))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("replacement"), ("replacement_refused", {"reason": "sold_out"}))
    run.refuse(RefundTooHigh, LIU, ("refund", {"amount": yuan("299.00")}))
    why = {"override_reason": "sold out, so the money back"}
    run.do(ZHAO, ("refund", {"amount": yuan("299.00"), **why}))
    assert run.case.state == "refunding"


def test_more_is_for_a_manager_who_says_why() -> None:
    run = again()
    run.refuse(RefundTooHigh, LIU, approved("50.00", override_reason="she waited long"))
    run.refuse(RefundTooHigh, ZHAO, approved("50.00", override_reason="  "))
    run.do(ZHAO, approved("50.00", override_reason="she waited long"))
    paid(run)
    assert total(run) == ["299.00", "50.00"]


def test_an_override_is_used_up_by_what_it_paid() -> None:
    run = again()
    run.do(ZHAO, approved("50.00", override_reason="she waited long"))
    run.do(HE, ("receive", {}))
    inspecting = run.case.last.seq
    run.do(HE, ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-8"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, inspecting))
    run.refuse(RefundTooHigh, HE, ("inspect", GOOD))


@pytest.mark.parametrize(
    ("how", "left"), [("reverse", []), ("by_hand", []), ("accept", ["299.00"])]
)
def test_what_a_rewind_took_back_does_not_count(how: str, left: list[str]) -> None:
    run, review = return_refunded(BEFORE_UNITS)
    run.do(ZHAO, rewind_to(run, review, refund=how))
    if how == "reverse":
        assert total(run) == ["299.00"], "not before the world has answered"
        reverse_pending(run)
    assert total(run) == left
    if left:
        run.refuse(RefundTooHigh, LIU, approved("299.00"))
    else:
        run.do(LIU, approved("299.00"))
        paid(run)
        assert total(run) == ["299.00"]


def test_money_that_the_world_would_not_take_back_counts() -> None:
    run, review = return_refunded(BEFORE_UNITS)
    run.do(ZHAO, rewind_to(run, review, refund="reverse"))
    call = pending_call(run.process, run.case)
    assert call is not None
    no = Outcome(step=call.refused, form={"reason": "account_closed"})
    run.process.apply_outcome(run.case, call, no, run.now)
    assert total(run) == ["299.00"]


def test_going_back_to_before_the_inspection_pays_nothing_twice() -> None:
    run, _ = return_received(BEFORE_UNITS)
    inspecting = run.case.last.seq
    run.do(HE, ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, inspecting))
    run.refuse(RefundTooHigh, HE, ("inspect", GOOD))
    run.do(HE, ("inspect", {"grade": "C", "passed": False, "finding": "worn"}))


@pytest.mark.parametrize(("said", "left"), [({}, "299.00"), ({"amount": yuan("200.00")}, "200.00")])
def test_what_was_paid_by_hand_counts(said: dict[str, Any], left: str) -> None:
    run, _ = return_received(BEFORE_UNITS)
    run.do(HE, ("inspect", GOOD))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("settle_by_hand", {"reference": "cash", **said}))
    assert total(run) == [left]


def test_what_was_paid_again_by_hand_stands_again() -> None:
    """Taken back by a rewind; going back to after the payment, people paid it once more."""
    run, review = return_refunded(BEFORE_UNITS)
    following_up = run.case.last.seq
    run.do(ZHAO, rewind_to(run, review, refund="reverse"))
    reverse_pending(run)
    run.do(ZHAO, rewind_to(run, following_up, refund_reversal="by_hand"))
    assert total(run) == ["299.00"]


def test_a_history_of_before_is_taken_as_it_was() -> None:
    run = again()
    submitted = request("old", approved("299.00"), actor=LIU)
    run.process.apply_request(run.case, submitted, run.now)
    assert run.case.state == "awaiting_goods"


def test_fields_that_say_nothing_leave_old_entries_as_they_were() -> None:
    run, _ = return_received(BEFORE_UNITS)
    review = next(e for e in run.case.entries if e.step == "review")
    assert not {"paid", "beyond"} & set(review.form)
