"""Times and counts are figures of a policy: a case goes, and replays, by those of its own."""

from datetime import timedelta

import pytest

from cases import CURRENT
from cases.common.figures import REOPEN_WINDOW, longest, time_under
from cases.common.policy import publish, published_policy
from cases.returns.figures import LAW, windows_of
from domain.errors import StepNotOffered
from domain.language.waits import as_wait
from ops.conformance import check_conformance
from policies.check import read_policy
from policies.document_text import DocumentRefused
from policies.documents import DEFAULT, calendars
from policies.figure_document import known_figures, written
from tests.cases.test_complaint_money import granted
from tests.cases.test_policy_documents import TEXT, faults_of
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, SHOP, SORTED

VERSION = "test-figures"
FIGURES = """\
times:
  reopen_window: P10D
  complaint.offer_lapses: P3D
  complaint.dispute_lawsuit: P2D
  returns.goods_reminder: P12D
counts:
  failed_attempts: 1
  complaint.rejections: 1
  returns.return_days: 15
  returns.quality_exchange_days: 30
"""
publish([read_policy(TEXT.replace("2027-1", VERSION) + FIGURES, calendars())[1]])
BOTH = pytest.mark.parametrize("policy", [VERSION, DEFAULT])


def offered(policy: str) -> CaseDriver:
    """Return a complaint to which a solution was just offered."""
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1", policy_version=policy)
    run.do(LIU, ("accept", {}), ("classify", SORTED), ("claim", {}), ("investigate", FINDING))
    run.do(LIU, granted("0", "apology"))
    return run


def follows(run: CaseDriver) -> bool:
    """Say whether the entries make the same case again, and are what its table would do."""
    opening, entries = run.case.opening, run.case.entries
    again = run.process.fold(opening, entries)
    return again == run.case and not check_conformance(opening.tenant, opening.number, entries)


@BOTH
def test_an_offer_lapses_when_the_policy_of_the_case_says(policy: str) -> None:
    run = offered(policy)
    due = run.now + (3 * DAY if policy == VERSION else 7 * DAY)
    assert run.process.next_timer(run.case) != (due - MINUTE, "offer_lapsed")
    run.process.settle(run.case, due - MINUTE)
    assert run.case.state == "proposed"
    run.process.settle(run.case, due)
    assert (run.case.last.step, run.case.last.at) == ("offer_lapsed", due)
    assert follows(run)


@BOTH
def test_a_closed_case_is_reopened_as_long_as_its_policy_says(policy: str) -> None:
    run = CaseDriver("inquiry", actor=SHOP, customer="customer-1", policy_version=policy)
    run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
    run.do(LIU, ("claim", {}), ("answer", {"answer": "Here it is."}))
    run.tell_customer()
    solved = {"reached": True, "solved": True, "satisfaction": "satisfied"}
    run.do(LIU, ("follow_up", solved))
    closed, days = run.case.last.seq, 10 if policy == VERSION else 7
    assert run.process.steps_end_at(run.case) == run.now + days * DAY
    assert time_under(published_policy(policy), REOPEN_WINDOW) == days * DAY
    run.pass_time(days * DAY - HOUR)
    run.do(SHOP, ("reopen", {"reason": "It is not."}))
    assert follows(run)
    again = CaseDriver("inquiry", actor=SHOP, policy_version=policy)
    again.process, again.case = run.process, run.process.as_of(run.case, closed)
    again.now = run.now + 2 * HOUR
    again.refuse(StepNotOffered, SHOP, ("reopen", {"reason": "It is not."}), id="too late")


@BOTH
def test_one_rejection_may_be_enough_for_a_dispute_whose_limit_is_the_policys(policy: str) -> None:
    run = offered(policy)
    run.do(SHOP, ("reject_solution", {"offer": run.case.last.seq}))
    assert run.case.state == ("disputed" if policy == VERSION else "proposing")
    if policy == VERSION:
        run.do(LIU, ("choose_way", {"way": "lawsuit", "customers_word": "See you in court."}))
        assert run.case.clocks["dispute"].due == run.now + 2 * DAY
    assert follows(run)


