"""Repairs: who takes a job, whose time counts, and what is given back."""

import pytest

from cases.common.policy import JOB_LAPSES, QUOTE_LAPSES
from domain.errors import NotACandidate, StepNotAllowed, TaskTaken
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
COVERED: StepForm = ("diagnose", {"outcome": "covered", "finding": "x"})
QUOTED: StepForm = ("quote", {"price": {"amount": "980"}, "work": "x"})
MENDED: StepForm = ("repair", {"work": "x"})


def to(whom: Actor) -> StepForm:
    return "assign", {"assignee": whom.id, "roles": list(whom.roles)}


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
        run.pass_time(JOB_LAPSES)
        run.process.settle(run.case, run.now)
    assert (run.case.state, run.holder) == ("classified", None)
    run.do(ROUTER, to(LUO))
    run.do(LUO, ("take_job", {}))
    assert run.case.state == "taken"
    late = ClockState.MET if declines else ClockState.MET_LATE
    assert run.case.clocks["response"].state is late


def test_time_stands_still_until_the_visit_and_not_until_it_is_arranged(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}))
    run.do(MA, ("miss", {"note": "Nobody at home."}))
    missed, spent = run.now, run.case.clocks["resolution"].spent(run.now)
    run.do(MA, ("appoint", {"window": "tomorrow"}))
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
    run.pass_time(QUOTE_LAPSES)
    run.process.settle(run.case, run.now)
    lapsed = next(entry for entry in run.case.entries if entry.step == "quote_lapsed")
    assert lapsed.at == since + QUOTE_LAPSES
    assert run.case.state == "returning_unrepaired"


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        ((COVERED, MENDED, ("test", {"passed": True})), "solved"),
        ((COVERED, ("give_up", {"reason": "No parts."})), "unrepaired"),
        ((("diagnose", {"outcome": "hopeless", "finding": "Burnt."}),), "unrepaired"),
    ],
)
def test_only_what_works_again_is_solved(
    run: CaseDriver, way: tuple[StepForm, ...], outcome: str
) -> None:
    run.do(MA, ("take_job", {}), HERE, *way, ("hand_over", {}))
    run.tell_customer()
    assert run.holder is None
    run.pass_time(HOUR)
    run.do(SHOP, ("confirm", {"solved": True}))
    assert run.process.state_of(run.case).outcome == outcome
    assert run.case.clocks["follow_up"].state is ClockState.MET


def test_who_cannot_be_reached_has_confirmed_nothing(run: CaseDriver) -> None:
    run.do(MA, ("take_job", {}), HERE, COVERED, ("give_up", {"reason": "x"}), ("hand_over", {}))
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
