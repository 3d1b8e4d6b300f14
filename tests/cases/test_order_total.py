"""Cases that name no line of their order: together they pay back what was paid for all of it."""

from typing import Any

import pytest

from cases.common.errors import PaidElsewhere
from cases.complaint.forms import Solution
from cases.returns.errors import RefundTooHigh
from cases.returns.forms import RefundOrder, Review
from domain.language.goods import Goods
from domain.language.orders import Order
from domain.language.roles import Actor
from domain.language.values import Money
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver
from tests.domain.return_case import APPROVED
from tests.support.cases import CHEN, FINDING, LIU, SHOP, ZHAO


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


TOTAL = Money.stored(yuan("100.00"))
LINE = Goods(line="1", product="P-1", ordered=1, unit_price=Money.stored(yuan("60.00")))
UNPRICED = Goods(line="2", product="P-2", ordered=1)
KEPT = {**APPROVED, "keeps_goods": True}
WHY = {"override_reason": "as agreed with the customer"}


def returning(*goods: Goods, total: Money | None = TOTAL, **opening: Any) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, order="A-1", goods=goods, order_total=total, **opening)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    return run


def paid_back(run: CaseDriver, amount: str, paid: str | None = None) -> CaseDriver:
    form = {**KEPT, "amount": yuan(amount), "paid": yuan(paid) if paid else None}
    run.do(LIU, ("review", form))
    return run


def ask(run: CaseDriver, amount: str, *others: CaseDriver, by: Actor = LIU, **more: Any) -> None:
    """Hold a review against the case and the other ones of its order."""
    stated = None if run.case.opening.goods else yuan("100.00")
    form = Review.strict({**KEPT, "amount": yuan(amount), "paid": stated, **more})
    run.process.step_check(run.process, run.case, by, form, "refunding")
    theirs = [(each.process, each.case) for each in others]
    assert run.process.order_check is not None
    run.process.order_check(run.process, run.case, by, form, "refunding", theirs)


def test_what_was_paid_for_the_order_bounds_what_a_person_says_was_paid() -> None:
    ask(returning(), "100.00")
    with pytest.raises(RefundTooHigh) as refused:
        ask(returning(), "100.00", paid=yuan("100.01"))
    assert refused.value.params["worth"] == "100.00 CNY"
    ask(returning(total=None), "100.01", paid=yuan("100.01"))
    dollars = {"amount": "1.00", "currency": "USD"}
    with pytest.raises(RefundTooHigh):
        ask(returning(), "1.00", paid=dollars)


def test_a_manager_says_why_more_is_paid_and_may_grant_it() -> None:
    more = {"paid": yuan("150.00"), **WHY}
    ask(returning(), "150.00", by=ZHAO, **more)
    run = returning()
    run.do(LIU, ("release", {}))
    run.do(ZHAO, ("claim", {}), ("review", {**KEPT, "amount": yuan("90.00"), **more}))
    form = RefundOrder.strict({"amount": yuan("101.00")})
    with pytest.raises(RefundTooHigh):
        run.process.step_check(run.process, run.case, LIU, form, "refunding")


@pytest.mark.parametrize("product", [None, "P-1", "P-9"])
def test_cases_without_lines_pay_the_order_once(product: str | None) -> None:
    """Whatever product they name: what is paid is the order's."""
    first = paid_back(returning(product=product), "70.00", "100.00")
    ask(returning(), "30.00", first)
    with pytest.raises(PaidElsewhere) as refused:
        ask(returning(), "30.01", first)
    assert refused.value.params["cases"] == [first.case.opening.number]
    assert refused.value.params["worth"] == "100.00 CNY"


def test_lines_without_a_price_and_older_cases_are_held_against_the_order() -> None:
    first = paid_back(returning(), "70.00", "100.00")
    with pytest.raises(PaidElsewhere):
        ask(returning(UNPRICED), "30.01", first, paid=yuan("99.00"))
    older = returning(total=None)
    with pytest.raises(PaidElsewhere):
        ask(older, "30.01", first)
    ask(older, "30.00", first)


def test_all_lines_together_are_not_paid_twice() -> None:
    """A case about the whole order and one for each line: the last one finds nothing left."""
    whole = paid_back(returning(product="P-2"), "60.00", "100.00")
    ask(returning(LINE), "40.00", whole, reason="worn")
    with pytest.raises(PaidElsewhere):
        ask(returning(LINE), "40.01", whole, reason="worn")
    ask(returning(LINE), "60.00", whole, by=ZHAO, **WHY)


def complaint(total: Money | None = TOTAL) -> CaseDriver:
    run = CaseDriver(actor=SHOP, order="A-1", order_total=total)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    run.do(LIU, ("investigate", FINDING))
    return run


def offer(run: CaseDriver, amount: str, *others: CaseDriver, remedy: str = "refund") -> None:
    form = Solution.strict({"solution": "Money.", "remedy": remedy, "cost": yuan(amount)})
    theirs = [(each.process, each.case) for each in others]
    assert run.process.order_check is not None
    run.process.order_check(run.process, run.case, ZHAO, form, "proposed", theirs)


def test_a_complaint_that_names_no_line_is_held_against_the_order() -> None:
    first = paid_back(returning(), "70.00", "100.00")
    for run in (complaint(), complaint(total=None)):
        offer(run, "30.00", first)
        offer(run, "30.01", first, remedy="goodwill")
        with pytest.raises(PaidElsewhere):
            offer(run, "30.01", first)
    with pytest.raises(PaidElsewhere):
        offer(complaint(), "100.01")


def test_the_total_of_an_order_is_known_if_each_price_is() -> None:
    line = {"line": "1", "product": "P", "quantity": 3, "unit_price": "19.90"}
    dear = {"line": "2", "product": "Q", "quantity": 10_000, "unit_price": "999999999999"}
    order = Order.model_validate({"id": "A-1", "lines": [line, {**line, "line": "2"}]})
    assert order.total == Money.stored(yuan("119.40"))
    for other in ({"line": "2", "product": "Q"}, dear):
        assert Order.model_validate({"id": "A-1", "lines": [line, other]}).total is None
