"""What one person may decide on holds for all cases of an order, so that parts are no way round."""

from typing import Any

import pytest

from cases.common.authority import spending_of
from cases.common.errors import AboveCeiling
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.roles import Actor, the_world
from domain.language.spending import Spending
from domain.language.values import Money
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver, StepForm
from tests.domain.return_case import APPROVED
from tests.support.cases import CHEN, FINDING, LIU, SHOP, WANG, ZHAO

HE = Actor.model_validate({"kind": "staff", "id": "he.tao", "roles": ["logistics"]})
SUN = Actor.model_validate({"kind": "staff", "id": "sun.wei", "roles": ["repairer"]})


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def cny(amount: str) -> Money:
    return Money.stored(yuan(amount))


def returning(*, product: str = "P-1") -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, order="A-1", product=product, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    return run


def review(amount: str, **more: Any) -> StepForm:
    price = yuan(amount)
    return "review", {**APPROVED, "amount": price, "paid": price, **more}


def complaint(**opening: Any) -> CaseDriver:
    run = CaseDriver(actor=SHOP, order="A-1", customer="customer-1", **opening)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    run.do(LIU, ("investigate", FINDING))
    return run


def offer(amount: str, remedy: str = "goodwill") -> StepForm:
    return "propose", {"solution": "Money.", "remedy": remedy, "cost": yuan(amount)}


def repairing() -> CaseDriver:
    run = CaseDriver("repair", actor=SHOP, order="A-1", customer="customer-1")
    run.do(CHEN, ("accept", {}), ("classify", {"category": "screen", "mode": "carried_in"}))
    run.do(LIU, ("assign", {"assignee": SUN.id, "roles": [*SUN.roles]}))
    run.do(SUN, ("take_job", {}))
    run.do(SUN, ("receive", {}))
    return run


def goodwill(amount: str) -> StepForm:
    form = {"finding": "Worn.", "outcome": "goodwill", "share": 100, "estimate": yuan(amount)}
    return "diagnose", form


def ask(run: CaseDriver, by: Actor, step: StepForm, *others: CaseDriver) -> None:
    """Hold a step against the case and, as whoever submits it does, against the others."""
    name, form = step
    parsed = run.process.forms[name].strict(form)
    run.process.step_check(run.process, run.case, by, parsed, "somewhere")
    theirs = [(each.process, each.case) for each in others]
    assert run.process.order_check is not None
    run.process.order_check(run.process, run.case, by, parsed, "somewhere", theirs)


def test_of_two_returns_of_an_order_an_agent_pays_a_thousand_in_all() -> None:
    first, second = returning(), returning(product="P-2")
    first.do(LIU, review("600.00"))
    ask(second, LIU, review("400.00"), first)
    with pytest.raises(AboveCeiling) as refused:
        ask(second, LIU, review("400.01"), first)
    assert refused.value.params["paid"] == "600.00"
    assert (refused.value.params["why"], refused.value.params["elsewhere"]) == ("order", "600.00")
    ask(second, WANG, review("2400.00"), first)
    with pytest.raises(AboveCeiling):
        ask(second, WANG, review("2400.01"), first)
    ask(second, LIU, review("1000.00"))


def test_what_was_approved_or_decided_in_the_case_itself_is_carried_out() -> None:
    first, second = returning(), returning(product="P-2")
    first.do(LIU, review("1000.00"))
    approval: StepForm = ("approve_amount", {"amount": yuan("900.00"), "reason": "as agreed"})
    ask(second, ZHAO, approval, first)
    second.do(ZHAO, approval)
    ask(second, LIU, review("900.00"), first)
    with pytest.raises(AboveCeiling):
        ask(second, LIU, review("900.01"), first)
    second.do(LIU, review("900.00"))
    second.do(HE, ("receive", {}))
    ask(second, HE, ("inspect", {"grade": "A", "passed": True}), first)


def test_an_approval_is_within_the_ceiling_of_who_gives_it() -> None:
    first, second = returning(), returning(product="P-2")
    first.do(LIU, ("release", {}))
    first.do(ZHAO, ("claim", {}), review("8000.00"))
    for amount, fits in (("2000.00", True), ("2000.01", False)):
        step: StepForm = ("approve_amount", {"amount": yuan(amount), "reason": "as agreed"})
        if fits:
            ask(second, ZHAO, step, first)
        else:
            with pytest.raises(AboveCeiling):
                ask(second, ZHAO, step, first)


