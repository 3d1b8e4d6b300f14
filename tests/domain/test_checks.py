"""Tables that contradict themselves are refused at import, each with what is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum, auto
from typing import Any

import pytest

from cases import CURRENT
from domain.engine.action_forms import Assignment
from domain.engine.checks import refuse_wrong_table
from domain.engine.definition import Facts
from domain.engine.messages import Command
from domain.errors import WrongTable
from domain.language.effects import tell
from domain.language.forms import Empty, Form
from domain.language.roles import CUSTOMER, NOBODY, TIMER, WORLD, role
from domain.language.table import Stage, State, Step, WaitsOn, step
from domain.language.values import Text
from tests.domain.case_driver import NINE
from tests.support.cases import CHEN
from tests.support.cases import opening as opened

CLERK = role("clerk")
HOUR = timedelta(hours=1)


class At(StrEnum):
    """Where a test's case can be."""

    OPEN = auto()
    ASKING = auto()
    ISLAND = auto()
    DONE = auto()


class Verdict(StrEnum):
    """An outcome."""

    YES = auto()
    NO = auto()


class Judged(Form):
    """A form that says how it went."""

    outcome: Verdict


class Sure(Form):
    """One that says yes or no, under another name."""

    sure: bool


class Written(Form):
    """One with a field that must be there."""

    words: Text


FINISH = step("finish", Empty, by=CLERK, to=At.DONE)
DONE = State(At.DONE, "nothing", Stage.CLOSE, waits_on=WaitsOn.NOBODY, outcome="done")
ASKED = [
    step("told", Empty, by=WORLD, to=At.DONE),
    step("tell_failed", Empty, by=WORLD, to=At.OPEN),
]
ASKING = State(
    At.ASKING, "an answer", Stage.RESOLVE, waits_on=WaitsOn.WORLD, does=[tell("x")], steps=ASKED
)


def opening(*steps: Step, **more: Any) -> State:
    return State(At.OPEN, "a clerk", Stage.RESOLVE, steps=[FINISH, *steps], **more)


def island(*steps: Step) -> State:
    return State(At.ISLAND, "rescue", Stage.RESOLVE, steps=[*steps])


GO = step("go", Empty, by=CLERK, to=At.ISLAND)
STAY = step("stay", Empty, by=CLERK, to=At.ISLAND)


def test_a_sound_table_is_taken() -> None:
    refuse_wrong_table("sound", [opening(step("ask", Empty, by=CLERK, to=At.ASKING)), ASKING, DONE])


