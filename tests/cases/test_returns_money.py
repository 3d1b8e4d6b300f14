"""What a return gives: nobody gets it twice, and nobody gives more, or less, by a mere word."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from cases.common.errors import AboveCeiling, PaidElsewhere
from cases.returns.elsewhere import refuse_paid_elsewhere
from cases.returns.errors import (
    DeductionUnexplained,
    FreightUnexplained,
    NoRefund,
    PriceMissing,
    RefundTooHigh,
)
from cases.returns.forms import Inspection, Review
from cases.returns.given import spent
from domain.errors import Refusal
from domain.language.goods import Goods, Settlement
from domain.language.roles import Actor, the_world
from domain.language.values import Money
from domain.read_models.projection import pending_call
from i18n.labels import LOCALES, refusal_text
from tests.cases.random_walks import EVERYTHING
from tests.cases.test_refunds_of_an_order import accept, ask, complaint, offer
from tests.domain.case_driver import CaseDriver
from tests.domain.return_case import HE
from tests.support.cases import CHEN, LIU, SHOP, ZHAO, ZHOU

GOOD = {"grade": "A", "passed": True}
WHY = {"override_reason": "as agreed with the customer"}
FAULTY = {"ground": "quality", "faulty": True, "delivered_on": "2026-03-01"}
KEPT = {**FAULTY, "keeps_goods": True}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def line(price: str | None, n: int = 1) -> Goods:
    unit_price = Money.stored(yuan(price)) if price else None
    return Goods(line="1", product="P-1", quantity=n, ordered=n, unit_price=unit_price)


def reviewing(*goods: Goods, **opening: Any) -> CaseDriver:
    opening = {"customer": "customer-1", "order": "A-1", "goods": goods, **opening}
    run = CaseDriver("returns", actor=SHOP, **opening)
    run.do(LIU, ("accept", {}), ("classify", {"category": "quality"}), ("claim", {}))
    return run


def settle(run: CaseDriver) -> CaseDriver:
    """The goods come, if they are to come, and the world does what it is asked to."""
    if run.case.state == "awaiting_goods":
        run.do(HE, ("receive", {}), ("inspect", GOOD))
    call = pending_call(run.process, run.case)
    assert call is not None
    run.do(the_world(call.port), (call.done, {"reference": "x"}))
    return run


def hold(run: CaseDriver, form: dict[str, Any], *others: CaseDriver, by: Actor = LIU) -> None:
    """Hold a review against other cases of the order."""
    theirs = [(each.process, each.case) for each in others]
    refuse_paid_elsewhere(run.process, run.case, by, Review.strict(form), "awaiting_goods", theirs)


@pytest.mark.parametrize("goods", [(), (line(None),)], ids=["no order", "an order without prices"])
def test_a_refund_of_which_nobody_knows_the_amount_is_refused(goods: tuple[Goods, ...]) -> None:
    run = reviewing(*goods)
    for more in ({}, {"paid": yuan("400.00")}, {"paid": yuan("400.00"), **WHY}):
        refused = run.refuse(PriceMissing, ZHAO, ("review", {**FAULTY, "ruling": "refund", **more}))
        assert refused.params["why"] == "amount"
    stated = {"amount": yuan("400.00"), "paid": yuan("400.00")}
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund", **stated}))
    settle(run)
    assert [str(money) for _, money in spent(run.process, run.case)] == ["400.00 CNY"]


def refund(amount: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "review", {**FAULTY, "ruling": "refund", "amount": yuan(amount), **more}


def test_less_than_was_paid_is_paid_back_for_a_reason_only() -> None:
    for goods, more in (([line("800.00")], {}), ([], {"paid": yuan("800.00")})):
        run = reviewing(*goods)
        refused = run.refuse(DeductionUnexplained, LIU, refund("1.00", **more))
        assert (refused.params["worth"], refused.params["why"]) == ("800.00 CNY", "reviewed")
        run.refuse(DeductionUnexplained, ZHAO, refund("799.99", **more, **WHY))
        run.do(LIU, refund("1.00", **more, reason="used for a year"))
    run = reviewing(line("100.00", 2))
    one = {"line": "1", "quantity": 1, **FAULTY, "ruling": "refund", "amount": yuan("99.00")}
    whole = {**FAULTY, "ruling": "refund", "lines": [one]}
    run.refuse(DeductionUnexplained, LIU, ("review", whole))
    run.do(LIU, ("review", {**whole, "lines": [{**one, "reason": "scratched"}]}))
    run.do(HE, ("receive", {}))
    less = {**GOOD, "amount": yuan("150.00")}
    assert run.refuse(DeductionUnexplained, HE, ("inspect", less)).params["why"] == "inspected"
    run.do(HE, ("inspect", {**less, "finding": "scratched"}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "closed"}))
    for step, named in (("refund", {}), ("settle_by_hand", {"reference": "cash"})):
        refused = run.refuse(DeductionUnexplained, LIU, (step, {"amount": yuan("149.00"), **named}))
        assert refused.params["why"] == "paying"
    why = {"deduction_reason": "the charge of the bank"}
    run.do(LIU, ("refund", {"amount": yuan("149.00"), **why}))


def test_the_rest_of_what_was_paid_back_in_part_needs_no_reason() -> None:
    run = reviewing(line("100.00"))
    run.do(LIU, refund("80.00", reason="used"))
    settle(run)
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.refuse(DeductionUnexplained, LIU, refund("19.00"))
    run.do(LIU, refund("20.00"))


def test_what_goes_beyond_the_price_is_goodwill_and_held_against_what_a_role_may_grant() -> None:
    run = reviewing(line("100.00"))
    run.do(LIU, ("release", {}))
    run.refuse(RefundTooHigh, ZHAO, refund("1100.00"))
    refused = run.refuse(AboveCeiling, ZHAO, refund("9000.00", **WHY))
    assert (refused.params["ceiling"], refused.params["amount"]) == ("1000 CNY", "8900.00 CNY")
    run.refuse(AboveCeiling, ZHAO, refund("1100.01", **WHY))
    own = ("approve_amount", {"amount": yuan("9000.00"), "reason": "as agreed"})
    run.do(ZHAO, own)
    run.refuse(AboveCeiling, ZHAO, refund("9000.00", **WHY))
    other = run.case.copy()
    run.do(ZHAO, refund("1100.00", **WHY))
    run.case = other
    run.do(ZHOU, own)
    run.do(ZHAO, refund("9000.00", **WHY))


def test_goodwill_in_parts_is_one_sum() -> None:
    run = reviewing(line("100.00"))
    run.do(LIU, ("release", {}))
    run.do(ZHAO, refund("700.00", **WHY))
    settle(run)
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.refuse(AboveCeiling, ZHAO, refund("400.01", **WHY))
    run.do(ZHAO, refund("400.00", **WHY))


@pytest.mark.parametrize(
    ("sort", "other"),
    [
        (FAULTY, "customer"),
        ({**FAULTY, "ground": "transport_damage", "damaged": True}, "customer"),
        ({**FAULTY, "ground": "personal"}, "merchant"),
    ],
)
def test_freight_on_another_than_the_ground_says_needs_a_reason(
    sort: dict[str, Any], other: str
) -> None:
    review = {**sort, "ruling": "refund"}
    whole, of_line = {**review, "freight": other}, {**review, "line": "1", "freight": other}
    run = reviewing(line("100.00"))
    run.refuse(FreightUnexplained, LIU, ("review", whole))
    run.refuse(FreightUnexplained, LIU, ("review", {**review, "lines": [of_line]}))
    for form in (review, {**whole, "reason": "a regular customer"}):
        reviewing(line("100.00")).do(LIU, ("review", form))


def test_a_refund_of_nothing_is_none() -> None:
    run = reviewing(line("1099.00"))
    for who, more in ((LIU, {"reason": "so"}), (ZHAO, {"reason": "so", **WHY})):
        assert run.refuse(NoRefund, who, refund("0.00", **more)).params["why"] == "zero"
    run.do(ZHAO, refund("1099.00"))
    run.do(HE, ("receive", {}))
    nothing = {**GOOD, "amount": yuan("0.00"), "finding": "worn"}
    assert run.refuse(NoRefund, HE, ("inspect", nothing)).params["why"] == "zero"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ["no_refund.zero", "deduction_unexplained.inspected",
                                  "deduction_unexplained.paying"])  # fmt: skip
def test_why_a_deduction_is_refused_is_said(name: str, locale: str) -> None:
    told = refusal_text(name, locale, "returns")
    assert told not in (None, refusal_text(name.split(".", maxsplit=1)[0], locale, "returns"))


@pytest.mark.parametrize("locale", LOCALES)
def test_what_an_exchange_and_an_unknown_amount_are_refused_for_is_said(locale: str) -> None:
    for kind, name in (("returns", "price_missing"), ("common", "paid_elsewhere")):
        why = "amount" if kind == "returns" else "exchange"
        told = refusal_text(f"{name}.{why}", locale, kind)
        assert told not in (None, refusal_text(name, locale, kind))


@pytest.mark.parametrize("keeps", [True, False])
def test_what_another_return_paid_back_is_not_exchanged(keeps: bool) -> None:
    sort = KEPT if keeps else FAULTY
    first = settle_after(line("299.00"), {**sort, "ruling": "refund"})
    second = reviewing(line("299.00"))
    exchange = {**sort, "ruling": "exchange"}
    with pytest.raises(PaidElsewhere) as refused:
        hold(second, exchange, first)
    assert refused.value.params["why"] == "exchange"
    assert refused.value.params["cases"] == [first.case.opening.number]
    with pytest.raises(PaidElsewhere):
        hold(second, {**exchange, **WHY}, first)
    hold(second, {**exchange, **WHY}, first, by=ZHAO)


def test_a_manager_alone_pays_no_more_a_second_time_than_may_be_granted() -> None:
    paid = accept(complaint(line("1000.01")), "100.00")
    again = {**FAULTY, "ruling": "refund", **WHY}
    with pytest.raises(AboveCeiling):
        hold(reviewing(line("1000.01")), again, paid, by=ZHAO)
    hold(reviewing(line("1000.01")), {**again, "amount": yuan("1000.00")}, paid, by=ZHAO)


def settle_after(goods: Goods | None, review: dict[str, Any]) -> CaseDriver:
    run = reviewing(*([goods] if goods else []))
    run.do(LIU, ("review", review))
    return settle(run)


def test_without_a_price_what_was_paid_back_is_not_exchanged_either() -> None:
    stated = {"amount": yuan("99.00"), "paid": yuan("99.00")}
    first = settle_after(None, {**FAULTY, "ruling": "refund", **stated})
    with pytest.raises(PaidElsewhere):
        hold(reviewing(), {**FAULTY, "ruling": "exchange"}, first)


def test_of_several_units_those_that_were_not_paid_back_are_exchanged() -> None:
    one = {"line": "1", "quantity": 1, **FAULTY, "ruling": "refund"}
    refused = {**FAULTY, "ruling": "refused", "reason": "worn"}
    first = reviewing(line("100.00", 3))
    first.do(LIU, ("review", {**refused, "lines": [one]}))
    settle(first)
    hold(reviewing(line("100.00", 3).model_copy(update={"quantity": 2})), EXCHANGE, first)
    with pytest.raises(PaidElsewhere):
        hold(reviewing(line("100.00", 3)), EXCHANGE, first)


EXCHANGE = {**FAULTY, "ruling": "exchange"}


def test_what_a_complaint_paid_back_is_not_exchanged() -> None:
    first = accept(complaint(line("60.00")), "40.00")
    with pytest.raises(PaidElsewhere):
        hold(reviewing(line("60.00")), EXCHANGE, first)


def test_new_goods_beside_the_old_ones_are_the_price_and_others_are_not() -> None:
    kept, returned = (
        settle_after(line("60.00"), {**sort, "ruling": "exchange"}) for sort in (KEPT, FAULTY)
    )
    refund = {**FAULTY, "ruling": "refund"}
    with pytest.raises(PaidElsewhere):
        hold(reviewing(line("60.00")), refund, kept)
    with pytest.raises(PaidElsewhere):
        ask(complaint(line("60.00")), offer("0.01"), kept)
    hold(reviewing(line("60.00")), refund, returned)
    ask(complaint(line("60.00")), offer("60.00"), returned)
    kept.tell_customer()
    kept.do(SHOP, ("confirm", {"solved": False}))
    kept.refuse(RefundTooHigh, LIU, ("review", refund))
    kept.do(ZHAO, ("review", {**refund, **WHY}))


def test_what_was_paid_back_since_the_review_is_not_exchanged_after_the_inspection() -> None:
    run = reviewing(line("60.00"))
    run.do(LIU, ("review", EXCHANGE))
    run.do(HE, ("receive", {}))
    paid = accept(complaint(line("60.00")), "60.00")
    theirs = [(paid.process, paid.case)]
    form = Inspection.strict(GOOD)
    with pytest.raises(PaidElsewhere):
        refuse_paid_elsewhere(run.process, run.case, HE, form, "replacing", theirs)


def test_what_a_manager_said_holds_for_the_inspection_as_well() -> None:
    paid = accept(complaint(line("60.00")), "60.00")
    theirs = [(paid.process, paid.case)]
    for ruling in ("refund", "exchange"):
        run = reviewing(line("60.00"))
        run.do(LIU, ("release", {}))
        run.do(ZHAO, ("claim", {}), ("review", {**FAULTY, "ruling": ruling, **WHY}))
        run.do(HE, ("receive", {}))
        form = Inspection.strict(GOOD)
        refuse_paid_elsewhere(run.process, run.case, HE, form, "refunding", theirs)


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "of the order"])
def test_new_goods_are_held_against_the_ceilings(stated: bool) -> None:
    """A television: what an agent may not pay back alone, is not exchanged alone either."""
    exchange = {**EXCHANGE, **({"paid": yuan("38999.00")} if stated else {})}
    run = reviewing(*([] if stated else [line("38999.00")]))
    refused = run.refuse(AboveCeiling, LIU, ("review", exchange))
    assert refused.params["takes"] == ["management"]
    run.refuse(AboveCeiling, ZHAO, ("review", exchange))
    approval = ("approve_amount", {"amount": yuan("38999.00"), "reason": "it is faulty"})
    run.refuse(AboveCeiling, ZHAO, approval)
    run.do(ZHOU, approval)
    run.do(LIU, ("review", exchange))
    settle(run)
    assert [str(money) for _, money in spent(run.process, run.case)] == ["38999.00 CNY"]


def test_nobody_exchanges_by_an_approval_of_their_own() -> None:
    run = reviewing(line("20000.00"))
    run.do(ZHOU, ("approve_amount", {"amount": yuan("20000.00"), "reason": "it is faulty"}))
    run.do(ZHAO, ("review", EXCHANGE))
    other = reviewing(line("60000.00"))
    other.do(ZHOU, ("approve_amount", {"amount": yuan("60000.00"), "reason": "my own"}))
    other.refuse(AboveCeiling, ZHOU, ("review", EXCHANGE))


def test_new_goods_and_money_are_one_sum() -> None:
    """An agent's thousand is spent once, in one review or in several."""
    run = reviewing(line("600.00", 2))
    one = {"line": "1", "quantity": 1, **FAULTY, "ruling": "refund"}
    run.refuse(AboveCeiling, LIU, ("review", {**EXCHANGE, "lines": [one]}))
    run = settle_after(line("600.00"), EXCHANGE)
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    refused = run.refuse(AboveCeiling, LIU, ("review", {**FAULTY, "ruling": "refund"}))
    assert refused.params["paid"] == "600.00"
    run.do(ZHAO, ("review", {**FAULTY, "ruling": "refund"}))


