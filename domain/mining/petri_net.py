"""A process as a Petri net: a place per state, a transition per arrow, loops for task actions."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.engine.clock_events import MILESTONE_TYPES
from domain.engine.merged import MERGE_ACTIONS, MERGED_STATE, CommonEnd
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS, has_task
from domain.language.entries import REQUEST_TYPES, Entry, EntryType
from domain.language.table import State, WaitsOn

START, END, BACK = "start", "end", "back"
TIMER_TYPES = sorted(MILESTONE_TYPES | {EntryType.RETARGETED})
"""The types of entries that clocks make wherever they run; they move nothing."""

COMPENSATION_ANSWERS = (EntryType.EFFECT_DONE, EntryType.EFFECT_FAILED)
"""How the world answers the compensations of a rewind, wherever the case is by then."""

BESIDE = sorted({*REQUEST_TYPES, EntryType.CHASED} - {EntryType.REQUEST_LAPSED})
ANYWHERE = (EntryType.NOTIFIED, EntryType.ATTACHED)
"""What people do with a case whether or not it is closed."""
NO_LOOPS = {
    *(EntryType.REWOUND, EntryType.HEARD, EntryType.AWAITED),
    *ANYWHERE,
    *BESIDE,
    *(type for _, type in MERGE_ACTIONS.values()),
}
"""What tasks are done with of itself, or wherever the case is."""


@dataclass(frozen=True)
class Transition:
    """A transition from a place to a place; without a label it leaves no entry."""

    id: str
    label: str | None
    source: str
    target: str


@dataclass(frozen=True)
class PetriNet:
    """A place/transition net: one token, first on `start`; a run ends with it on `end`.

    A closed case may still be reopened, so its place is no sink; a silent transition leads on.
    A rewind puts the token on `back`, from where silent transitions lead to where people are to
    act.
    """

    id: str
    places: tuple[str, ...]
    transitions: tuple[Transition, ...]


def activity(entry: Entry) -> str:
    """Return the activity of an entry in event logs, and the label of its transition."""
    return entry.step or event_name(entry.type)


def event_name(type: EntryType) -> str:
    """Return the activity of an entry without a step."""
    return f"banjie.case.{type.value}"


def place(state: str) -> str:
    """Return the place of a state."""
    return f"state_{state}"


def net_of(process: Process) -> PetriNet:
    """Return the net whose runs are the histories that the process allows."""
    first = place(process.states[0].name.value)
    transitions = [Transition("opened", event_name(EntryType.OPENED), START, first)]
    for state in process.states:
        transitions += [*_arrows(state), *_loops(state), *_ways_back(state), *_merges(state)]
    transitions += _merged()
    states = (*process.states, MERGED_STATE)
    places = (START, *(place(state.name.value) for state in states), BACK, END)
    return PetriNet(f"{process.kind}-v{process.version}", places, tuple(transitions))


def _arrows(state: State) -> Iterator[Transition]:
    name = state.name.value
    for step in state.steps:
        for outcome, dest in step.arrows.items():
            suffix = "" if outcome is None else f"-{str(outcome).lower()}"
            yield Transition(f"{name}-{step.name}{suffix}", step.name, place(name), place(dest))


def _loops(state: State) -> Iterator[Transition]:
    name = state.name.value
    actions = {type for _, type in TASK_ACTIONS.values()} - NO_LOOPS
    # Once the customer wrote, there is a task where the case waits for them, or is closed.
    hears = state.waits_on is WaitsOn.CUSTOMER or state.closed
    types = [
        # Whoever left gives back what he holds, in whatever state it is.
        *(sorted(actions) if has_task(state) or hears else (EntryType.RELEASED,)),
        *ANYWHERE,
        *([EntryType.HEARD, EntryType.AWAITED] if hears else []),
        *COMPENSATION_ANSWERS,
        # What goes on beside the case's own task goes on until the case closes; then it lapses.
        *((EntryType.REQUEST_LAPSED,) if state.closed else BESIDE),
    ]
    for type in [*types, *(TIMER_TYPES if not state.closed else ())]:
        yield Transition(f"{name}-{type.value}", event_name(type), place(name), place(name))


def _ways_back(state: State) -> Iterator[Transition]:
    name = state.name.value
    label = event_name(EntryType.REWOUND)
    yield Transition(f"{name}-{EntryType.REWOUND.value}", label, place(name), BACK)
    if state.closed:
        yield Transition(f"{name}-over", None, place(name), END)
    elif state.waits_on is not WaitsOn.WORLD:
        yield Transition(f"{BACK}-{name}", None, BACK, place(name))


def _merges(state: State) -> Iterator[Transition]:
    """Yield what is done with a case and another one about the same, and the way to its end."""
    name, here = state.name.value, place(state.name.value)
    asks = (EntryType.MERGE_ASKED, EntryType.MERGE_REFUSED, EntryType.JOINED)
    for type in (EntryType.PARTED, *(asks if not state.closed else ())):
        yield Transition(f"{name}-{type.value}", event_name(type), here, here)
    if not state.closed:
        label = event_name(EntryType.MERGED)
        yield Transition(f"{name}-{EntryType.MERGED.value}", label, here, place(CommonEnd.MERGED))


def _merged() -> Iterator[Transition]:
    """Yield what becomes of a merged case: it stays so, or is again where it was."""
    name, here = CommonEnd.MERGED.value, place(CommonEnd.MERGED)
    for type in (EntryType.UNMERGE_ASKED, EntryType.REQUEST_LAPSED):
        yield Transition(f"{name}-{type.value}", event_name(type), here, here)
    label = event_name(EntryType.UNMERGED)
    yield Transition(f"{name}-{EntryType.UNMERGED.value}", label, here, BACK)
    yield Transition(f"{name}-over", None, here, END)