@BOTH
def test_goods_go_back_as_long_as_the_policy_says_and_never_shorter_than_the_law(
    policy: str,
) -> None:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", policy_version=policy)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    yuan = {"amount": "299.00", "currency": "CNY"}
    review = {"ground": "personal", "ruling": "refund", "delivered_on": "2026-02-17"}
    run.do(LIU, ("review", {**review, "freight": "customer", "amount": yuan, "paid": yuan}))
    assert run.case.state == ("awaiting_goods" if policy == VERSION else "exception")
    windows = windows_of(run.case)
    assert (windows.without_reason, windows.faulty_refund, windows.faulty_exchange) == (
        (15, 7, 30) if policy == VERSION else (7, 7, 15)
    )
    assert follows(run)


def test_one_attempt_may_be_enough() -> None:
    run = CaseDriver("inquiry", actor=SHOP, customer="customer-1", policy_version=VERSION)
    run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
    run.do(LIU, ("claim", {}), ("answer", {"answer": "Here it is."}))
    run.tell_customer()
    run.do(LIU, ("follow_up", {"reached": False}))
    assert run.case.state == "unconfirmed"


def test_whoever_asks_for_all_cases_takes_the_longest_window() -> None:
    assert longest(REOPEN_WINDOW) >= 10 * DAY


def test_lengths_of_time_are_added_and_subtracted_case_by_case() -> None:
    run = offered(VERSION)
    offer = CURRENT["complaint"].state("proposed").steps[2].after
    assert offer is not None
    assert (offer.usual, offer.of(run.case)) == (7 * DAY, 3 * DAY)
    assert (offer + HOUR).of(run.case) == 3 * DAY + HOUR
    assert (as_wait(5 * DAY) - offer).of(run.case) == 2 * DAY
    assert (as_wait(5 * DAY) - offer).usual == -2 * DAY


@pytest.mark.parametrize("name", known_figures())
def test_what_is_usual_is_allowed_and_no_less_than_the_law(name: str) -> None:
    figure = known_figures()[name]
    part = "times" if isinstance(figure.usual, timedelta) else "counts"
    for value in (figure.usual, figure.least):
        text = f"{part}: {{{name}: {written(value)}}}\n"
        codes = codes_of_faults(text)
        assert codes <= ({"figure_not_below"} if value == figure.least else set())
    assert (LAW.without_reason, LAW.faulty_refund, LAW.faulty_exchange) == (7, 7, 15)


def codes_of_faults(text: str) -> set[str]:
    try:
        read_policy(TEXT + text, calendars())
    except DocumentRefused as refused:
        return {each.code for each in refused.faults}
    return set()


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("times: {returns.return_days: P9D}", "/times/returns.return_days", "no_such_figure"),
        ("counts: {reopen_window: 9}", "/counts/reopen_window", "no_such_figure"),
        ("counts: {returns.return_days: 6}", "/counts/returns.return_days",
         "figure_out_of_bounds"),
        ("counts: {returns.quality_exchange_days: 14}", "/counts/returns.quality_exchange_days",
         "figure_out_of_bounds"),
        ("times: {reopen_window: P90D}", "/times/reopen_window", "figure_out_of_bounds"),
        ("times: {reopen_window: 9}", "/times/reopen_window", "duration_spelling"),
        ("counts: {failed_attempts: 2.5}", "/counts/failed_attempts", "int_type"),
        ("times: {goods_lapse: P9D}", "/times/goods_lapse", "figure_not_below"),
        ("times: {repair.first_reminder: P6D}", "/times/repair.first_reminder",
         "figure_not_below"),
        ("times: {repair.quote_lapses: P6D}", "/times/repair.quote_lapses", "figure_not_below"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_figures_is_told_with_its_place(
    text: str, pointer: str, code: str
) -> None:
    [fault] = faults_of(f"{TEXT}{text}\n")
    assert (fault.pointer, fault.code) == (pointer, code)
    assert fault.line == TEXT.count("\n") + 1