WRONG: list[tuple[str, Sequence[State]]] = [
    ("has no states", []),
    ("island is never reached", [opening(), island(FINISH), DONE]),
    ("island is never reached", [opening(), island(FINISH, STAY), DONE]),
    ("island is not declared", [opening(GO), DONE]),
    ("open is declared twice", [opening(), opening(), DONE]),
    ("island has no way to an end", [opening(GO), island(STAY), DONE]),
    ("open.finish stands twice", [opening(FINISH), DONE]),
    ("'Go on' is no name", [opening(step("Go on", Empty, by=CLERK, to=At.DONE)), DONE]),
    (
        "finish has two different forms",
        [opening(GO), island(step("finish", Written, by=CLERK, to=At.DONE)), DONE],
    ),
    (
        "finish is done by hand in one state and not in another",
        [opening(GO), island(step("finish", Empty, by=CLERK, by_hand=True, to=At.DONE)), DONE],
    ),
    (
        "open.x is done by hand, which only staff do",
        [opening(step("x", Empty, by=CLERK | CUSTOMER, by_hand=True, to=At.DONE)), DONE],
    ),
    ("open.x names nobody", [opening(step("x", Empty, by=NOBODY, to=At.DONE)), DONE]),
    ("open.x leads nowhere", [opening(step("x", Judged, by=CLERK, to={})), DONE]),
    (
        "open.x forgets the outcome no",
        [opening(step("x", Judged, by=CLERK, to={Verdict.YES: At.DONE})), DONE],
    ),
    (
        "open.x forgets the outcome False",
        [opening(step("x", Sure, by=CLERK, decide=lambda _, f: f.sure, to={True: At.DONE})), DONE],
    ),
    (
        "open.x branches without a 'decide', and its form has no field 'outcome'",
        [opening(step("x", Sure, by=CLERK, to={True: At.DONE, False: At.OPEN})), DONE],
    ),
    (
        "open.claim has the name of a task action",
        [opening(step("claim", Empty, by=CLERK, to=At.DONE)), DONE],
    ),
    (
        "open.x calls the world, which only a state",
        [opening(step("x", Empty, by=CLERK, to=At.DONE, does=[tell("y")])), DONE],
    ),
    (
        "open.x is the timer's without a time",
        [opening(step("x", Empty, by=TIMER, to=At.DONE)), DONE],
    ),
    (
        "open.x is the timer's without a time, or has a time and is not the timer's",
        [opening(step("x", Empty, by=CLERK, after=HOUR, to=At.DONE)), DONE],
    ),
    (
        "open.x is taken by time, which fills in no fields",
        [opening(step("x", Written, by=TIMER, after=HOUR, to=At.DONE)), DONE],
    ),
    (
        "open.x is taken by time without any time passing",
        [opening(step("x", Empty, by=TIMER, after=timedelta(), to=At.DONE)), DONE],
    ),
    (
        "open.x is taken by time and leads back",
        [opening(step("x", Empty, by=TIMER, after=HOUR, to=At.OPEN)), DONE],
    ),
    (
        "open asks the world and needs the steps for both answers",
        [opening(waits_on=WaitsOn.WORLD, does=[tell("x")]), DONE],
    ),
    (
        "open asks the world and needs the steps for both answers",
        [opening(step("x", Empty, by=WORLD, to=At.DONE)), DONE],
    ),
    (
        "asking calls the world more than once",
        [replace(ASKING, does=[tell("x"), tell("y")]), opening(), DONE],
    ),
    (
        "asking waits on the world just when",
        [replace(ASKING, waits_on=WaitsOn.STAFF), opening(), DONE],
    ),
    ("open waits on the world just when", [opening(waits_on=WaitsOn.WORLD), DONE]),
    (
        "island waits on staff, but no step is for staff",
        [opening(GO), island(step("x", Empty, by=CUSTOMER, to=At.DONE)), DONE],
    ),
    ("done: a closed state, and only that", [opening(), replace(DONE, outcome=None)]),
    ("done: a closed state, and only that", [opening(), replace(DONE, waits_on=WaitsOn.CUSTOMER)]),
    ("open: a closed state, and only that", [opening(outcome="done"), DONE]),
    (
        "done is closed, so its steps need an 'until'",
        [opening(), replace(DONE, steps=[step("again", Empty, by=CLERK, to=At.OPEN)])],
    ),
]


@pytest.mark.parametrize(("fault", "states"), WRONG, ids=[fault for fault, _ in WRONG])
def test_a_wrong_table_is_refused(fault: str, states: Sequence[State]) -> None:
    with pytest.raises(WrongTable) as refused:
        refuse_wrong_table("wrong", states)
    assert str(refused.value).startswith("wrong: ")
    assert fault in str(refused.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(WrongTable, match=r"never reached; .*names nobody"):
        refuse_wrong_table(
            "wrong", [opening(step("x", Empty, by=NOBODY, to=At.DONE)), island(FINISH), DONE]
        )


def test_handing_over_may_be_a_step() -> None:
    refuse_wrong_table("sound", [opening(step("assign", Assignment, by=CLERK, to=At.DONE)), DONE])


def test_a_wrong_prefix_is_refused() -> None:
    with pytest.raises(WrongTable, match="two capital letters"):
        replace(CURRENT["complaint"], prefix="T1")


def test_an_outcome_that_leads_nowhere_is_not_passed_over() -> None:
    """A table can promise only outcomes that it knows; words are not among those it can check."""
    odd = step("x", Written, by=CLERK, decide=lambda _, f: f.words, to={"yes": At.DONE})
    states = [opening(odd), DONE]
    process = replace(CURRENT["complaint"], states=states, facts=lambda _: Facts(), imports=None)
    case = process.open(opened("TS1", received_at=NINE), NINE)
    clerk = CHEN.model_copy(update={"roles": ("clerk",)})
    with pytest.raises(WrongTable, match="leads nowhere"):
        process.take(case, Command(step="x", form={"words": "no"}), clerk, NINE)
    assert (
        process.take(case, Command(step="x", form={"words": "yes"}), clerk, NINE).led_to == At.DONE
    )
