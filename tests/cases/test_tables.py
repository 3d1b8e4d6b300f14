"""What holds of every kind's table, read off the table itself."""

import pytest

from cases import CURRENT, KINDS, newest
from cases.common.roles import STAFF_ROLES
from domain.engine.process import Process
from domain.language.roles import NOT_STAFF
from domain.language.table import Stage, WaitsOn
from domain.language.values import PERSONAL
from domain.mining.diagrams import mermaid
from tests.cases.random_walks import distances

EVERY_KIND = pytest.mark.parametrize(
    "process", KINDS.values(), ids=[f"{kind}-{version}" for kind, version in KINDS]
)


@EVERY_KIND
def test_an_end_is_reached_from_everywhere(process: Process) -> None:
    near = distances(process.states)
    assert {state.name.value for state in process.states} - set(near) <= {"withdrawn"}


@EVERY_KIND
def test_nothing_but_a_withdrawal_ends_without_the_customer_being_told(process: Process) -> None:
    """Take away the states in which somebody is told, and no end can be reached (M 6.2)."""
    telling = {
        state.name
        for state in process.states
        if {step.name for step in state.steps} & {"told", "told_by_hand"}
    }
    assert telling
    start = process.states[0].name.value
    untold = [state for state in process.states if state.name not in telling]
    assert start not in distances(untold)
    assert start in distances(process.states)


@EVERY_KIND
def test_it_goes_through_the_manuals_stages(process: Process) -> None:
    assert {state.stage for state in process.states} == set(Stage)
    stages = list(Stage)
    straight = [stages.index(state.stage) for state in process.states[:3]]
    assert straight == [0, 1, 2]


@EVERY_KIND
def test_only_known_roles_are_named(process: Process) -> None:
    known = STAFF_ROLES | NOT_STAFF
    for state in process.states:
        for step in state.steps:
            assert step.by.names <= known.names


@EVERY_KIND
def test_the_customer_may_withdraw_until_it_is_resolved(process: Process) -> None:
    for state in process.states:
        names = {step.name for step in state.steps}
        done = state.stage in (Stage.FOLLOW_UP, Stage.CLOSE) or state.delivers
        # What the world was asked for cannot be taken back.
        asked = state.waits_on is WaitsOn.WORLD
        assert ("withdraw" in names) == (not done and not asked), state.name


@EVERY_KIND
def test_free_text_is_marked_personal(process: Process) -> None:
    """Texts, notes and codes are the only words a form takes; the first two are personal."""
    for form in {process.opens_with, *process.forms.values()}:
        for name, field in form.model_fields.items():
            if field.annotation is str:
                is_code = any(r"\w" in str(getattr(m, "pattern", "")) for m in field.metadata)
                assert is_code or PERSONAL in field.metadata, f"{form.__name__}.{name}"


@EVERY_KIND
def test_a_diagram_shows_every_state_and_step(process: Process) -> None:
    drawn = mermaid(process)
    for state in process.states:
        assert f" {state.name.value}" in drawn
        assert all(f": {step.name}" in drawn for step in state.steps)
    assert "class received here" in mermaid(process, at="received")
    assert "classDef" not in drawn


def test_the_newest_table_is_what_new_cases_get() -> None:
    assert set(CURRENT) == {kind for kind, _ in KINDS}
    old = CURRENT["complaint"]
    assert newest({("x", 2): old, ("x", 10): CURRENT["inquiry"]})["x"] is CURRENT["inquiry"]


def test_kinds_have_letters_of_their_own() -> None:
    assert len({process.prefix for process in CURRENT.values()}) == len(CURRENT)
