"""What callers get of how cases flow: numbers per state and per arrow, and a picture."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log1p

from pydantic import AwareDatetime, Field

from api.http.schemas import Answer
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.table import State
from domain.mining.diagrams import Edge, Label, flowchart
from domain.mining.flow import Arrow, Flow, Taken, Tally, arrows_of, moves_of, span, taken
from store import Store

KEPT = timedelta(minutes=1)
MOST = 64
"""So many counts are kept at once."""

Asked = tuple[str, str, int, datetime | None, datetime | None]


@dataclass(frozen=True)
class FlowCount:
    """What was counted of which time, and when; `here` is how many open cases were where."""

    flow: Flow
    here: Mapping[str, int]
    since: datetime | None
    until: datetime | None
    at: datetime


@dataclass
class FlowCounter:
    """Counts one thing at a time, since all entries of a kind are read for it."""

    store: Store
    kept: dict[Asked, FlowCount] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def count(
        self,
        tenant: str,
        process: Process,
        since: datetime | None,
        until: datetime | None,
        now: datetime,
    ) -> FlowCount:
        """The counts of a version of a kind, up to a minute old."""
        asked = (tenant, process.kind, process.version, since, until)
        async with self.turn:
            known = self.kept.pop(asked, None)
            if known is None or now - known.at > KEPT:
                known = await self._count(asked, now)
            self.kept[asked] = known
            while len(self.kept) > MOST:
                del self.kept[next(iter(self.kept))]
        return known

    async def _count(self, asked: Asked, now: datetime) -> FlowCount:
        tenant, kind, version, since, until = asked
        tally = Tally(since, until)
        async for moves in self.store.flow.moves(tenant, kind, version, since, until):
            tally.add(moves)
        # Off the loop: it sorts as many numbers as arrows were taken.
        flow = await asyncio.to_thread(tally.flow)
        here = await self.store.flow.here(tenant, kind, version)
        return FlowCount(flow, here, since, until, now)


HEAT = ("#91caff", "#ffe58f", "#ffc069", "#ff7875", "#cf1322")
"""From quick to slow, up to the slowest median; by orders of magnitude, as waiting is felt."""
NEVER = "stroke:#bfbfbf,stroke-dasharray:4"
PATH = "stroke:#1677ff,stroke-width:3px"
BUSY, BEEN, HERE = "fill:#fff1b8", "fill:#e6f4ff", "fill:#ffd666,stroke:#874d00,stroke-width:3px"


def draw_kind(process: Process, flow: Flow, here: Mapping[str, int], label: Label) -> str:
    """The whole process: how many are where, how often and how soon each arrow is taken."""
    slowest = max((times.median for times in flow.arrows.values()), default=0.0)
    edges = []
    for start, end, step in all_arrows(process, flow.arrows):
        text, times = label(f"step.{step}"), flow.arrows.get((start, end, step))
        if times is None:
            edges.append(Edge(start, end, text, NEVER))
        else:
            text = f"{text}: {times.count}×, {span(times.median)}"
            edges.append(Edge(start, end, text, _heat(times.median, slowest)))
    notes = {state: str(n) for state, n in here.items()}
    return flowchart(process, label, notes, edges, dict.fromkeys(here, BUSY))


def draw_case(process: Process, start: str, path: Sequence[Taken], label: Label) -> str:
    """The whole process with one case's way through it; numbers say in which order."""
    steps: dict[Arrow, list[str]] = {}
    for place, each in enumerate(path, start=1):
        steps.setdefault(each.arrow, []).append(f"{place}. {span(each.seconds)}")
    edges = [
        Edge(*arrow[:2], _words(label(f"step.{arrow[2]}"), steps.get(arrow, ())),
             PATH if arrow in steps else NEVER)
        for arrow in all_arrows(process, steps)
    ]  # fmt: skip
    been = [start, *(each.arrow[1] for each in path)]
    styles = {**dict.fromkeys(been, BEEN), been[-1]: HERE}
    return flowchart(process, label, {}, edges, styles)


def all_arrows(process: Process, taken: Iterable[Arrow]) -> list[Arrow]:
    """The table's arrows, and whatever else was taken, each once."""
    return list(dict.fromkeys([*arrows_of(process), *taken]))


def _heat(seconds: float, slowest: float) -> str:
    place = int(log1p(seconds) / log1p(slowest) * len(HEAT)) if slowest else 0
    return f"stroke:{HEAT[min(place, len(HEAT) - 1)]},stroke-width:2px"


def _words(step: str, times: Sequence[str]) -> str:
    return f"{step}: {', '.join(times)}" if times else step


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


def kind_flow(process: Process, counted: FlowCount, label: Label) -> KindFlow:
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
