"""Repairs: who takes a job, whose time counts, and what is given back."""

from datetime import timedelta
from typing import Any

import pytest

from cases.repair.errors import NoAppointment
from cases.repair.figures import JOB_LAPSES, LONGEST_WINDOW, MISSED_AFTER, QUOTE_LAPSES
from domain.errors import (
    NotACandidate,
    Refusal,
    StepNotAllowed,
    StepNotOffered,
    TaskTaken,
    WrongForm,
)
from domain.language.clocks import ClockState
from domain.language.roles import Actor, ActorKind
from domain.stories import person
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver, StepForm
from tests.support.cases import LIU, SHOP

MA = person("ma.qiang", "repairer")
LUO = person("luo.gang", "repairer")
ROUTER = Actor(kind=ActorKind.ROUTER, id="dispatch")
SORTED: StepForm = ("classify", {"category": "screen"})
HERE: StepForm = ("receive", {})
CHARGED: StepForm = ("diagnose", {"outcome": "chargeable", "finding": "x"})
COVERED: StepForm = ("diagnose", {"outcome": "covered", "finding": "x", "evidence": "Receipt."})
PART = {"cost": "part", "work": "x", "price": {"amount": "980"}}
QUOTED: StepForm = ("quote", {"price": {"amount": "980"}, "work": "x", "lines": [PART]})
BACK: StepForm = ("give_back", {"reason": "x"})
MENDED: StepForm = ("repair", {"work": "x"})


def to(whom: Actor) -> StepForm:
    return "assign", {"assignee": whom.id, "roles": list(whom.roles)}


def window(run: CaseDriver, ahead: timedelta, **more: str) -> StepForm:
    """A window of two hours that begins in so long."""
    starts = run.now + ahead
    times = {"starts_at": starts.isoformat(), "ends_at": (starts + 2 * HOUR).isoformat()}
    return "appoint", {**times, **more}


def codes(refused: Refusal) -> list[str]:
    errors: Any = refused.params["errors"]
    return [error["code"] for error in errors]


@pytest.fixture
def run() -> CaseDriver:
    """Dispatched to 马强 a minute after it came in."""
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(ROUTER, ("accept", {}), SORTED, to(MA))
    return run


def test_only_the_repairers_word_answers_the_customer(run: CaseDriver) -> None:
    assert run.case.clocks["response"].state is ClockState.RUNNING
    run.refuse(StepNotAllowed, LIU, ("take_job", {}))
    run.refuse(TaskTaken, LUO, ("take_job", {}))
    run.do(MA, ("take_job", {}))
    for clock in ("response", "acceptance"):
        assert run.case.clocks[clock].state is ClockState.MET
        assert run.case.clocks[clock].spent(run.now) == 4 * MINUTE


def test_a_job_is_for_repairers() -> None:
    run = CaseDriver("repair", actor=SHOP)
    run.do(LIU, ("accept", {}), SORTED)
    run.refuse(NotACandidate, LIU, to(LIU))
    run.refuse(NotACandidate, LIU, ("claim", {}))
    run.do(LIU, to(MA))
    assert run.holder == "ma.qiang"


@pytest.mark.parametrize("declines", [True, False])
def test_a_job_that_is_not_taken_is_dispatched_again(run: CaseDriver, declines: bool) -> None:
    if declines:
        run.do(MA, ("decline_job", {"reason": "Off duty."}))
    else:
        run.pass_time(JOB_LAPSES.usual)
        run.process.settle(run.case, run.now)
    assert (run.case.state, run.holder) == ("classified", None)
    run.do(ROUTER, to(LUO))
    run.do(LUO, ("take_job", {}))
    assert run.case.state == "taken"
    late = ClockState.MET if declines else ClockState.MET_LATE
    assert run.case.clocks["response"].state is late


