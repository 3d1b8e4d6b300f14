"""A complaint in dispute: its clocks, its ways; what severity decides; what is learnt."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cases import KINDS
from cases.common.classification import Severity
from cases.common.errors import ChecksMissing, MeasureNotDue, NoSuchMeasure
from cases.common.measures import CHECKED_WITHIN
from cases.complaint.categories import PLAYBOOK, REQUIRED, Category
from cases.complaint.figures import WAY_LIMITS
from cases.complaint.forms import DisputeWay
from cases.complaint.rules import HANDLING
from domain.errors import WrongForm
from domain.language.playbook import PlaybookCheck
from domain.read_models.explain import explain
from domain.read_models.projection import case_view, task_views
from tests.cases.test_complaint_money import agreed, granted, proposing, settling
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, SHOP, ZHAO, ZHOU

FAILED = {"outcome": "failed", "dated": "2026-03-02", "agreed": "nothing"}
QUALITY = {"category": "product_quality", "severity": "minor"}
PRICE = {"category": "price", "severity": "minor"}


def disputed() -> CaseDriver:
    run = proposing()
    for amount in ("1.00", "2.00"):
        seq = run.do(LIU, granted(amount)).last
        run.do(SHOP, ("reject_solution", {"offer": seq}))
    return run


def test_the_second_rejection_opens_a_dispute_and_the_chosen_way_pauses_the_resolution() -> None:
    run = disputed()
    assert run.case.state == "disputed"
    assert run.case.clocks["resolution"].state.value == "running"
    chosen = run.do(LIU, ("choose_way", {"way": "lawsuit", "customers_word": "in court"})).last
    spent = run.case.clocks["resolution"].spent(run.now)
    run.pass_time(9 * DAY)
    assert run.case.clocks["resolution"].spent(run.now) == spent
    explained = {each.clock: each for each in explain(run.process, run.case, run.now)}
    pause = explained["resolution"].pauses[-1]
    assert (pause.entry, pause.until) == (chosen, None)
    assert explained["dispute"].budget == WAY_LIMITS[DisputeWay.LAWSUIT].usual


def test_the_work_that_begins_again_has_two_offers_anew() -> None:
    run = proposing()
    seq = run.do(LIU, granted("1.00")).last
    run.do(SHOP, ("reject_solution", {"offer": seq}))
    seq = run.do(LIU, ("propose", {"solution": "Sorry.", "cost": {"amount": "0.00"}})).last
    run.do(SHOP, ("accept_solution", {"offer": seq}))
    run.do(LIU, ("carry_out", {"done": "Said so."}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    seq = run.do(LIU, granted("3.00")).last
    run.do(SHOP, ("reject_solution", {"offer": seq}))
    assert run.case.state == "proposing"


@pytest.mark.parametrize("way", DisputeWay)
def test_any_way_may_be_chosen_first_and_has_its_own_limit(way: DisputeWay) -> None:
    run = disputed()
    run.do(LIU, ("choose_way", {"way": way.value, "customers_word": "so"}))
    began = run.case.last.at
    assert run.case.clocks["dispute"].due == began + WAY_LIMITS[way].usual
    run.pass_time(DAY)
    run.do(LIU, ("record_result", FAILED))
    assert run.case.clocks["dispute"].state.value == "met"
    run.do(LIU, ("choose_way", {"way": "lawsuit", "customers_word": "then in court"}))
    again = run.case.clocks["dispute"]
    assert (again.number, again.due) == (2, run.case.last.at + WAY_LIMITS[DisputeWay.LAWSUIT].usual)


def test_a_way_that_takes_too_long_is_a_breach() -> None:
    run = disputed()
    run.do(LIU, ("choose_way", {"way": "negotiation", "customers_word": "so"}))
    run.pass_time(WAY_LIMITS[DisputeWay.NEGOTIATION].usual + HOUR)
    run.do(LIU, ("record_result", FAILED))
    assert run.case.clocks["dispute"].state.value == "met_late"


@pytest.mark.parametrize(
    "wrong",
    [{"outcome": "agreed", "paper": None}, {"amount": {"amount": "1.00"}}, {"dated": "2026-03-03"}],
)
def test_a_result_is_recorded_with_its_paper_and_its_date(wrong: dict[str, object]) -> None:
    settling().refuse(WrongForm, LIU, ("record_result", {**FAILED, **wrong}))


def test_the_resolution_runs_on_when_there_is_an_agreement() -> None:
    run = settling()
    run.do(LIU, agreed("20.00"))
    spent = run.case.clocks["resolution"].spent(run.now)
    run.pass_time(HOUR)
    assert run.case.clocks["resolution"].spent(run.now) == spent + HOUR


NEWS = {Severity.MINOR: 2 * DAY, Severity.MODERATE: 2 * DAY, Severity.SERIOUS: DAY}
TEAMS = {
    Severity.MINOR: "complaints",
    Severity.MODERATE: "complaints",
    Severity.SERIOUS: "serious_complaints",
}


@pytest.mark.parametrize("severity", Severity)
def test_severity_decides_who_how_soon_and_how_thoroughly(severity: Severity) -> None:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {**QUALITY, "severity": severity.value}))
    who = {"minor": LIU, "moderate": ZHAO, "serious": ZHOU}[severity]
    run.do(who, ("claim", {}))
    assert run.case.clocks["progress"].target.budget == NEWS[severity]
    if severity not in REQUIRED[Category.PRODUCT_QUALITY]:
        run.do(who, ("investigate", FINDING))
        return
    items = PLAYBOOK[Category.PRODUCT_QUALITY]
    some = [{"check": check.value} for check in items[1:]]
    refused = run.refuse(ChecksMissing, who, ("investigate", {**FINDING, "checked": some}))
    assert refused.params["checks"] == [items[0].value]
    run.do(who, ("investigate", {**FINDING, "checked": [{"check": items[0].value}, *some]}))


def classified(severity: str) -> CaseDriver:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {**PRICE, "severity": severity}))
    return run


@pytest.mark.parametrize("severity", Severity)
def test_severity_decides_whose_list_shows_it(severity: Severity) -> None:
    run = classified(severity.value)
    assert run.case.team == TEAMS[severity]
    assert (run.case.team == run.process.team) == (severity is not Severity.SERIOUS)
    row = case_view(run.process, run.case)
    [task] = [t for t in task_views(run.process, run.case, 0) if t.done_at is None]
    assert row.team == task.team == TEAMS[severity]
    assert run.process.fold(run.case.opening, run.case.entries).team == run.case.team
    assert set(run.process.teams) == {*TEAMS.values()}


def test_the_team_follows_the_severity_and_a_team_that_a_person_names_stands() -> None:
    run = classified("minor")
    run.do(ZHAO, ("reclassify", {**PRICE, "severity": "serious"}))
    assert run.case.team == "serious_complaints"
    run.do(ZHOU, ("reclassify", {**PRICE, "severity": "moderate"}))
    assert run.case.team == "complaints"
    run.do(ZHAO, ("assign", {"assignee": ZHAO.id, "roles": [*ZHAO.roles], "team": "north"}))
    run.do(ZHAO, ("reclassify", {**PRICE, "severity": "minor"}))
    assert run.case.team == "north", "it calls for the same team as before"
    run.do(ZHAO, ("reclassify", {**PRICE, "severity": "serious"}))
    assert run.case.team == "serious_complaints", "now it calls for another"


def test_a_case_taken_back_is_with_the_team_of_then() -> None:
    run = classified("minor")
    run.do(ZHAO, ("reclassify", {**PRICE, "severity": "serious"}))
    run.do(ZHOU, ("rewind", {"to": 3, "reason": "It was the other case.", "clocks": "go_on"}))
    assert run.case.team == "complaints"
    run.do(ZHAO, ("reclassify", {**PRICE, "severity": "serious"}))
    assert run.case.team == "serious_complaints"


def test_older_versions_have_one_team_whatever_the_severity() -> None:
    assert [KINDS["complaint", version].teams for version in (1, 2)] == [("complaints",)] * 2


def shown(run: CaseDriver) -> Sequence[PlaybookCheck]:
    """What the playbook of a case that is classified has somebody look at."""
    book = run.process.playbook(run.case)
    assert book is not None
    return book.checks


def test_the_playbook_of_a_case_says_what_is_needed_and_what_was_done() -> None:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    assert run.process.playbook(run.case) is None
    run.do(LIU, ("accept", {}), ("classify", {**QUALITY, "severity": "moderate"}))
    names = [check.value for check in PLAYBOOK[Category.PRODUCT_QUALITY]]
    assert [(each.name, each.required, each.done) for each in shown(run)] == [
        (name, True, False) for name in names
    ]
    run.do(ZHAO, ("reclassify", PRICE))
    names = [check.value for check in PLAYBOOK[Category.PRICE]]
    assert [(each.name, each.required) for each in shown(run)] == [(name, False) for name in names]
    run.do(LIU, ("claim", {}), ("investigate", {**FINDING, "checked": [{"check": names[1]}]}))
    assert [each.done for each in shown(run)] == [False, True]


def test_every_category_has_a_playbook() -> None:
    assert set(PLAYBOOK) == set(Category)
    assert all(PLAYBOOK.values())
    assert set(WAY_LIMITS) == set(DisputeWay)
    assert set(HANDLING) == set(Severity)


def test_whatever_it_is_called_on_the_way_the_promises_are_those_from_receipt() -> None:
    """The same complaint, called this and that: the promise is as if it had been known at once."""
    straight, corrected = (CaseDriver("complaint", actor=SHOP, customer="c") for _ in range(2))
    for run, first in ((straight, QUALITY), (corrected, PRICE)):
        run.do(LIU, ("accept", {}), ("classify", first), ("claim", {}))
    for sorts in (QUALITY, PRICE, QUALITY):
        corrected.pass_time(HOUR)
        corrected.do(LIU, ("reclassify", sorts))
    for name in ("solution", "resolution"):
        ours, theirs = corrected.case.clocks[name], straight.case.clocks[name]
        assert (ours.started_at, ours.due) == (theirs.started_at, theirs.due)


def test_a_measure_is_checked_while_the_case_may_be_reopened() -> None:
    run = proposing()
    run.do(LIU, ("propose", {"solution": "Sorry.", "cost": {"amount": "0.00"}}))
    run.do(SHOP, ("accept_solution", {}))
    measure = {"measure": "Train the clerk.", "owner": "门店", "due": "2026-03-05"}
    past = {**measure, "due": "2026-03-01"}
    run.refuse(WrongForm, LIU, ("record_measure", past))
    seq = run.do(LIU, ("record_measure", measure)).last
    run.do(LIU, ("carry_out", {"done": "Said so."}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    closed = run.case.last.at
    effect = {"effective": True, "effect": "No more of it."}
    early = run.refuse(MeasureNotDue, CHEN, ("check_measure", {"of": seq, **effect}))
    assert early.params == {"entry": seq, "due": "2026-03-05"}
    run.pass_time(2 * DAY + 14 * HOUR)
    run.refuse(MeasureNotDue, CHEN, ("check_measure", {"of": seq, **effect}))
    run.pass_time(DAY)
    run.refuse(NoSuchMeasure, CHEN, ("check_measure", {"of": seq - 1, **effect}))
    run.do(CHEN, ("check_measure", {"of": seq, **effect}))
    assert run.case.state == "closed"
    assert run.process.steps_end_at(run.case) == closed + timedelta(days=7)
    assert run.case.since == closed
    run.pass_time(7 * DAY + MINUTE)
    assert not list(run.process.steps(run.case, run.now))


def test_a_closed_case_waits_until_its_measure_is_checked() -> None:
    run = proposing()
    run.do(LIU, ("propose", {"solution": "Sorry.", "cost": {"amount": "0.00"}}))
    run.do(SHOP, ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "Said so."}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    closed = run.case.last.at
    measure = {"measure": "Another supplier.", "owner": "采购部", "due": "2026-05-31"}
    run.refuse(WrongForm, LIU, ("record_measure", {**measure, "due": "2026-06-30"}))
    seq = run.do(LIU, ("record_measure", measure)).last
    assert run.process.steps_end_at(run.case) == closed + CHECKED_WITHIN.usual
    run.pass_time(92 * DAY)
    assert [step.name for step in run.process.steps(run.case, run.now)] == ["check_measure"]
    run.do(CHEN, ("check_measure", {"of": seq, "effective": True, "effect": "No more of it."}))
    assert run.process.steps_end_at(run.case) == closed + 7 * DAY
    assert not list(run.process.steps(run.case, run.now))
