"""Whoever asks for money, and in whatever way it leaves: nobody pays more than they may."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cases.common.errors import AboveCeiling
from cases.returns.errors import NoRefund, PriceMissing, RefundTooHigh
from cases.returns.given import refunds
from domain.engine.side_forms import ASK_APPROVAL
from domain.errors import OwnRequest, Refusal, StepNotAllowed
from domain.language.roles import Actor, the_world
from domain.stories import person
from i18n.labels import LOCALES, label, refusal_text
from tests.domain.case_driver import CaseDriver, StepForm
from tests.domain.return_case import (
    APPROVED,
    EXCHANGED,
    HE,
    return_received,
    rewind_to,
)
from tests.support.cases import CHEN, FINDING, LIU, SHOP, SORTED, WANG, ZHAO, ZHOU, request

OTHER_MANAGER = person("qian.jun", "account_manager")
OTHER_MANAGEMENT = person("shen.ke", "management")
STORE = person("sun.li", "store_manager")
GOOD = {"grade": "A", "passed": True}
WHY = {"override_reason": "as agreed with the customer"}


def yuan(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def reviewing(hardness: str = "ordinary", version: int | None = None) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", version=version)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal", "hardness": hardness}))
    run.do(ZHAO, ("claim", {}), ("release", {}))
    return run


def mending(review: dict[str, Any]) -> CaseDriver:
    """A return for which the world refused what was approved."""
    run = reviewing()
    run.do(LIU, ("claim", {}), ("review", review))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    port = "refund" if run.case.state == "refunding" else "replacement"
    run.do(the_world(port), (f"{port}_refused", {"reason": "closed"}))
    return run


def proposing() -> CaseDriver:
    """Version 2: since then a complaint has ceilings of its own (`test_complaint_money.py`)."""
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1", version=2)
    run.do(LIU, ("accept", {}), ("classify", SORTED), ("claim", {}), ("investigate", FINDING))
    run.do(LIU, ("release", {}))
    return run


def exception() -> CaseDriver:
    run = reviewing()
    run.do(LIU, ("claim", {}), ("review", {**paying("299.00"), "ground": "other"}))
    return run


def paying(amount: str, paid: str = "999999.00") -> dict[str, Any]:
    """A review that pays back some of what the customer paid."""
    return {**APPROVED, "amount": yuan(amount), "paid": yuan(paid)}


LINE = {"line": "1", "ground": "transport_damage", "ruling": "refund", "damaged": True}
UNPRICED = {name: value for name, value in EXCHANGED.items() if name != "paid"}
WAYS: dict[str, tuple[Callable[[], CaseDriver], str, Callable[[str], dict[str, Any]]]] = {
    "a review of all that was paid": (reviewing, "review", lambda a: paying(a, paid=a)),
    "a review of a part": (reviewing, "review", paying),
    "a review line by line": (
        reviewing,
        "review",
        lambda a: {**paying("1.00"), "lines": [{**LINE, "amount": yuan(a)}]},
    ),
    "a decision on an exception": (exception, "decide", paying),
    "an inspection": (
        lambda: return_received()[0],
        "inspect",
        lambda a: {**GOOD, "amount": yuan(a), **WHY},
    ),
    "another attempt to refund": (
        lambda: mending(APPROVED),
        "refund",
        lambda a: {"amount": yuan(a), **WHY},
    ),
    "money instead of an exchange": (
        lambda: mending(EXCHANGED),
        "refund",
        lambda a: {"amount": yuan(a), **WHY},
    ),
    "a payment by hand": (
        lambda: mending(APPROVED),
        "settle_by_hand",
        lambda a: {"reference": "cash", "amount": yuan(a), **WHY},
    ),
    "a solution": (
        proposing,
        "propose",
        lambda a: {"solution": "Goodwill.", "cost": yuan(a)},
    ),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


def asked(way: str, amount: str) -> tuple[CaseDriver, StepForm]:
    case, step, form = WAYS[way]
    return case(), (step, form(amount))


@EVERY_WAY
@pytest.mark.parametrize("who", [CHEN, LIU, WANG, ZHAO, ZHOU, HE, STORE], ids=lambda a: a.id)
def test_nobody_pays_more_than_their_ceiling_by_themselves(way: str, who: Actor) -> None:
    run, command = asked(way, "50000.01")
    if command[0] in {step.name for step in run.process.offers(run.case, who, run.now)}:
        refused = run.refuse(Refusal, who, command)
        assert getattr(refused, "code", "") in {"above_ceiling", "refund_too_high"}


@pytest.mark.parametrize("locale", LOCALES)
def test_who_may_not_pay_is_told_how_to_ask_for_it(locale: str) -> None:
    run, command = asked("a solution", "50000.00")
    refused = run.refuse(AboveCeiling, LIU, command)
    asking = label(f"step.{ASK_APPROVAL}", locale)
    assert f"'{ASK_APPROVAL}'" in str(refused)
    told = refusal_text("above_ceiling", locale, "complaint") or ""
    assert f"“{asking}”" in told


BEYOND = (
    "an inspection",
    "another attempt to refund",
    "money instead of an exchange",
    "a payment by hand",
)
"""The ways in which more than the price of 299 is paid here: what is beyond it is goodwill."""


@pytest.mark.parametrize("way", BEYOND)
def test_a_manager_grants_so_much_beyond_the_price_and_above_it_with_another(way: str) -> None:
    run, command = asked(way, "1299.00")
    run.do(ZHAO, command)
    run, command = asked(way, "1299.01")
    refused = run.refuse(AboveCeiling, ZHAO, command)
    assert (refused.params["ceiling"], refused.params["amount"]) == ("1000 CNY", "1000.01 CNY")
    approval = ("approve_amount", {"amount": yuan("1299.01"), "reason": "a dear thing"})
    run.do(ZHAO, approval)
    run.refuse(AboveCeiling, ZHAO, command)
    run.do(OTHER_MANAGER, approval)
    run.do(ZHAO, command)


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {*BEYOND}))
def test_a_manager_pays_up_to_the_ceiling_and_above_it_with_another(way: str) -> None:
    run, command = asked(way, "10000.00")
    run.do(ZHAO, command)
    run, command = asked(way, "10000.01")
    refused = run.refuse(AboveCeiling, ZHAO, command)
    assert (refused.params["ceiling"], refused.params["takes"]) == ("10000 CNY", ["management"])
    approval = ("approve_amount", {"amount": yuan("10000.01"), "reason": "a dear thing"})
    run.refuse(AboveCeiling, ZHAO, approval)
    run.refuse(AboveCeiling, OTHER_MANAGER, approval)
    run.do(ZHOU, approval)
    run.do(ZHAO, command)


@EVERY_WAY
def test_management_needs_another_of_management_above_all_ceilings(way: str) -> None:
    run, command = asked(way, "60000.00")
    run.do(ZHOU, ("approve_amount", {"amount": yuan("60000.00"), "reason": "my own"}))
    run.refuse(AboveCeiling, ZHOU, command)
    run.do(OTHER_MANAGEMENT, ("approve_amount", {"amount": yuan("60000.00"), "reason": "checked"}))
    run.do(ZHOU, command)


@EVERY_WAY
def test_an_amount_in_another_currency_is_above_all_ceilings(way: str) -> None:
    run, (step, form) = asked(way, "1.00")
    dollars = json.loads(json.dumps(form).replace("CNY", "USD"))
    run.refuse(AboveCeiling, ZHOU, (step, dollars | ({} if step == "propose" else WHY)))


MANAGERS = [("service_manager", 10_000), ("account_manager", 10_000), ("management", 50_000)]


@pytest.mark.parametrize(
    ("role", "most"), [("seat", 500), ("agent", 1_000), ("lead", 3_000), *MANAGERS]
)
def test_the_ceiling_of_each_role_holds_to_the_cent(role: str, most: int) -> None:
    who = person("somebody", role)
    run = reviewing("complex" if role == "account_manager" else "ordinary")
    run.refuse(AboveCeiling, who, ("review", paying(f"{most}.01")))
    run.do(who, ("review", paying(f"{most}.00")))


def test_an_amount_in_parts_is_one_amount() -> None:
    run = reviewing()
    form = {**APPROVED, "amount": yuan("900.00"), "paid": yuan("5000.00")}
    run.do(LIU, ("claim", {}), ("review", form))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    refused = run.refuse(AboveCeiling, LIU, ("review", {**form, "amount": yuan("100.01")}))
    assert refused.params["paid"] == "900.00"
    run.do(LIU, ("review", {**form, "amount": yuan("100.00")}))


def test_who_says_that_money_came_back_by_hand_frees_no_authority() -> None:
    run = reviewing()
    review = run.case.last.seq
    run.do(LIU, ("claim", {}), ("review", paying("299.00")))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, review, refund="by_hand"))
    run.refuse(AboveCeiling, LIU, ("review", paying("701.01")))
    run.do(LIU, ("review", paying("701.00")))


def test_an_approval_is_for_managers_and_holds_once() -> None:
    run = reviewing()
    approval = ("approve_amount", {"amount": yuan("2000.00"), "reason": "a dear thing"})
    for who in (CHEN, LIU, WANG, HE):
        run.refuse(StepNotAllowed, who, approval)
    run.do(LIU, ("claim", {}))
    run.do(ZHAO, approval)
    assert run.holder == LIU.id
    form = {**APPROVED, "amount": yuan("2000.00"), "paid": yuan("9000.00")}
    run.do(LIU, ("review", form))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    assert run.case.state == "refunding"
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.refuse(AboveCeiling, LIU, ("review", form))


MUCH = yuan("99999.00")
REFUSED = {"ground": "personal", "ruling": "refused", "reason": "no", "paid": MUCH}
FAILED = {"grade": "C", "passed": False, "finding": "worn"}


def refused(_run: CaseDriver) -> StepForm:
    return "review", {**REFUSED, "amount": MUCH}


def exchanged(_run: CaseDriver) -> StepForm:
    return "review", {**UNPRICED, "amount": MUCH, "paid": MUCH}


def taken_for_exchange(run: CaseDriver) -> StepForm:
    run.do(CHEN, ("claim", {}), ("review", UNPRICED))
    run.do(HE, ("receive", {}))
    return "inspect", {**GOOD, "amount": MUCH}


def not_taken_back(run: CaseDriver) -> StepForm:
    run.do(CHEN, ("claim", {}), ("review", {**UNPRICED, **APPROVED, "paid": None}))
    run.do(HE, ("receive", {}))
    return "inspect", {**FAILED, "amount": MUCH}


def to_a_review(run: CaseDriver) -> None:
    """The outcome is told, and the customer says that it is not solved."""
    if run.case.state == "awaiting_goods":
        run.do(HE, ("receive", {}), ("inspect", GOOD))
    if run.case.state in ("replacing", "sending_back"):
        call = run.process.state_of(run.case).call
        assert call is not None
        run.do(the_world(call.port), (call.done, {"reference": "x"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))


NO_REFUND = (refused, exchanged, taken_for_exchange, not_taken_back)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("named", NO_REFUND, ids=lambda named: named.__name__)
def test_an_amount_by_which_nothing_is_paid_decides_nothing(named: Any, version: int) -> None:
    """It is refused; where a history holds one from before, it raises nobody's ceiling."""
    run = reviewing(version=version)
    step = named(run)
    who = HE if step[0] == "inspect" else CHEN
    assert run.refuse(NoRefund, who, step).params["amount"] == "99999.00 CNY"
    run.process.apply_request(run.case, request("old", step, actor=who), run.now)
    to_a_review(run)
    review = {**APPROVED, "amount": MUCH, "paid": MUCH}
    run.refuse(AboveCeiling, CHEN, ("review", review))
    run.refuse(AboveCeiling, ZHOU, ("review", review))
    run.do(CHEN, ("review", {**review, "amount": yuan("500.00")}))


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_manager_did_not_approve_decides_nothing(version: int) -> None:
    run = reviewing(version=version)
    review = {**APPROVED, "amount": MUCH, "paid": MUCH}
    run.do(CHEN, ("review", {**review, "ground": "other"}))
    assert run.case.state == "exception"
    run.do(ZHAO, ("decide", REFUSED))
    to_a_review(run)
    run.refuse(AboveCeiling, CHEN, ("review", review))


