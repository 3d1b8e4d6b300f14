"""What a customer paid is said once: who says it anew, for more, grants what lies between."""

from typing import Any

import pytest

from cases.common.errors import AboveCeiling, PaidElsewhere
from cases.returns.elsewhere import refuse_paid_elsewhere
from cases.returns.errors import RefundTooHigh
from cases.returns.forms import Review
from domain.language.roles import Actor, the_world
from domain.language.values import Money
from tests.domain.case_driver import HOUR, CaseDriver
from tests.domain.return_case import APPROVED, rewind_to
from tests.support.cases import LIU, SHOP, ZHAO, ZHOU

WHY = {"override_reason": "the receipt says so"}
KEPT = {**APPROVED, "keeps_goods": True}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def returning(**opening: Any) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", **opening)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    return run


def priced(price: str = "299.00") -> CaseDriver:
    """Return a case that is reviewed again, whose price is known."""
    run = returning()
    run.do(LIU, ("review", {**APPROVED, "amount": yuan("100.00"), "paid": yuan(price)}))
    return run


def ask(run: CaseDriver, by: Actor, **form: Any) -> None:
    parsed = Review.strict({**KEPT, "amount": yuan("100.00"), **form})
    run.process.step_check(run.process, run.case, by, parsed, "refunding")


def test_a_price_is_lifted_by_a_manager_within_what_the_manager_may_grant() -> None:
    run = priced()
    for by, more in ((LIU, {}), (LIU, WHY), (ZHAO, {})):
        with pytest.raises(RefundTooHigh):
            ask(run, by, paid=yuan("299.01"), **more)
    ask(run, ZHAO, paid=yuan("1299.00"), **WHY)
    with pytest.raises(AboveCeiling) as refused:
        ask(run, ZHAO, paid=yuan("1299.01"), **WHY)
    assert refused.value.params["amount"] == "1000.01 CNY"
    ask(run, ZHOU, paid=yuan("3299.00"), **WHY)


def test_a_price_in_another_currency_is_more_in_all() -> None:
    with pytest.raises(AboveCeiling):
        ask(priced(), ZHAO, paid={"amount": "1.00", "currency": "USD"}, **WHY)


def test_step_by_step_is_no_way_round() -> None:
    run = returning()
    run.do(LIU, ("review", {**APPROVED, "ground": "other", "paid": yuan("299.00")}))
    assert run.case.state == "exception"
    more = {**KEPT, "paid": yuan("1299.00"), "amount": yuan("100.00"), **WHY}
    run.do(ZHAO, ("claim", {}), ("decide", more))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    ask(run, ZHAO, paid=yuan("1299.00"), **WHY)
    with pytest.raises(AboveCeiling):
        ask(run, ZHAO, paid=yuan("1299.01"), **WHY)
    ask(run, LIU, paid=None, amount=yuan("900.00"))
    ask(run, ZHAO, paid=None, amount=yuan("1199.00"), **WHY)
    with pytest.raises(AboveCeiling):
        ask(run, ZHAO, paid=None, amount=yuan("1199.01"), **WHY)


def test_once_money_was_paid_a_rewind_does_not_let_the_price_be_said_anew() -> None:
    run = returning()
    before = run.case.last.seq
    run.do(LIU, ("review", {**KEPT, "amount": yuan("299.00"), "paid": yuan("299.00")}))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, before))
    with pytest.raises(RefundTooHigh):
        ask(run, LIU, paid=yuan("999.00"))


def test_a_price_that_another_case_says_later_lifts_nothing() -> None:
    first, second, third = (returning(order="A-1", number=f"TH2026030200000{n}") for n in "123")
    for run, price, amount in ((first, "299.00", "200.00"), (second, "9999.00", "50.00")):
        form = {**KEPT, "amount": yuan(amount), "paid": yuan(price)}
        run.do(LIU, ("review", form))
        second.pass_time(HOUR)
    others = [(each.process, each.case) for each in (second, first)]

    def held(amount: str) -> None:
        form = Review.strict({**KEPT, "amount": yuan(amount), "paid": yuan("299.00")})
        refuse_paid_elsewhere(third.process, third.case, LIU, form, "refunding", others)

    held("49.00")
    with pytest.raises(PaidElsewhere) as refused:
        held("49.01")
    assert refused.value.params["worth"] == str(Money.stored(yuan("299.00")))
