"""All time of a clock in pieces: when it counted, was paused or closed, and what caused that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from pydantic import BaseModel, ConfigDict

from domain.language.calendars import Stretch
from domain.language.clocks import ClockInstance
from domain.language.entries import Entry
from domain.language.roles import Actor
from domain.language.values import Duration, Instant

PauseEntries = Mapping[tuple[str, datetime], int]
"""The entries that began pauses, by the clock's name and the pause's first moment."""


class IntervalSort(StrEnum):
    """What a piece of a clock's time was; what is overdue counted, too."""

    COUNTED = auto()
    OVERDUE = auto()
    PAUSED = auto()
    CLOSED = auto()


class Boundary(BaseModel):
    """The entry that began or ended a piece of time, and who made it."""

    model_config = ConfigDict(frozen=True)

    entry: int
    actor: Actor


class ClockInterval(BaseModel):
    """A piece of a clock's time; those that counted add up to what the clock has used.

    `began` and `ended` are unknown where the calendar began or ended it: it opened, or closed, or
    time goes on. `holiday` is what the calendar was closed for.
    """

    model_config = ConfigDict(frozen=True)

    sort: IntervalSort
    since: Instant
    until: Instant
    length: Duration
    holiday: str | None = None
    began: Boundary | None = None
    ended: Boundary | None = None


def clock_intervals(
    instance: ClockInstance, entries: Sequence[Entry], begun_by: PauseEntries, at: datetime
) -> tuple[ClockInterval, ...]:
    """Return all time of a clock in its order, without gaps, until it ended or until `at`.

    Args:
        instance: the clock.
        entries: those of its case.
        begun_by: the entries that began its pauses.
        at: the moment at which it is read.
    """
    pieces = _Cutter(instance, entries, begun_by, at).cut()
    return tuple(each for each in pieces if each.since < each.until)


@dataclass(frozen=True)
class _Cutter:
    instance: ClockInstance
    entries: Sequence[Entry]
    begun_by: PauseEntries
    at: datetime

    def cut(self) -> Iterator[ClockInterval]:
        clock, stop = self.instance, min(self.at, self.instance.ended_at or self.at)
        current = [(clock.paused_at, None)] if clock.paused_at is not None else []
        start, began = clock.started_at, self._entry(clock.started_at)
        for paused_at, until in [*clock.pauses, *current]:
            pausing = self.entries[self.begun_by[clock.clock.name, paused_at] - 1]
            if until and until <= clock.started_at:
                continue  # it is of before a rewind that began the clock anew
            since = max(paused_at, clock.started_at)
            yield from self._running(start, since, began, pausing)
            start = until or stop
            resuming = self._entry(start, after=pausing.seq) if until else None
            whole = Stretch(since, start, is_open=False)
            yield _piece(IntervalSort.PAUSED, whole, pausing, resuming)
            began = resuming or pausing
        ending = self._entry(stop, after=began.seq) if clock.ended_at else None
        yield from self._running(start, stop, began, ending)

    def _running(
        self, start: datetime, end: datetime, began: Entry, ended: Entry | None
    ) -> Iterator[ClockInterval]:
        """Yield the time between two pauses, cut where it was breached."""
        late = self.instance.breached_at
        if late is not None and start < late < end:
            breach = self._entry(late, after=began.seq)
            yield from self._opened(start, late, began, breach)
            start, began = late, breach
        yield from self._opened(start, end, began, ended)

    def _opened(
        self, start: datetime, end: datetime, began: Entry, ended: Entry | None
    ) -> Iterator[ClockInterval]:
        """Yield a time in which it ran, cut where the calendar opened and closed."""
        late = self.instance.breached_at
        runs = IntervalSort.COUNTED if late is None or start < late else IntervalSort.OVERDUE
        for each in self.instance.target.calendar.stretches(start, end):
            yield _piece(
                runs if each.is_open else IntervalSort.CLOSED,
                each,
                began if each.start == start else None,
                ended if each.end == end else None,
            )

    def _entry(self, at: datetime, after: int = 0) -> Entry:
        """Return the entry of a moment; what began before the case was entered began with that."""
        later = [each for each in self.entries if each.seq > after]
        exact = next((each for each in later if each.at == at), None)
        before = [each for each in self.entries if each.at <= at]
        return exact or (before or self.entries)[-1 if before else 0]


def _piece(
    sort: IntervalSort, stretch: Stretch, began: Entry | None, ended: Entry | None
) -> ClockInterval:
    return ClockInterval(
        sort=sort,
        since=stretch.start,
        until=stretch.end,
        length=stretch.end - stretch.start,
        holiday=stretch.holiday,
        began=_boundary(began),
        ended=_boundary(ended),
    )


def _boundary(entry: Entry | None) -> Boundary | None:
    return Boundary(entry=entry.seq, actor=entry.actor) if entry else None