def test_another_attempt_to_exchange_needs_no_second_word() -> None:
    run = reviewing(line("1500.00"))
    run.do(ZHAO, ("approve_amount", {"amount": yuan("1500.00"), "reason": "it is faulty"}))
    run.do(LIU, ("review", EXCHANGE))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("replacement"), ("replacement_refused", {"reason": "closed"}))
    run.do(CHEN, ("replace", {}))
    run.do(the_world("replacement"), ("replacement_refused", {"reason": "closed"}))
    run.do(CHEN, ("settle_by_hand", {"reference": "counter"}))
    assert [str(money) for _, money in spent(run.process, run.case)] == ["1500.00 CNY"]


REVIEWS = st.fixed_dictionaries(
    {
        "ground": st.just("quality"),
        "faulty": st.just(True),
        "delivered_on": st.just("2026-03-01"),
        "ruling": st.sampled_from(["refund", "exchange"]),
        "keeps_goods": st.booleans(),
        "reason": st.just("so"),
    },
    optional={"amount": st.sampled_from([yuan("30.00"), yuan("60.00")])},
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_over_all_cases_no_more_is_given_than_was_paid(data: st.DataObject) -> None:
    """Returns and complaints of one thing, one after another: money, or goods beside the old."""
    price, runs = line("60.00"), list[CaseDriver]()
    for place in range(data.draw(st.integers(2, 4))):
        number = f"TS20260302000000{place}"
        held: Callable[..., None]
        if data.draw(st.integers(0, 3)) == 0:
            run, form = (
                complaint(price, number=number),
                offer(data.draw(st.sampled_from(["20.00", "60.00"]))),
            )
            held = complain
        else:
            run, form = reviewing(price, number=number), data.draw(REVIEWS)
            held = give_back
        try:
            held(run, form, runs)
        except Refusal as refused:
            note(f"refused: {refused}")
            continue
        runs.append(run)
        given = [money for each in runs for money in each.process.refunds(each.process, each.case)]
        note(f"given: {', '.join(map(str, given))}")
        assert sum(money.amount for money in given) <= 60
        assert not any(is_exchanged_after_refund(runs, place) for place in range(len(runs)))


def complain(run: CaseDriver, form: dict[str, Any], others: list[CaseDriver]) -> None:
    ask(run, form, *others)
    accept(run, form["cost"]["amount"])


def give_back(run: CaseDriver, form: dict[str, Any], others: list[CaseDriver]) -> None:
    hold(run, form, *others, by=EVERYTHING)
    run.do(EVERYTHING, ("review", form))
    settle(run)


def is_exchanged_after_refund(runs: list[CaseDriver], place: int) -> bool:
    """Whether a case gave new goods for what earlier cases had paid back."""
    earlier = [m for r in runs[:place] for m in r.process.refunds(r.process, r.case)]
    run = runs[place]
    units = [] if run.process.kind == "complaint" else run.process.units(run.case)
    return bool(earlier) and any(unit.settlement is Settlement.REPLACED for unit in units)
