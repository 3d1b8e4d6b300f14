"""Cases that are taken over from another system: in which states, and what each of them needs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.engine.action_forms import Assignment
from domain.engine.case import Case, Holder
from domain.errors import WrongTable
from domain.language.clocks import Clock
from domain.language.entries import Cause, Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Actor, ActorKind
from domain.language.table import State, Step, WaitsOn

ASSIGN = "assign"
OPENING = 1
"""The entry by which a case is opened."""


@dataclass(frozen=True)
class Imports:
    """The open states in which a kind takes cases over; in a closed state it takes any.

    In other states a case rests on what was handed in: an offer that waits for its answer, units
    that were decided on. It comes there by the steps that a file tells with their forms. Where it
    waits for the world (a payment, a message), no file says what the world has done.

    Args:
        classification: the form that says how a case is classified.
        unclassified: the states before that.
        classified: the states that need nothing but that.
        awaiting: the states that need nothing but that, and wait for the customer.
        by_steps: the states to which the steps of a file lead, each with the one they begin in.
    """

    classification: type[Form]
    unclassified: Sequence[StrEnum]
    classified: Sequence[StrEnum]
    awaiting: Sequence[StrEnum] = ()
    by_steps: Mapping[StrEnum, StrEnum] = field(default_factory=dict)

    @property
    def open_states(self) -> Sequence[str]:
        """The names of the states, in the order of the process; those that wait last."""
        return [state.value for state in (*self.unclassified, *self.classified, *self.awaiting)]


def refuse_wrong_imports(kind: str, imports: Imports | None, states: Sequence[State]) -> None:
    """Refuse a table that takes cases over into states that are not fit for that.

    Raises:
        WrongTable
    """
    if imports is not None and (faults := [*_wrong_imports(imports, states)]):
        raise WrongTable(f"{kind}: " + "; ".join(faults))


def _wrong_imports(imports: Imports, states: Sequence[State]) -> Iterator[str]:
    by_name = {state.name.value: state for state in states}
    wanted = dict.fromkeys(map(str, (*imports.unclassified, *imports.classified)), WaitsOn.STAFF)
    wanted |= dict.fromkeys(map(str, imports.awaiting), WaitsOn.CUSTOMER)
    for name, who in wanted.items():
        state = by_name.get(name)
        if state is None or state.closed or state.waits_on is not who:
            yield f"{name} is no open state that waits for {who}, so no case is imported into it"
    for end, begin in imports.by_steps.items():
        state = by_name.get(end.value)
        if state is None or state.closed or state.waits_on is WaitsOn.WORLD:
            yield f"{end} is no open state that waits for people, so no steps lead a case there"
        if begin.value not in imports.open_states:
            yield f"no case is imported into {begin}, so no steps of one begin there"


def place(case: Case, imports: Imports | None) -> None:
    """Give a case that its opening just placed what it was in the other system."""
    imported = case.opening.imported
    if imported is None:
        return
    if imports is not None and imported.classification is not None:
        form = imports.classification.lenient(imported.classification)
        case.latest_forms[imports.classification] = form
    if imported.assignee is not None:
        case.holder = Holder(imported.assignee, imported.roles, case.last.at)
    case.since = imported.closed_at or case.since


def was_done_elsewhere(case: Case, entry: Entry) -> bool:
    """Say whether an entry only tells what another system did before the case was taken over."""
    if case.opening.imported is None:
        return False
    is_told = entry.cause.entry == OPENING and entry.actor.kind is ActorKind.SYSTEM
    return entry.type is EntryType.OPENED or is_told


def steps_elsewhere(
    case: Case, offered: Callable[[Case, datetime], Iterable[Step]], at: datetime
) -> Iterator[tuple[str, Form, Step | None, Entry]]:
    """Yield what was done in another system, to be added to a case that was just opened.

    Each is found when the one before is added. At the end whoever goes on with it has it again.
    """
    imported, opening = case.opening.imported, case.opening
    if imported is None or not imported.steps:
        return
    draft = Entry(
        seq=OPENING,
        type=EntryType.STEPPED,
        actor=Actor(kind=ActorKind.SYSTEM, id=opening.source),
        at=at,
        cause=Cause(entry=OPENING),
        led_to="",
    )
    for each in imported.steps:
        step = next(step for step in offered(case, at) if step.name == each.step)
        yield each.step, step.form.lenient(each.form), step, draft
    if imported.assignee is not None and case.holder is None:
        yield ASSIGN, Assignment(assignee=imported.assignee, roles=imported.roles), None, draft


def clocks_on_the_way(states: Sequence[State]) -> Mapping[str, tuple[Clock, ...]]:
    """Return the clocks that run in each state of a case that came there on the shortest way."""
    by_name = {state.name.value: state for state in states}
    running = {states[0].name.value: tuple(states[0].starts)}
    ahead = [*running]
    for name in ahead:
        for dest in (to for step in by_name[name].steps for to in step.arrows.values()):
            if dest not in running:
                state = by_name[dest]
                kept = [clock for clock in running[name] if clock not in state.stops]
                running[dest] = (*dict.fromkeys((*kept, *state.starts)),)
                ahead.append(dest)
    return running
