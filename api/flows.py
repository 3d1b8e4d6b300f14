"""What callers get of how cases flow: numbers per state and per arrow, and a picture."""

from collections.abc import Mapping, Sequence

from pydantic import AwareDatetime, Field

from api.answers import Answer
from api.counting import Counted
from api.drawing import all_arrows, draw_case, draw_kind
from domain.entries import Entry
from domain.flow import Arrow, Flow, Taken, moves_of, taken
from domain.flowchart import Label
from domain.process import Process
from domain.table import State


class StateFlow(Answer):
    """A state: how many open cases are there now, how often it was come to, how long they stay."""

    state: str
    label: str
    stage: str
    open_now: int
    visits: int
    median_seconds: float | None
    p90_seconds: float | None


class ArrowFlow(Answer):
    """An arrow: how often it was taken, and after how long in the state that it leads out of."""

    from_: str = Field(serialization_alias="from")
    to: str
    step: str
    label: str
    count: int
    median_seconds: float | None
    p90_seconds: float | None


class KindFlow(Answer):
    """A version of a kind's process with its numbers, and the same as a picture (mermaid)."""

    kind: str
    version: int
    since: AwareDatetime | None
    until: AwareDatetime | None
    counted_at: AwareDatetime
    cases: int
    states: list[StateFlow]
    arrows: list[ArrowFlow]
    mermaid: str


class Passage(Answer):
    """An arrow that a case took: with which entry, and after how long in the state."""

    from_: str = Field(serialization_alias="from")
    to: str
    step: str
    label: str
    seq: int
    at: AwareDatetime
    seconds: float


class CaseFlow(Answer):
    """One case's way through its process; `mermaid` is the whole process with it drawn in."""

    number: str
    kind: str
    version: int
    state: str
    path: list[Passage]
    mermaid: str


def kind_flow(process: Process, counted: Counted, label: Label) -> KindFlow:
    """The numbers of a kind, in the words of a language."""
    flow, here = counted.flow, counted.here
    return KindFlow(
        kind=process.kind,
        version=process.version,
        since=counted.since,
        until=counted.until,
        counted_at=counted.at,
        cases=flow.cases,
        states=[_state(state, flow, here, label) for state in process.states],
        arrows=[_arrow(arrow, flow, label) for arrow in all_arrows(process, flow.arrows)],
        mermaid=draw_kind(process, flow, here, label),
    )


def case_flow(process: Process, number: str, entries: Sequence[Entry], label: Label) -> CaseFlow:
    """One case's way, in the words of a language."""
    path = taken(moves_of(entries))
    return CaseFlow(
        number=number,
        kind=process.kind,
        version=process.version,
        state=entries[-1].led_to,
        path=[_passage(each, label) for each in path],
        mermaid=draw_case(process, entries[0].led_to, path, label),
    )


def _state(state: State, flow: Flow, here: Mapping[str, int], label: Label) -> StateFlow:
    name = state.name.value
    stays = flow.stays.get(name)
    return StateFlow(
        state=name,
        label=label(f"state.{name}"),
        stage=state.stage.value,
        open_now=here.get(name, 0),
        visits=flow.visits.get(name, 0),
        median_seconds=stays.median if stays else None,
        p90_seconds=stays.p90 if stays else None,
    )


def _arrow(arrow: Arrow, flow: Flow, label: Label) -> ArrowFlow:
    times = flow.arrows.get(arrow)
    return ArrowFlow(
        from_=arrow[0],
        to=arrow[1],
        step=arrow[2],
        label=label(f"step.{arrow[2]}"),
        count=times.count if times else 0,
        median_seconds=times.median if times else None,
        p90_seconds=times.p90 if times else None,
    )


def _passage(each: Taken, label: Label) -> Passage:
    return Passage(
        from_=each.arrow[0],
        to=each.arrow[1],
        step=each.arrow[2],
        label=label(f"step.{each.arrow[2]}"),
        seq=each.seq,
        at=each.at,
        seconds=each.seconds,
    )