def test_a_solution_costs_what_was_offered_when_it_was_carried_out() -> None:
    """A rewind may bring back a dearer offer than the newest one."""
    run = proposing()
    run.do(LIU, ("claim", {}), ("propose", {"solution": "a", "cost": yuan("900.00")}))
    run.do(LIU, ("accept_solution", {}))
    accepted = run.case.last.seq
    run.do(ZHAO, rewind_to(run, accepted - 2))
    run.do(LIU, ("propose", {"solution": "b", "cost": yuan("1.00")}))
    run.do(ZHAO, rewind_to(run, accepted))
    run.do(LIU, ("carry_out", {"done": "a"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    refused = run.refuse(AboveCeiling, LIU, ("propose", {"solution": "c", "cost": yuan("100.01")}))
    assert refused.params["paid"] == "900.00"


@pytest.mark.parametrize(
    "before",
    [(CHEN, ("claim", {})), (ZHAO, ("approve_amount", {"amount": yuan("1.00"), "reason": "x"}))],
    ids=["claimed", "approved"],
)
def test_what_was_settled_by_hand_is_paid_whatever_came_in_between(
    before: tuple[Actor, StepForm],
) -> None:
    """Without an amount it is all that the world refused to pay."""
    run = mending({**APPROVED, "paid": APPROVED["amount"]})
    run.do(*before)
    run.do(CHEN, ("settle_by_hand", {"reference": "cash"}))
    assert [str(money) for _, money in refunds(run.process, run.case)] == ["299.00 CNY"]
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.refuse(RefundTooHigh, CHEN, ("review", APPROVED))


def test_an_approval_is_no_order_to_pay() -> None:
    run = reviewing()
    run.do(LIU, ("claim", {}), ("review", APPROVED))
    run.do(HE, ("receive", {}))
    run.do(ZHAO, ("approve_amount", {"amount": yuan("5000.00"), "reason": "if it must be"}))
    run.do(HE, ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    assert [str(money) for _, money in refunds(run.process, run.case)] == ["299.00 CNY"]


def test_what_was_paid_for_the_goods_is_not_raised_by_whoever_asks() -> None:
    run = reviewing()
    run.do(LIU, ("claim", {}), ("review", {**APPROVED, "paid": yuan("299.00")}))
    run.do(HE, ("receive", {}), ("inspect", GOOD))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    more = {**APPROVED, "amount": yuan("500.00"), "paid": yuan("900.00")}
    assert run.refuse(RefundTooHigh, LIU, ("review", more)).params["why"] == "restated"
    run.refuse(RefundTooHigh, LIU, ("review", {**more, **WHY}))
    run.refuse(RefundTooHigh, ZHAO, ("review", more))
    run.do(ZHAO, ("review", {**more, **WHY}))


@pytest.mark.parametrize("step", ["refund", "settle_by_hand"])
def test_where_nothing_was_approved_a_manager_says_why_money_is_paid(step: str) -> None:
    run = mending(UNPRICED)
    form = {"amount": yuan("88.00")} | ({"reference": "cash"} if step == "settle_by_hand" else {})
    run.refuse(PriceMissing, CHEN, (step, form))
    run.refuse(PriceMissing, CHEN, (step, {**form, **WHY}))
    run.do(ZHAO, (step, {**form, **WHY}))


def test_the_world_is_asked_again_twice_and_then_a_manager_is() -> None:
    run = mending(EXCHANGED)
    for _ in range(2):
        run.do(LIU, ("replace", {}))
        run.do(the_world("replacement"), ("replacement_refused", {"reason": "sold_out"}))
    run.refuse(StepNotAllowed, LIU, ("replace", {}))
    run.do(ZHAO, ("replace", {}))


def test_whoever_holds_a_case_does_not_approve_its_amounts() -> None:
    """It was taken, had no effect, and kept the second person waiting for a minute."""
    run = reviewing()
    approval = ("approve_amount", {"amount": yuan("5000.00"), "reason": "a dear thing"})
    run.do(ZHOU, ("claim", {}))
    before = run.case.copy()
    refused = run.refuse(OwnRequest, ZHOU, approval)
    assert refused.params == {"by": ZHOU.id, "why": "amount"}
    assert run.case == before
    run.do(OTHER_MANAGEMENT, approval)
    assert run.holder == ZHOU.id
