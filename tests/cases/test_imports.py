"""Cases that are taken over from another system: whatever state they come in, they go on."""

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import CURRENT
from cases.common.figures import GOODS_LAPSE
from domain.engine.imports import Imports
from domain.engine.messages import Imported, opening_of
from domain.engine.process import Process
from domain.errors import WrongTable
from domain.language.clocks import ClockState
from domain.language.entries import Entry, EntryType
from domain.read_models.projection import case_view, projection_update
from ops.conformance import check_conformance
from tests.cases.form_strategies import shapes
from tests.cases.random_walks import Walk, sensible, to_an_end
from tests.cases.test_walks import OFTEN
from tests.domain.case_driver import NINE
from tests.support.cases import CHEN, opening

OF_A_CASE = {EntryType.BREACHED, EntryType.ESCALATED, EntryType.WARNED}
EVERY_KIND = pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
AGES = [timedelta(), *(timedelta(hours=hours) for hours in (1, 30, 47, 49, 400, 9000))]


def open_states(process: Process) -> list[str]:
    """Return the open states in which a kind takes cases over."""
    assert process.imports is not None
    return [*process.imports.open_states]


def closed_states(process: Process) -> list[str]:
    """Return the states in which a case is over."""
    return [state.name.value for state in process.states if state.closed]


def taken_over(process: Process, state: str, age: timedelta, **more: object) -> Walk:
    """Return a case of that age which is imported now."""
    assert process.imports is not None
    classified = state not in {each.value for each in process.imports.unclassified}
    form = shapes(process.imports.classification)[0].canonical() if classified else None
    imported = Imported.model_validate({"state": state, "classification": form, **more})
    first = opening(
        "TS1",
        process.kind,
        CHEN,
        received_at=NINE - age,
        source="oldsys",
        customer="customer-1",
        imported=imported,
    )
    return Walk(process, process.open(first, NINE))


@st.composite
def imports(draw: st.DrawFn, process: Process) -> Walk:
    """A case of any age in any state in which its kind takes cases over."""
    state = draw(st.sampled_from([*open_states(process), *closed_states(process)]))
    if state not in closed_states(process):
        return taken_over(process, state, draw(st.sampled_from(AGES)))
    age = timedelta(hours=draw(st.sampled_from([1, 100, 9000])))
    return taken_over(process, state, 2 * age, closed_at=NINE - age)


@EVERY_KIND
@settings(OFTEN, max_examples=12)
@given(data=st.data())
def test_whatever_state_it_comes_in_it_goes_on_to_an_end(
    process: Process, data: st.DataObject
) -> None:
    walk = data.draw(imports(process))
    for index in range(data.draw(st.integers(0, 8))):
        walk.now += data.draw(st.sampled_from([timedelta(), timedelta(hours=5)]))
        walk.settle()
        if not [*process.steps(walk.case, walk.now)]:
            break
        attempt = data.draw(sensible(walk))
        walk.attempt(attempt.model_copy(update={"id": f"r{index}"}))
        walk.record()
    for request in to_an_end(walk):
        refused = walk.refused
        walk.attempt(request)
        assert walk.refused == refused
    case = walk.case
    assert process.state_of(case).closed
    written = [Entry.model_validate_json(entry.model_dump_json()) for entry in case.entries]
    assert process.fold(opening_of(written[0]), written) == case
    assert not [*check_conformance(case.opening.tenant, case.opening.number, written)]


@EVERY_KIND
@pytest.mark.parametrize("age", AGES, ids=str)
def test_what_was_due_before_sends_nothing_and_counts_for_nothing(
    process: Process, age: timedelta
) -> None:
    """Nobody is told of it, no clock is met or broken by it, and what is not due yet goes on."""
    for state in open_states(process):
        walk = taken_over(process, state, age)
        update = projection_update(process, walk.case, 0)
        assert [entry.type for entry in walk.case.entries] == [EntryType.OPENED]
        assert not update.notices
        assert walk.case.state == state
        for instance in walk.case.clock_instances():
            due = instance.at_share(1.0)
            paused = instance.clock in process.state(state).pauses
            going_on = ClockState.PAUSED if paused else ClockState.RUNNING
            assert instance.state is (ClockState.CANCELLED if due <= NINE else going_on)
            assert all(at > NINE for at, _ in instance.coming_milestones)
        assert process.imports is not None
        is_awaited = state in {each.value for each in process.imports.awaiting}
        assert len(update.tasks) == (not is_awaited)


def test_a_promise_that_is_not_over_is_kept_or_broken_here() -> None:
    process = CURRENT["complaint"]
    walk = taken_over(process, "investigating", timedelta(hours=47))
    assert walk.case.clocks["resolution"].started_at == NINE - timedelta(hours=47)
    assert "response" not in walk.case.clocks
    walk.now += timedelta(hours=2)
    walk.settle()
    assert walk.case.clocks["resolution"].state is ClockState.BREACHED
    assert OF_A_CASE & {entry.type for entry in walk.case.entries}