def test_time_stands_still_until_the_visit_and_not_until_it_is_arranged(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}))
    run.do(MA, window(run, HOUR))
    run.pass_time(HOUR + MISSED_AFTER.usual)
    run.do(MA, ("miss", {"outcome": "customer", "note": "Nobody at home."}))
    missed, spent = run.now, run.case.clocks["resolution"].spent(run.now)
    run.do(MA, window(run, DAY, moved_by="customer"))
    run.pass_time(DAY)
    assert run.case.clocks["resolution"].spent(run.now) == spent
    run.do(MA, ("visit", {}))
    assert run.case.clocks["resolution"].pauses == ((missed, run.now),)


def test_a_failed_test_goes_back(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), HERE, COVERED, MENDED, ("test", {"passed": False}))
    assert run.case.state == "repairing"
    run.do(MA, MENDED, ("test", {"passed": True}))
    assert run.case.state == "returning"


def test_a_quote_lapses_to_the_second(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), HERE, CHARGED, QUOTED)
    since = run.now
    run.pass_time(QUOTE_LAPSES.usual)
    run.process.settle(run.case, run.now)
    lapsed = next(entry for entry in run.case.entries if entry.step == "quote_lapsed")
    assert lapsed.at == since + QUOTE_LAPSES.usual
    assert run.case.state == "returning_unrepaired"


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        ((COVERED, MENDED, ("test", {"passed": True})), "solved"),
        ((COVERED, ("give_up", {"reason": "No parts."}), BACK), "unrepaired"),
        ((("diagnose", {"outcome": "hopeless", "finding": "Burnt."}), BACK), "unrepaired"),
    ],
)
def test_only_what_works_again_is_solved(
    run: CaseDriver, way: tuple[StepForm, ...], outcome: str
) -> None:
    run.do(MA, ("take_job", {}), HERE)
    for each in way:
        run.do(LIU if each == BACK else MA, each)
    run.do(MA, ("hand_over", {}))
    run.tell_customer()
    assert run.holder is None
    run.pass_time(HOUR)
    run.do(SHOP, ("confirm", {"solved": True}))
    assert run.process.state_of(run.case).outcome == outcome
    assert run.case.clocks["follow_up"].state is ClockState.MET


def test_who_cannot_be_reached_has_confirmed_nothing(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), HERE, COVERED, ("give_up", {"reason": "x"}))
    run.do(LIU, BACK, ("hand_over", {}))
    run.tell_customer()
    for _ in range(3):
        run.do(LIU, ("follow_up", {"reached": False}))
        run.pass_time(DAY)
    assert run.process.state_of(run.case).outcome == "unconfirmed"


def test_what_does_not_hold_is_dispatched_anew(run: CaseDriver) -> None:
    work: tuple[StepForm, ...] = (
        HERE,
        COVERED,
        MENDED,
        ("test", {"passed": True}),
        ("hand_over", {}),
    )
    run.do(MA, ("take_job", {}), *work)
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    assert run.case.state == "classified"
    again = run.case.clocks["resolution"]
    assert (again.number, again.state, again.started_at) == (2, ClockState.RUNNING, run.now)


@pytest.mark.parametrize(
    ("starts", "ends", "fault"),
    [(2, 1, "upside_down"), (1, 1, "upside_down"), (-3, -1, "window_in_the_past")],
)
def test_a_window_lies_ahead_and_the_right_way_round(
    run: CaseDriver, starts: int, ends: int, fault: str
) -> None:
    run.do(MA, ("take_job", {}))
    times = {"starts_at": run.now + starts * HOUR, "ends_at": run.now + ends * HOUR}
    form = {name: at.isoformat() for name, at in times.items()}
    refused = run.refuse(WrongForm, MA, ("appoint", form))
    assert codes(refused) == [fault]


@pytest.mark.parametrize(("over", "fault"), [(0, None), (1, "window_too_long")])
def test_a_window_is_no_longer_than_a_day(run: CaseDriver, over: int, fault: str | None) -> None:
    run.do(MA, ("take_job", {}))
    starts = run.now + HOUR
    ends = starts + LONGEST_WINDOW + timedelta(seconds=over)
    appoint: StepForm = ("appoint", {"starts_at": f"{starts:%FT%TZ}", "ends_at": f"{ends:%FT%TZ}"})
    if fault:
        assert codes(run.refuse(WrongForm, MA, appoint)) == [fault]
    else:
        run.do(MA, appoint)


