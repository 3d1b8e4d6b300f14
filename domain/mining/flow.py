"""How cases flow through a process: how often each arrow was taken, and after how long."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.engine.process import Process
from domain.language.entries import Entry

Arrow = tuple[str, str, str]
"""From which state, to which, by which step."""


class Move(NamedTuple):
    """The fields of an entry that the flow is counted from."""

    seq: int
    step: str | None
    type: str
    at: datetime
    led_to: str


@dataclass(frozen=True)
class TakenArrow:
    """An arrow that a case took: by which entry, when, after how many seconds in the state."""

    arrow: Arrow
    seq: int
    at: datetime
    seconds: float


@dataclass(frozen=True)
class DurationStats:
    """The count, median and 90th percentile of durations, in seconds."""

    count: int
    median: float
    p90: float


@dataclass(frozen=True)
class Flow:
    """What many cases did: arrivals and stays by state, and the arrows that were taken."""

    cases: int
    visits: Mapping[str, int]
    stays: Mapping[str, DurationStats]
    arrows: Mapping[Arrow, DurationStats]


@dataclass
class Tally:
    """Counts cases: seconds by arrow and by stay in a state, and arrivals by state.

    Only what happened from `since` on and before `until` is counted; a stay counts when it ends.
    """

    since: datetime | None = None
    until: datetime | None = None
    arrows: dict[Arrow, "array[float]"] = field(default_factory=lambda: defaultdict(_seconds))
    stays: dict[str, "array[float]"] = field(default_factory=lambda: defaultdict(_seconds))
    visits: Counter[str] = field(default_factory=Counter)
    cases: int = 0

    def add(self, moves: Sequence[Move]) -> None:
        """Count one case, given all its entries in order."""
        path = [each for each in taken_arrows(moves) if self._counts(each.at)]
        opened = self._counts(moves[0].at)
        self.cases += bool(path or opened)
        if opened:
            self.visits[moves[0].led_to] += 1
        for each in path:
            self.arrows[each.arrow].append(each.seconds)
            if each.arrow[0] != each.arrow[1]:
                self.stays[each.arrow[0]].append(each.seconds)
                self.visits[each.arrow[1]] += 1

    def flow(self) -> Flow:
        """Return what was counted so far."""
        return Flow(
            self.cases,
            dict(self.visits),
            {state: duration_stats(seconds) for state, seconds in self.stays.items()},
            {arrow: duration_stats(seconds) for arrow, seconds in self.arrows.items()},
        )

    def _counts(self, at: datetime) -> bool:
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def taken_arrows(moves: Iterable[Move]) -> list[TakenArrow]:
    """Return the arrows that one case took; one that leads back into its state ends no stay."""
    arrows: list[TakenArrow] = []
    arrived: Move | None = None
    for move in moves:
        if arrived is not None and (move.step or move.led_to != arrived.led_to):
            seconds = (move.at - arrived.at).total_seconds()
            arrow = (arrived.led_to, move.led_to, move.step or move.type)
            arrows.append(TakenArrow(arrow, move.seq, move.at, seconds))
        if arrived is None or move.led_to != arrived.led_to:
            arrived = move
    return arrows


def moves_of(entries: Iterable[Entry]) -> list[Move]:
    """Return the entries of one case as moves."""
    return [Move(e.seq, e.step, e.type.value, e.at, e.led_to) for e in entries]


def arrows_of(process: Process) -> list[Arrow]:
    """Return every arrow of a table, in its order."""
    return list(
        dict.fromkeys(
            (state.name.value, dest, step.name)
            for state in process.states
            for step in state.steps
            for dest in step.arrows.values()
        )
    )


def duration_stats(seconds: Iterable[float]) -> DurationStats:
    """Return the statistics of durations; there is at least one."""
    ranked = sorted(seconds)
    return DurationStats(len(ranked), _quantile(ranked, 0.5), _quantile(ranked, 0.9))


def _quantile(ranked: Sequence[float], share: float) -> float:
    """Return a quantile of ranked durations, interpolated between the two nearest."""
    place = share * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def _seconds() -> "array[float]":
    return array("d")


UNITS = (("d", 86400, 1), ("h", 3600, 1), ("min", 60, 0))


def format_duration(seconds: float) -> str:
    """Return a duration in its largest unit of which there are two: 40 s, 12 min, 5.5 h, 2.0 d."""
    for unit, size, digits in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds:.0f} s"
