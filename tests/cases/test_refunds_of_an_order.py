"""A complaint's refunds and a return's are of one price: together they are never more than it."""

from typing import Any

import pytest

from cases.common.errors import PaidElsewhere
from cases.complaint.forms import Solution
from cases.complaint.money import refunds, refuse_paid_elsewhere
from cases.returns.elsewhere import refuse_paid_elsewhere as refuse_return
from cases.returns.forms import Review
from domain.language.goods import Goods
from domain.language.roles import the_world
from domain.language.values import Money
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver
from tests.domain.return_case import APPROVED
from tests.support.cases import CHEN, FINDING, LIU, SHOP


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


LINE = Goods(line="1", product="P-1", quantity=1, ordered=1, unit_price=Money.stored(yuan("60.00")))
OTHER_LINE = LINE.model_copy(update={"line": "2", "product": "P-2"})


def complaint(*goods: Goods, **opening: Any) -> CaseDriver:
    run = CaseDriver(actor=SHOP, customer="customer-1", order="A-1", goods=goods, **opening)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    run.do(LIU, ("investigate", FINDING))
    return run


def offer(amount: str, remedy: str = "refund") -> dict[str, Any]:
    return {"solution": "Money back.", "remedy": remedy, "cost": yuan(amount)}


def accept(run: CaseDriver, amount: str, remedy: str = "refund") -> CaseDriver:
    run.do(LIU, ("propose", offer(amount, remedy)))
    run.do(SHOP, ("accept_solution", {}))
    return run


def ask(run: CaseDriver, form: dict[str, Any], *others: CaseDriver) -> None:
    theirs = [(each.process, each.case) for each in others]
    solution = Solution.strict(form)
    refuse_paid_elsewhere(run.process, run.case, LIU, solution, "proposed", theirs)


def test_a_complaint_alone_pays_back_no_more_than_the_price() -> None:
    run = complaint(LINE)
    ask(run, offer("60.00"))
    with pytest.raises(PaidElsewhere):
        ask(run, offer("60.01"))
    ask(run, offer("100.00", "goodwill"))
    ask(run, offer("100.00", "liability"))
    ask(complaint(), offer("100.00"))


@pytest.mark.parametrize("until", ["accepted", "being paid", "paid"])
def test_the_second_complaint_pays_what_is_left(until: str) -> None:
    first, second = accept(complaint(LINE), "40.00"), complaint(LINE)
    if until != "accepted":
        first.do(LIU, ("carry_out", {"done": "Booked."}))
    if until == "paid":
        first.do(the_world("refund"), ("paid_out", {"reference": "r"}))
    assert [*refunds(first.process, first.case)] == [Money.stored(yuan("40.00"))]
    ask(second, offer("20.00"), first)
    with pytest.raises(PaidElsewhere) as refused:
        ask(second, offer("20.01"), first)
    assert refused.value.params["cases"] == [first.case.opening.number]
    with pytest.raises(PaidElsewhere):
        ask(complaint(), offer("20.01"), first)
    ask(complaint(OTHER_LINE), offer("60.00"), first)


def test_goodwill_takes_nothing_from_the_price() -> None:
    first = accept(complaint(LINE), "40.00", "goodwill")
    first.do(LIU, ("carry_out", {"done": "Booked."}))
    assert [*refunds(first.process, first.case)] == []
    ask(complaint(LINE), offer("60.00"), first)


def test_a_return_pays_what_a_complaint_left() -> None:
    first = accept(complaint(LINE), "40.00")
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", order="A-1", goods=(LINE,))
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    others = [(first.process, first.case)]

    def review(amount: str) -> None:
        form = Review.strict({**APPROVED, "amount": yuan(amount)})
        refuse_return(run.process, run.case, LIU, form, "awaiting_goods", others)

    review("20.00")
    with pytest.raises(PaidElsewhere):
        review("20.01")


def test_a_complaint_pays_what_a_return_left() -> None:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", order="A-1", goods=(LINE,))
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    review = {**APPROVED, "amount": yuan("50.00"), "paid": None, "keeps_goods": True}
    run.do(LIU, ("review", review))
    assert [*run.process.refunds(run.process, run.case)] == [Money.stored(yuan("50.00"))]
    ask(complaint(LINE), offer("10.00"), run)
    with pytest.raises(PaidElsewhere):
        ask(complaint(LINE), offer("10.01"), run)
