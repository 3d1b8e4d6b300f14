"""Cases that are taken over from another system: in which states, and what each of them needs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.engine.case import Case, Holder
from domain.language.clocks import Clock
from domain.language.forms import Form
from domain.language.table import State, WaitsOn


@dataclass(frozen=True)
class Imports:
    """The open states in which a kind takes cases over; in a closed state it takes any.

    In all other states a case says more than a file tells: an offer that waits for its answer, an
    amount, a call that nobody made here.

    Args:
        classification: the form that says how a case is classified.
        unclassified: the states before that.
        classified: the states that need nothing but that.
        awaiting: the states that need nothing but that, and wait for the customer.
    """

    classification: type[Form]
    unclassified: Sequence[StrEnum]
    classified: Sequence[StrEnum]
    awaiting: Sequence[StrEnum] = ()

    @property
    def open_states(self) -> Sequence[str]:
        """The names of the states, in the order of the process; those that wait last."""
        return [state.value for state in (*self.unclassified, *self.classified, *self.awaiting)]


def wrong_imports(imports: Imports | None, states: Sequence[State]) -> Iterator[str]:
    """Yield what is wrong with the states in which a table takes cases over."""
    by_name = {state.name.value: state for state in states}
    if imports is None:
        return
    wanted = dict.fromkeys(map(str, (*imports.unclassified, *imports.classified)), WaitsOn.STAFF)
    wanted |= dict.fromkeys(map(str, imports.awaiting), WaitsOn.CUSTOMER)
    for name, who in wanted.items():
        state = by_name.get(name)
        if state is None or state.closed or state.waits_on is not who:
            yield f"{name} is no open state that waits for {who}, so no case is imported into it"


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