def test_a_closed_case_counts_what_it_gave_and_nothing_that_came_to_nothing() -> None:
    run = returning()
    run.do(LIU, review("600.00"))
    assert spent(run).priced == (cny("600.00"),)
    run.do(LIU, ("withdraw", {"reason": "The customer keeps it."}))
    assert run.process.state_of(run.case).closed
    assert not spent(run).whole
    paid = returning()
    paid.do(LIU, review("600.00"))
    paid.do(HE, ("receive", {}))
    paid.do(HE, ("inspect", {"grade": "A", "passed": True}))
    paid.do(the_world("refund"), ("refunded", {"reference": "r"}))
    assert spent(paid) == Spending(priced=(cny("600.00"),))


def spent(*runs: CaseDriver) -> Spending:
    pairs: list[tuple[ProcessHistory, Case]] = [(run.process, run.case) for run in runs]
    return spending_of(pairs)


@pytest.mark.parametrize("until", ["offered", "accepted", "carried out", "paid"])
def test_grants_of_complaints_add_up(until: str) -> None:
    first, second = complaint(), complaint()
    first.do(LIU, offer("60.00"))
    if until != "offered":
        first.do(SHOP, ("accept_solution", {}))
    if until in {"carried out", "paid"}:
        first.do(LIU, ("carry_out", {"done": "Booked."}))
    if until == "paid":
        first.do(the_world("refund"), ("paid_out", {"reference": "r"}))
    assert spent(first).granted == (cny("60.00"),)
    ask(second, LIU, offer("40.00"), first)
    with pytest.raises(AboveCeiling):
        ask(second, LIU, offer("40.01"), first)
    with pytest.raises(AboveCeiling):
        ask(returning(), LIU, review("940.01"), first)
    ask(returning(), LIU, review("940.00"), first)


def test_an_offer_that_came_to_nothing_counts_no_more() -> None:
    run = complaint()
    run.do(LIU, offer("60.00"))
    run.do(SHOP, ("reject_solution", {}))
    assert not spent(run).whole
    run.do(LIU, offer("50.00"))
    assert spent(run).granted == (cny("50.00"),)


def test_a_refund_of_a_known_price_is_no_grant() -> None:
    for opening, spending in (
        ({"order_total": cny("80.00")}, Spending(priced=(cny("60.00"),))),
        ({}, Spending(granted=(cny("60.00"),))),
    ):
        run = complaint(**opening)
        run.do(LIU, offer("60.00", "refund"))
        assert spent(run) == spending
        run.do(SHOP, ("accept_solution", {}))
        run.do(LIU, ("carry_out", {"done": "Booked."}))
        run.do(the_world("refund"), ("paid_out", {"reference": "r"}))
        assert spent(run) == spending


def test_money_within_the_price_leaves_room_for_goodwill() -> None:
    first = returning()
    first.do(LIU, review("900.00"))
    ask(complaint(), LIU, offer("100.00"), first)
    with pytest.raises(AboveCeiling):
        ask(complaint(), LIU, offer("100.01"), first)


def test_what_a_manager_pays_beyond_the_price_is_a_grant() -> None:
    first = returning()
    first.do(LIU, ("release", {}))
    first.do(ZHAO, ("claim", {}))
    first.do(ZHAO, review("900.00", paid=yuan("300.00"), override_reason="as agreed"))
    assert spent(first) == Spending((cny("300.00"),), (cny("600.00"),))
    ask(complaint(), ZHAO, offer("400.00"), first)
    with pytest.raises(AboveCeiling):
        ask(complaint(), ZHAO, offer("400.01"), first)


def test_goodwill_of_repairs_adds_up_with_that_of_complaints() -> None:
    first, second = complaint(), repairing()
    first.do(LIU, offer("60.00"))
    ask(second, SUN, goodwill("40.00"), first)
    with pytest.raises(AboveCeiling):
        ask(second, SUN, goodwill("40.01"), first)
    second.do(SUN, goodwill("40.00"))
    assert spent(second).granted == (cny("40.00"),)
    with pytest.raises(AboveCeiling):
        ask(complaint(), LIU, offer("0.01"), first, second)
    second.do(SUN, ("give_up", {"reason": "No parts."}))
    assert not spent(second).whole


def test_what_was_repaired_out_of_goodwill_counts_on() -> None:
    run = repairing()
    run.do(SUN, goodwill("40.00"))
    run.do(SUN, ("repair", {"work": "A new part."}))
    assert spent(run).granted == (cny("40.00"),)
