"""Until when a quote can be accepted, and how far ahead a visit is arranged."""

from datetime import timedelta
from typing import Any

import pytest

from cases.repair.errors import QuoteExpired
from cases.repair.figures import FARTHEST_VISIT, LONGEST_VALIDITY, QUOTE_LAPSES
from domain.errors import Refusal, WrongForm
from domain.stories import person
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver, StepForm
from tests.domain.return_case import rewind_to
from tests.support.cases import LIU, SHOP, ZHAO

MA = person("ma.qiang", "repairer")
PART = {"cost": "part", "work": "x", "price": {"amount": "980"}}
SECOND = timedelta(seconds=1)


@pytest.fixture
def run() -> CaseDriver:
    """A repair that is to be quoted."""
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}))
    run.do(MA, ("diagnose", {"outcome": "chargeable", "finding": "x"}))
    return run


def quoted(run: CaseDriver, valid_for: timedelta | None) -> StepForm:
    """A quote that is valid for so long from when it is handed in, a minute from now."""
    until = valid_for and {"valid_until": (run.now + MINUTE + valid_for).isoformat()}
    return "quote", {"price": {"amount": "980"}, "work": "x", "lines": [PART], **(until or {})}


def codes(refused: Refusal) -> list[tuple[str, str]]:
    errors: Any = refused.params["errors"]
    return [(error["pointer"], error["code"]) for error in errors]


@pytest.mark.parametrize(
    ("valid_for", "fault"),
    [
        (-SECOND, "validity_in_the_past"),
        (timedelta(), "validity_in_the_past"),
        (LONGEST_VALIDITY + SECOND, "validity_too_long"),
        (timedelta(days=3650), "validity_too_long"),
    ],
)
def test_a_quote_is_valid_for_a_while(run: CaseDriver, valid_for: timedelta, fault: str) -> None:
    form = {**quoted(run, None)[1], "valid_until": (run.now + MINUTE + valid_for).isoformat()}
    refused = run.refuse(WrongForm, MA, ("quote", form))
    assert codes(refused) == [("/valid_until", fault)]


@pytest.mark.parametrize("until", ["soon", "2026-03-05", 1772700000])
def test_the_moment_is_a_moment(run: CaseDriver, until: object) -> None:
    form = {**quoted(run, None)[1], "valid_until": until}
    (fault,) = codes(run.refuse(WrongForm, MA, ("quote", form)))
    assert fault[0] == "/valid_until"


@pytest.mark.parametrize("valid_for", [HOUR, 5 * DAY, 8 * DAY, 29 * DAY])
def test_a_yes_is_in_time_until_the_moment_and_not_at_it(
    run: CaseDriver, valid_for: timedelta
) -> None:
    run.do(MA, quoted(run, valid_for))
    until = run.now + valid_for
    run.now = until - MINUTE - SECOND
    run.process.settle(run.case, run.now)
    late = run.case.copy()
    run.do(SHOP, ("accept_quote", {}))
    assert run.case.state == "repairing"
    run.case, run.now = late, until - MINUTE
    refused = run.refuse(QuoteExpired, SHOP, ("accept_quote", {}))
    assert refused.params == {"until": until.isoformat()}


def test_to_a_quote_that_is_over_one_can_still_say_no_and_another_is_made(run: CaseDriver) -> None:
    run.do(MA, quoted(run, HOUR))
    run.pass_time(DAY)
    over = run.case.copy()
    run.do(SHOP, ("decline_quote", {}))
    run.case = over
    run.do(MA, ("recall_quote", {"reason": "x"}))
    offer = run.do(MA, quoted(run, HOUR)).last
    run.do(SHOP, ("accept_quote", {"offer": offer}))


def test_time_takes_no_quote_before_its_moment(run: CaseDriver) -> None:
    run.do(MA, quoted(run, QUOTE_LAPSES.usual + SECOND))
    made = run.now
    run.process.settle(run.case, made + LONGEST_VALIDITY - SECOND)
    assert run.case.state == "reminded_longer"
    run.process.settle(run.case, made + LONGEST_VALIDITY)
    lapsed = next(entry for entry in run.case.entries if entry.step == "quote_lapsed")
    assert lapsed.at == made + LONGEST_VALIDITY
    assert run.case.state == "returning_unrepaired"


@pytest.mark.parametrize("valid_for", [None, HOUR, QUOTE_LAPSES.usual])
def test_what_names_no_longer_moment_lapses_when_all_quotes_do(
    run: CaseDriver, valid_for: timedelta | None
) -> None:
    run.do(MA, quoted(run, valid_for))
    made = run.now
    run.process.settle(run.case, made + QUOTE_LAPSES.usual)
    assert run.case.state == "returning_unrepaired"
    assert run.case.arrivals()[-1].at == made + QUOTE_LAPSES.usual


def test_going_back_makes_no_quote_valid_again(run: CaseDriver) -> None:
    offer = run.do(MA, quoted(run, HOUR)).last
    run.do(MA, ("recall_quote", {"reason": "x"}))
    run.pass_time(2 * HOUR)
    run.do(ZHAO, rewind_to(run, offer))
    run.refuse(QuoteExpired, SHOP, ("accept_quote", {"offer": offer}))


@pytest.mark.parametrize(("over", "fault"), [(timedelta(), None), (SECOND, "window_too_far")])
def test_a_visit_is_arranged_for_the_next_three_months(over: timedelta, fault: str | None) -> None:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}))
    ends = run.now + MINUTE + FARTHEST_VISIT + over
    form = {"starts_at": (ends - HOUR).isoformat(), "ends_at": ends.isoformat()}
    if fault is None:
        run.do(MA, ("appoint", form))
    else:
        assert codes(run.refuse(WrongForm, MA, ("appoint", form))) == [("", fault)]