def test_a_customer_is_waited_for_before_they_are_missed(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), window(run, HOUR))
    starts = run.now + HOUR - MINUTE
    miss: StepForm = ("miss", {"outcome": "customer", "note": "Nobody at home."})
    for ahead, why in (
        (timedelta(), "ahead"),
        (MINUTE, "waiting"),
        (MISSED_AFTER.usual, "waiting"),
    ):
        run.now = starts + ahead - 2 * MINUTE
        assert run.refuse(NoAppointment, MA, miss).params["why"] == why
    run.now = starts + MISSED_AFTER.usual - MINUTE
    run.do(MA, miss)


def test_a_short_window_is_waited_for_to_its_end(run: CaseDriver) -> None:
    starts, ends = run.now + HOUR, run.now + HOUR + 5 * MINUTE
    form = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    run.do(MA, ("take_job", {}), ("appoint", form))
    miss: StepForm = ("miss", {"outcome": "customer", "note": "Nobody at home."})
    run.now = ends - 2 * MINUTE
    assert run.refuse(NoAppointment, MA, miss).params["until"] == ends.isoformat()
    run.now = ends - MINUTE
    run.do(MA, miss)


def test_that_we_did_not_come_is_said_from_the_beginning_on(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), window(run, HOUR))
    run.pass_time(HOUR)
    run.do(MA, ("miss", {"outcome": "us", "note": "The job before took longer."}))
    assert run.case.state == "taken"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"outcome": "void", "evidence": "photo"}, "cause_missing"),
        ({"outcome": "void", "cause": "fell"}, "evidence_missing"),
        ({"outcome": "goodwill"}, "share_of_goodwill"),
        ({"outcome": "covered", "share": 10}, "share_of_goodwill"),
        ({"outcome": "goodwill", "share": 101}, "less_than_equal"),
    ],
)
def test_what_the_warranty_says_is_complete(
    run: CaseDriver, more: dict[str, object], fault: str
) -> None:
    run.do(MA, ("take_job", {}), HERE)
    refused = run.refuse(WrongForm, MA, ("diagnose", {"finding": "x", **more}))
    assert codes(refused) == [fault]


def test_parts_are_not_expected_yesterday_and_the_customer_hears_of_every_date(
    run: CaseDriver,
) -> None:
    run.do(MA, ("take_job", {}), HERE, COVERED)
    late = {"parts": "x", "expected_on": f"{run.now - DAY:%Y-%m-%d}"}
    refused = run.refuse(WrongForm, MA, ("await_parts", late))
    assert codes(refused) == ["day_in_the_past"]
    for step, notice in (("await_parts", "parts_awaited"), ("move_parts", "parts_moved")):
        run.do(MA, (step, {"parts": "x", "expected_on": f"{run.now + DAY:%Y-%m-%d}"}))
        effects = run.process.effects(run.case, run.case.last)
        assert [effect.template for effect in effects] == [notice]


@pytest.mark.parametrize("version", [1, 2])
def test_older_tables_take_their_own_forms(version: int) -> None:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1", version=version)
    run.do(ROUTER, ("accept", {}), SORTED, to(MA))
    run.do(MA, ("take_job", {}), ("appoint", {"window": "tomorrow"}), ("miss", {"note": "x"}))
    assert run.case.state == "missed"
    run.do(MA, HERE, CHARGED, ("quote", {"price": {"amount": "980"}, "work": "x"}))
    run.do(SHOP, ("accept_quote", {}))
    assert run.case.state == "repairing"
    run.refuse(WrongForm, MA, ("repair", {"work": "x", "lines": []}))
    run.refuse(StepNotOffered, MA, ("await_parts", {"parts": "x", "expected_on": "2026-03-09"}))
