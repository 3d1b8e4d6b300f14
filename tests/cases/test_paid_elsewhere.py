"""Several returns of one order: together they pay back what the goods cost, and no more."""

from typing import Any

import pytest

from cases import money_of
from cases.common.errors import PaidElsewhere
from cases.returns.elsewhere import refuse_paid_elsewhere
from cases.returns.errors import RefundTooHigh
from cases.returns.forms import Inspection, Review
from domain.engine.messages import Imported
from domain.language.goods import Goods
from domain.language.roles import Actor, the_world
from domain.language.values import Money
from tests.domain.case_driver import NINE, CaseDriver
from tests.domain.return_case import APPROVED, HE
from tests.support.cases import LIU, SHOP, ZHAO

GOOD = {"grade": "A", "passed": True}
WHY = {"override_reason": "as agreed with the customer"}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def another(order: str = "A-1", **opening: Any) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", order=order, **opening)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    run.do(LIU, ("review", {**APPROVED, "paid": yuan("299.00")}))
    run.do(HE, ("receive", {}))
    return run


@pytest.mark.parametrize("asked_for", ["being paid", "paid"])
def test_of_two_returns_of_one_order_the_second_pays_what_is_left(asked_for: str) -> None:
    first, second = another(), another()
    less = Inspection.strict({**GOOD, "amount": yuan("200.00"), "finding": "worn"})
    first.do(HE, ("inspect", less.canonical()))
    if asked_for == "paid":
        first.do(the_world("refund"), ("refunded", {"reference": "r"}))
    others = [(first.process, first.case)]

    def ask(amount: str, actor: Actor, **more: Any) -> None:
        form = Inspection.strict({**GOOD, "amount": yuan(amount), **more})
        refuse_paid_elsewhere(second.process, second.case, actor, form, "refunding", others)

    with pytest.raises(PaidElsewhere) as refused:
        ask("99.01", HE)
    assert refused.value.params["cases"] == [first.case.opening.number]
    ask("99.00", HE)
    with pytest.raises(PaidElsewhere):
        ask("99.01", HE, **WHY)
    ask("99.01", ZHAO, **WHY)
    review = Review.strict({**APPROVED, "amount": yuan("299.00"), "paid": yuan("9999.00")})
    with pytest.raises(PaidElsewhere):
        refuse_paid_elsewhere(second.process, second.case, LIU, review, "awaiting_goods", others)


def test_what_a_line_was_paid_for_counts_in_a_return_that_names_none() -> None:
    line = Goods(
        line="1", product="P-1", quantity=1, ordered=2, unit_price=Money.stored(yuan("400.00"))
    )
    first, second = another(goods=(line,)), another()
    first.do(HE, ("inspect", GOOD))
    others = [(first.process, first.case)]
    form = Inspection.strict(GOOD)
    with pytest.raises(PaidElsewhere) as refused:
        refuse_paid_elsewhere(second.process, second.case, HE, form, "refunding", others)
    assert refused.value.params["cases"] == [first.case.opening.number]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        *((None, None, True), ("a", None, True), ("a", "a", True), ("a", "b", False)),
        *(("K-1", "k-1", True), ("K-1", "\uff2b\uff0d\uff11", True), ("K-1", "k-2", False)),
        ("STRASSE-1", "straße-1", True),
    ],
)
def test_only_other_goods_of_the_order_are_other_goods(
    one: str | None, other: str | None, same: bool
) -> None:
    first, second = another(product=one), another(product=other)
    first.do(HE, ("inspect", GOOD))
    form, others = Inspection.strict(GOOD), [(first.process, first.case)]
    if same:
        with pytest.raises(PaidElsewhere):
            refuse_paid_elsewhere(second.process, second.case, HE, form, "refunding", others)
    else:
        refuse_paid_elsewhere(second.process, second.case, HE, form, "refunding", others)


def taken_over(kind: str, state: str, **more: Any) -> CaseDriver:
    """A case of the same order, of which another system paid 250.00 back."""
    paid = {"state": state, "paid_back": yuan("250.00"), **more}
    imported = Imported.model_validate(paid)
    return CaseDriver(kind, actor=SHOP, customer="customer-1", order="A-1", imported=imported)


@pytest.mark.parametrize(("kind", "state"), [("returns", "closed"), ("complaint", "closed")])
def test_what_another_system_paid_back_counts_for_the_order(kind: str, state: str) -> None:
    old, new = taken_over(kind, state, closed_at=NINE), another()
    others = [(old.process, old.case)]
    assert [*old.process.refunds(old.process, old.case)] == [Money.stored(yuan("250.00"))]

    def ask(amount: str) -> None:
        form = Inspection.strict({**GOOD, "amount": yuan(amount), "finding": "worn"})
        refuse_paid_elsewhere(new.process, new.case, HE, form, "refunding", others)

    with pytest.raises(PaidElsewhere) as refused:
        ask("49.01")
    assert refused.value.params["paid"] == "250.00"
    ask("49.00")


def test_what_another_system_paid_back_counts_for_the_case_itself() -> None:
    run = taken_over("returns", "reviewing", classification={"category": "personal"})
    review = {**APPROVED, "paid": yuan("299.00")}
    run.do(LIU, ("claim", {}))
    high = {**review, "amount": yuan("49.01"), "reason": "the rest"}
    assert run.refuse(RefundTooHigh, LIU, ("review", high)).params["paid"] == "250.00"
    run.do(LIU, ("review", {**high, "amount": yuan("49.00")}))
    lines = [(line.event.value, line.money) for line in money_of(run.process, run.case)]
    assert lines[0] == ("brought_along", Money.stored(yuan("250.00")))
