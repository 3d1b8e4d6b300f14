"""How cases flow through their process: how often each arrow was taken, and after how long."""

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
    """As much of an entry as is needed here."""

    seq: int
    step: str | None
    type: str
    at: datetime
    led_to: str


@dataclass(frozen=True)
class Taken:
    """An arrow that a case took: in which entry, when, after so many seconds in the state."""

    arrow: Arrow
    seq: int
    at: datetime
    seconds: float


@dataclass(frozen=True)
class Spread:
    """How many times there are, how long half of them took at most, and nine tenths; in seconds."""

    count: int
    median: float
    p90: float


@dataclass(frozen=True)
class Flow:
    """What many cases did: arrivals and stays per state, and the arrows that were taken."""

    cases: int
    visits: Mapping[str, int]
    stays: Mapping[str, Spread]
    arrows: Mapping[Arrow, Spread]


@dataclass
class Tally:
    """Seconds per arrow and per stay in a state, and arrivals per state, of many cases.

    Only what happened from `since` on and before `until` is counted; a stay counts when it ends.
    """

    since: datetime | None = None
    until: datetime | None = None
    arrows: dict[Arrow, "array[float]"] = field(default_factory=lambda: defaultdict(_seconds))
    stays: dict[str, "array[float]"] = field(default_factory=lambda: defaultdict(_seconds))
    visits: Counter[str] = field(default_factory=Counter)
    cases: int = 0

    def add(self, moves: Sequence[Move]) -> None:
        """Count one case, all its entries in order."""
        path = [each for each in taken(moves) if self._counts(each.at)]
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
        """What was counted so far."""
        return Flow(
            self.cases,
            dict(self.visits),
            {state: spread(seconds) for state, seconds in self.stays.items()},
            {arrow: spread(seconds) for arrow, seconds in self.arrows.items()},
        )

    def _counts(self, at: datetime) -> bool:
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def taken(moves: Iterable[Move]) -> list[Taken]:
    """The arrows that one case took; one that leads back into the same state ends no stay there."""
    found: list[Taken] = []
    here: Move | None = None
    for move in moves:
        if here is not None and (move.step or move.led_to != here.led_to):
            seconds = (move.at - here.at).total_seconds()
            arrow = (here.led_to, move.led_to, move.step or move.type)
            found.append(Taken(arrow, move.seq, move.at, seconds))
        if here is None or move.led_to != here.led_to:
            here = move
    return found


def moves_of(entries: Iterable[Entry]) -> list[Move]:
    """One case's entries as moves."""
    return [Move(e.seq, e.step, e.type.value, e.at, e.led_to) for e in entries]


def arrows_of(process: Process) -> list[Arrow]:
    """Every arrow of a table, in its order."""
    return list(
        dict.fromkeys(
            (state.name.value, dest, step.name)
            for state in process.states
            for step in state.steps
            for dest in step.arrows.values()
        )
    )


def spread(seconds: Iterable[float]) -> Spread:
    """How these times are spread; there is at least one."""
    ranked = sorted(seconds)
    return Spread(len(ranked), _within(ranked, 0.5), _within(ranked, 0.9))


def _within(ranked: Sequence[float], part: float) -> float:
    """The time within which this part of them was done, between the two nearest if need be."""
    place = part * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def _seconds() -> "array[float]":
    return array("d")


UNITS = (("d", 86400, 1), ("h", 3600, 1), ("min", 60, 0))


def span(seconds: float) -> str:
    """A length of time, from two of a unit on in that unit: 40 s, 12 min, 5.5 h, 2.0 d."""
    for unit, size, digits in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds:.0f} s"
