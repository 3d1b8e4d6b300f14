"""An answer is for the offer that it names: a late yes takes no other one."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from cases import KINDS
from cases.common.errors import OtherOffer
from cases.common.offers import Answer, Offer
from domain.engine.process import Process
from domain.errors import WrongForm
from domain.stories import person
from tests.domain.case_driver import DAY, CaseDriver, StepForm
from tests.domain.return_case import rewind_to
from tests.support.cases import FINDING, LIU, SHOP, SORTED, ZHAO

MA = person("ma.qiang", "repairer")
AMOUNTS = count(1)


def complaint() -> CaseDriver:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", SORTED), ("claim", {}), ("investigate", FINDING))
    return run


def repair() -> CaseDriver:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("receive", {}))
    run.do(MA, ("diagnose", {"outcome": "chargeable", "finding": "The panel."}))
    return run


def solution(run: CaseDriver) -> int:
    cost = {"amount": f"{next(AMOUNTS)}.00"}
    return run.do(LIU, ("propose", {"solution": "Money.", "cost": cost})).last


def quote(run: CaseDriver) -> int:
    price = {"amount": f"{next(AMOUNTS)}00.00"}
    lines = [{"cost": "part", "work": "A new panel.", "price": price}]
    return run.do(MA, ("quote", {"price": price, "work": "Repair.", "lines": lines})).last


KINDS_OF_OFFER: dict[
    str, tuple[Callable[[], CaseDriver], Callable[[CaseDriver], int], str, str]
] = {
    "solution": (complaint, solution, "accept_solution", "reject_solution"),
    "quote": (repair, quote, "accept_quote", "decline_quote"),
}
EVERY_OFFER = pytest.mark.parametrize("offer", KINDS_OF_OFFER)
EVERY_ANSWER = pytest.mark.parametrize("yes", [True, False], ids=["yes", "no"])


def answer(kind: str, yes: bool, **form: Any) -> StepForm:
    _, _, accept, reject = KINDS_OF_OFFER[kind]
    return accept if yes else reject, form


@EVERY_OFFER
@EVERY_ANSWER
def test_the_only_offer_needs_no_name(offer: str, yes: bool) -> None:
    case, make, *_ = KINDS_OF_OFFER[offer]
    run = case()
    made = make(run)
    run.refuse(OtherOffer, SHOP, answer(offer, yes, offer=made - 1))
    run.do(SHOP, answer(offer, yes))


@EVERY_OFFER
@EVERY_ANSWER
@pytest.mark.parametrize("between", ["no", "lapse"])
def test_after_a_second_offer_the_answer_names_it(offer: str, yes: bool, between: str) -> None:
    case, make, *_ = KINDS_OF_OFFER[offer]
    run = case()
    first = make(run)
    if between == "no":
        run.do(SHOP, answer(offer, yes=False, offer=first))
    elif offer == "quote":
        run.pass_time(7 * DAY)
    else:
        run.pass_time(7 * DAY)
        run.process.settle(run.case, run.now)
        run.tell_customer()
        run.do(SHOP, ("confirm", {"solved": False}))
    second = make(run)
    unnamed = run.refuse(OtherOffer, SHOP, answer(offer, yes))
    assert unnamed.params == {"offer": second, "why": "unnamed"}
    late = run.refuse(OtherOffer, SHOP, answer(offer, yes, offer=first))
    assert late.params == {"offer": second, "named": first}
    run.refuse(OtherOffer, LIU, answer(offer, yes, offer=second + 1))
    run.do(LIU, answer(offer, yes, offer=second))


@EVERY_OFFER
def test_an_offer_that_was_taken_back_was_made_all_the_same(offer: str) -> None:
    case, make, *_ = KINDS_OF_OFFER[offer]
    run = case()
    before = run.case.last.seq
    first = make(run)
    run.do(ZHAO, rewind_to(run, before))
    second = make(run)
    run.refuse(OtherOffer, SHOP, answer(offer, yes=True))
    run.refuse(OtherOffer, SHOP, answer(offer, yes=True, offer=first))
    run.do(SHOP, answer(offer, yes=True, offer=second))


@EVERY_OFFER
def test_back_at_an_offer_it_is_that_one_that_waits(offer: str) -> None:
    case, make, *_ = KINDS_OF_OFFER[offer]
    run = case()
    first = make(run)
    run.do(SHOP, answer(offer, yes=False))
    make(run)
    run.do(ZHAO, rewind_to(run, first))
    run.do(SHOP, answer(offer, yes=True, offer=first))


@pytest.mark.parametrize("named", [0, -1, "9", 1.5, True, 100_001])
def test_an_offer_is_named_by_the_number_of_an_entry(named: Any) -> None:
    with pytest.raises(WrongForm):
        Answer.strict({"offer": named})


@pytest.mark.parametrize("process", KINDS.values(), ids=[f"{kind}-{v}" for kind, v in KINDS])
def test_whatever_is_answered_was_offered(process: Process) -> None:
    """A state whose steps take an `Answer` is entered by an `Offer`, or by time from another."""
    answered = [
        state
        for state in process.states
        if any(issubclass(step.form, Answer) for step in state.steps)
    ]
    for state in answered:
        entering = [
            (each, step)
            for each in process.states
            for step in each.steps
            if state.name.value in step.arrows.values()
        ]
        assert entering
        for each, step in entering:
            waits_on = each in answered and step.after is not None
            assert waits_on or issubclass(step.form, Offer)
