"""How cases flow: numbers per state and per arrow of a kind, the way of one case, and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import log1p

from pydantic import AwareDatetime, Field

from app.authentication import Principal
from app.authorization import Right, check_right
from app.case_past import entries_of
from app.errors import NotFound
from app.flow_counter import FlowCount
from app.read_cases import process_of
from app.results import Result
from app.services import Services
from cases import CURRENT, KINDS
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.table import State
from domain.mining.diagrams import Edge, Label, flowchart
from domain.mining.flow import (
    Arrow,
    Flow,
    TakenArrow,
    arrows_of,
    format_duration,
    moves_of,
    taken_arrows,
)
from i18n.labels import label
from store.db.clock import utc_now


class StateFlow(Result):
    """A state: how many open cases are there now, how often it was come to, how long they stay."""

    state: str
    label: str
    stage: str
    open_now: int
    visits: int
    median_seconds: float | None
    p90_seconds: float | None


class ArrowFlow(Result):
    """An arrow: how often it was taken, and after how long in the state that it leads out of."""

    from_: str = Field(serialization_alias="from")
    to: str
    step: str
    label: str
    count: int
    median_seconds: float | None
    p90_seconds: float | None


class KindFlow(Result):
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


class Passage(Result):
    """An arrow that a case took: with which entry, and after how long in the state."""

    from_: str = Field(serialization_alias="from")
    to: str
    step: str
    label: str
    seq: int
    at: AwareDatetime
    seconds: float


class CaseFlow(Result):
    """One case's way through its process; `mermaid` is the whole process with it drawn in."""

    number: str
    kind: str
    version: int
    state: str
    path: list[Passage]
    mermaid: str


async def read_kind_flow(
    services: Services,
    caller: Principal,
    kind: str,
    version: int | None,
    since: datetime | None,
    until: datetime | None,
    locale: str,
) -> KindFlow:
    """Return how a version of a kind flows, the newest if none is named; up to a minute old.

    Only what began from `since` until before `until` is counted.

    Raises:
        Forbidden: only staff who see all cases may.
        NotFound: there is no such kind or version.
        StoreDown
    """
    check_right(caller, Right.READ_ALL_CASES)
    process = CURRENT.get(kind) if version is None else KINDS.get((kind, version))
    if process is None:
        raise NotFound
    count = await services.flow_counter.count(caller.tenant, process, since, until, utc_now())
    return _kind_flow(process, count, _labels(process, locale))


async def read_case_flow(
    services: Services, caller: Principal, number: str, locale: str
) -> CaseFlow:
    """Return the way of one case through its process.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    entries = await entries_of(services, caller, number)
    process = process_of(entries)
    return _case_flow(process, number, entries, _labels(process, locale))


def _labels(process: Process, locale: str) -> Label:
    return partial(label, locale=locale, kind=process.kind)


def _kind_flow(process: Process, count: FlowCount, label: Label) -> KindFlow:
    flow, open_now = count.flow, count.open_now
    return KindFlow(
        kind=process.kind,
        version=process.version,
        since=count.since,
        until=count.until,
        counted_at=count.at,
        cases=flow.cases,
        states=[_state_flow(state, flow, open_now, label) for state in process.states],
        arrows=[_arrow_flow(arrow, flow, label) for arrow in all_arrows(process, flow.arrows)],
        mermaid=draw_kind(process, flow, open_now, label),
    )


def _case_flow(process: Process, number: str, entries: Sequence[Entry], label: Label) -> CaseFlow:
    path = taken_arrows(moves_of(entries))
    return CaseFlow(
        number=number,
        kind=process.kind,
        version=process.version,
        state=entries[-1].led_to,
        path=[_passage(each, label) for each in path],
        mermaid=draw_case(process, entries[0].led_to, path, label),
    )


def _state_flow(state: State, flow: Flow, open_now: Mapping[str, int], label: Label) -> StateFlow:
    name = state.name.value
    stays = flow.stays.get(name)
    return StateFlow(
        state=name,
        label=label(f"state.{name}"),
        stage=state.stage.value,
        open_now=open_now.get(name, 0),
        visits=flow.visits.get(name, 0),
        median_seconds=stays.median if stays else None,
        p90_seconds=stays.p90 if stays else None,
    )


def _arrow_flow(arrow: Arrow, flow: Flow, label: Label) -> ArrowFlow:
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


def _passage(each: TakenArrow, label: Label) -> Passage:
    return Passage(
        from_=each.arrow[0],
        to=each.arrow[1],
        step=each.arrow[2],
        label=label(f"step.{each.arrow[2]}"),
        seq=each.seq,
        at=each.at,
        seconds=each.seconds,
    )


HEAT_COLOURS = ("#91caff", "#ffe58f", "#ffc069", "#ff7875", "#cf1322")
"""From quick to slow, up to the slowest median; by orders of magnitude, as waiting is felt."""
NEVER_TAKEN = "stroke:#bfbfbf,stroke-dasharray:4"
ON_PATH = "stroke:#1677ff,stroke-width:3px"
BUSY, VISITED, CURRENT_STATE = (
    "fill:#fff1b8",
    "fill:#e6f4ff",
    "fill:#ffd666,stroke:#874d00,stroke-width:3px",
)


def draw_kind(process: Process, flow: Flow, open_now: Mapping[str, int], label: Label) -> str:
    """Draw the process: how many cases are where, how often and how soon each arrow is taken."""
    slowest = max((times.median for times in flow.arrows.values()), default=0.0)
    edges = []
    for start, end, step in all_arrows(process, flow.arrows):
        text, times = label(f"step.{step}"), flow.arrows.get((start, end, step))
        if times is None:
            edges.append(Edge(start, end, text, NEVER_TAKEN))
        else:
            text = f"{text}: {times.count}×, {format_duration(times.median)}"
            edges.append(Edge(start, end, text, _heat(times.median, slowest)))
    notes = {state: str(n) for state, n in open_now.items()}
    return flowchart(process, label, notes, edges, dict.fromkeys(open_now, BUSY))


def draw_case(process: Process, start: str, path: Sequence[TakenArrow], label: Label) -> str:
    """Draw the whole process with one case's way through it; numbers say in which order."""
    steps: dict[Arrow, list[str]] = {}
    for place, each in enumerate(path, start=1):
        steps.setdefault(each.arrow, []).append(f"{place}. {format_duration(each.seconds)}")
    edges = [
        Edge(*arrow[:2], _step_text(label(f"step.{arrow[2]}"), steps.get(arrow, ())),
             ON_PATH if arrow in steps else NEVER_TAKEN)
        for arrow in all_arrows(process, steps)
    ]  # fmt: skip
    visited = [start, *(each.arrow[1] for each in path)]
    styles = {**dict.fromkeys(visited, VISITED), visited[-1]: CURRENT_STATE}
    return flowchart(process, label, {}, edges, styles)


def all_arrows(process: Process, taken_arrows: Iterable[Arrow]) -> list[Arrow]:
    """Return the arrows of the table, then whatever else was taken, each once."""
    return list(dict.fromkeys([*arrows_of(process), *taken_arrows]))


def _heat(seconds: float, slowest: float) -> str:
    rank = int(log1p(seconds) / log1p(slowest) * len(HEAT_COLOURS)) if slowest else 0
    return f"stroke:{HEAT_COLOURS[min(rank, len(HEAT_COLOURS) - 1)]},stroke-width:2px"


def _step_text(step: str, times: Sequence[str]) -> str:
    return f"{step}: {', '.join(times)}" if times else step