def test_a_promise_that_begins_only_here_counts_from_here() -> None:
    """An old complaint that is found to be about quality is promised a solution from then on."""
    process = CURRENT["complaint"]
    walk = taken_over(process, "accepted", timedelta(days=30))
    for request in islice(to_an_end(walk), 1):
        walk.now += timedelta(hours=1)
        classify = {"category": "product_quality", "severity": "minor"}
        command = request.commands[0].model_copy(update={"step": "classify", "form": classify})
        walk.attempt(request.model_copy(update={"commands": (command,)}))
    assert walk.case.state == "classified"
    solution = walk.case.clocks["solution"]
    assert (solution.started_at, solution.state) == (walk.now, ClockState.RUNNING)
    assert walk.case.clocks["resolution"].started_at == walk.now


@EVERY_KIND
def test_a_closed_one_is_closed_when_it_was_with_no_clock_running(process: Process) -> None:
    for state in closed_states(process):
        closed_at = NINE - timedelta(days=200)
        walk = taken_over(process, state, timedelta(days=300), closed_at=closed_at)
        row = case_view(process, walk.case)
        assert (row.closed_at, row.outcome) == (closed_at, process.state(state).outcome)
        assert not walk.case.clock_instances()
        ends_at = process.steps_end_at(walk.case)
        assert ends_at is not None
        assert ends_at <= NINE, "its workflow ends at once"


def test_who_goes_on_with_it_and_what_it_was() -> None:
    process = CURRENT["complaint"]
    walk = taken_over(
        process,
        "investigating",
        timedelta(days=3),
        assignee="liu.yang",
        roles=["agent"],
        priority="P1",
    )
    row = case_view(process, walk.case)
    assert (row.assignee, row.priority, row.source) == ("liu.yang", "P1", "oldsys")


def test_an_ordinary_opening_says_nothing_of_it() -> None:
    first = opening("TS1", received_at=NINE)
    assert "imported" not in first.entry_form()


def test_a_table_names_only_states_that_wait_for_staff() -> None:
    process = CURRENT["complaint"]
    assert process.imports is not None
    proposed = next(each.name for each in process.states if each.name.value == "proposed")
    wrong = Imports(process.imports.classification, (), (proposed,))
    values = {name: getattr(process, name) for name in process.__dataclass_fields__}
    with pytest.raises(WrongTable, match="proposed is no open state that waits for staff"):
        Process(**{**values, "imports": wrong})
    answering = next(each.name for each in process.states if each.name.value == "proposing")
    wrong = Imports(process.imports.classification, (), (), (answering,))
    with pytest.raises(WrongTable, match="proposing is no open state that waits for customer"):
        Process(**{**values, "imports": wrong})


def test_steps_begin_where_cases_are_taken_over_and_end_where_people_are_waited_for() -> None:
    process = CURRENT["complaint"]
    assert process.imports is not None
    named = {each.name.value: each.name for each in process.states}
    values = {name: getattr(process, name) for name in process.__dataclass_fields__}
    for end, begin, why in (
        ("paying", "proposing", "paying is no open state that waits for people"),
        ("closed", "proposing", "closed is no open state that waits for people"),
        ("carrying_out", "proposed", "no case is imported into proposed"),
    ):
        wrong = replace(process.imports, by_steps={named[end]: named[begin]})
        with pytest.raises(WrongTable, match=why):
            Process(**{**values, "imports": wrong})


def test_an_opening_without_money_is_what_it_was() -> None:
    """The hashes of openings from before stay the same."""
    walk = taken_over(CURRENT["returns"], "reviewing", timedelta(days=1))
    imported = walk.case.entries[0].form["imported"]
    assert isinstance(imported, dict)
    assert not {"paid_back", "steps"} & {*imported}


def test_a_repair_that_waits_for_the_thing_lapses_counted_from_the_import() -> None:
    walk = taken_over(CURRENT["repair"], "awaiting_unit", timedelta(days=40))
    walk.now += GOODS_LAPSE.usual - timedelta(minutes=1)
    walk.settle()
    assert walk.case.state == "awaiting_unit"
    walk.now += timedelta(minutes=2)
    walk.settle()
    assert walk.case.state == "taken"


def test_the_page_tells_the_states_of_every_kind() -> None:
    text = (Path(__file__).parents[2] / "docs" / "going-live.md").read_text(encoding="utf-8")
    for kind, process in CURRENT.items():
        assert f"| {kind} | {', '.join(open_states(process))} |" in text
        assert process.imports is not None
        by_steps = {end.value: begin.value for end, begin in process.imports.by_steps.items()}
        if by_steps:
            [begins] = {*by_steps.values()}
            assert f"| {kind} | {', '.join(by_steps)} | {begins} |" in text
