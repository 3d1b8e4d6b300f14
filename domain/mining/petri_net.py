"""A process as a Petri net: a place for each state, a transition for each arrow, loops for acts."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.engine.clock_events import MILESTONE_TYPES
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS, has_task
from domain.language.entries import Entry, EntryType
from domain.language.table import State, WaitsOn

START, END, BACK = "start", "end", "back"
BY_TIME = sorted(MILESTONE_TYPES | {EntryType.RETARGETED})
"""What clocks do by themselves wherever they run; it moves nothing."""

ANSWERS = (EntryType.EFFECT_DONE, EntryType.EFFECT_FAILED)
"""What the world answers to the compensations of a rewind, wherever the case is by then."""


@dataclass(frozen=True)
class Transition:
    """One arrow of the net, from a place to a place; without a label it leaves no entry."""

    id: str
    label: str | None
    source: str
    target: str


@dataclass(frozen=True)
class Net:
    """A place/transition net: one token, first on `start`; it ends on `end` alone.

    A closed case may still be reopened, so its place is no sink; a silent transition leads on.
    A rewind puts the token on `back`, from where silent ones lead to where people are to act.
    """

    id: str
    places: tuple[str, ...]
    transitions: tuple[Transition, ...]


def activity(entry: Entry) -> str:
    """What an entry is called in event logs, and its transition in the net."""
    return entry.step or event_name(entry.type)


def event_name(type: EntryType) -> str:
    """What an entry without a step is called."""
    return f"banjie.case.{type.value}"


def place(state: str) -> str:
    """The place of a state."""
    return f"state_{state}"


def net_of(process: Process) -> Net:
    """The net whose runs are the histories that the process allows."""
    first = place(process.states[0].name.value)
    found = [Transition("opened", event_name(EntryType.OPENED), START, first)]
    for state in process.states:
        found += [*_arrows(state), *_loops(state), *_ways_back(state)]
    places = (START, *(place(state.name.value) for state in process.states), BACK, END)
    return Net(f"{process.kind}-v{process.version}", places, tuple(found))


def _arrows(state: State) -> Iterator[Transition]:
    here = state.name.value
    for step in state.steps:
        for outcome, dest in step.arrows.items():
            word = "" if outcome is None else f"-{str(outcome).lower()}"
            yield Transition(f"{here}-{step.name}{word}", step.name, place(here), place(dest))


def _loops(state: State) -> Iterator[Transition]:
    here = state.name.value
    acts = {type for _, type in TASK_ACTIONS.values()} - {EntryType.REWOUND, EntryType.NOTIFIED}
    types = [*(sorted(acts) if has_task(state) else ()), EntryType.NOTIFIED, *ANSWERS]
    for type in [*types, *(BY_TIME if not state.closed else ())]:
        yield Transition(f"{here}-{type.value}", event_name(type), place(here), place(here))


def _ways_back(state: State) -> Iterator[Transition]:
    here = state.name.value
    label = event_name(EntryType.REWOUND)
    yield Transition(f"{here}-{EntryType.REWOUND.value}", label, place(here), BACK)
    if state.closed:
        yield Transition(f"{here}-over", None, place(here), END)
    elif state.waits_on is not WaitsOn.WORLD:
        yield Transition(f"{BACK}-{here}", None, BACK, place(here))
