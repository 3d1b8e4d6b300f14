"""The clocks of a case's page: their time in few pieces, and what ended or began each anew."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeAlias

from domain.language.entries import MOVES, Entry, EntryType
from domain.read_models.clock_intervals import Boundary, ClockInterval, IntervalSort
from domain.read_models.explain import Explanation
from web.pages.cases.lines import Liner

ENDS_CLOCKS = MOVES | {EntryType.NOTIFIED}
Endings: TypeAlias = Mapping[tuple[str, int], "Ending"]
"""What ended clocks, by the name of each and the number of its instance."""


@dataclass(frozen=True)
class Ending:
    """The entry that ended a clock; `unreached` if its message has reached no customer so far."""

    seq: int
    what: str
    unreached: bool


def endings(
    clocks: Iterable[Explanation],
    entries: Sequence[Entry],
    unreached: Collection[int],
    liner: Liner,
) -> Endings:
    """Return what ended each of the clocks that are over, and which message began another anew."""
    by_moment = {each.at: each for each in reversed(entries) if each.type in ENDS_CLOCKS}
    ended = [(clock, by_moment.get(clock.ended_at or clock.started_at)) for clock in clocks]
    return {
        (clock.clock, clock.instance): Ending(entry.seq, liner.what(entry), entry.seq in unreached)
        for clock, entry in ended
        if entry is not None and (clock.ended_at or entry.type is EntryType.NOTIFIED)
    }


@dataclass(frozen=True)
class ClockRun:
    """What a clock did from one entry to the next that changed it, with closed hours in between.

    `length` is what counted, or how long it was paused or closed; `closed` are the closed hours
    that lie within it, and `holiday` is what all of it was closed for.
    """

    sort: IntervalSort
    since: datetime
    until: datetime
    length: timedelta
    closed: timedelta
    holiday: str | None
    began: Boundary | None
    ended: Boundary | None


def clock_runs(clock: Explanation, *, each: bool = False) -> list[ClockRun]:
    """Return all time of a clock in as few pieces as there are causes, or each interval apart."""
    if each:
        return [_run(interval.sort, [interval]) for interval in clock.intervals]

    def sort(interval: ClockInterval) -> tuple[IntervalSort, Boundary | None]:
        if interval.sort is IntervalSort.PAUSED:
            return interval.sort, interval.began
        is_late = clock.breached_at is not None and interval.since >= clock.breached_at
        return (IntervalSort.OVERDUE if is_late else IntervalSort.COUNTED), None

    return [_run(sort, [*run]) for (sort, _), run in groupby(clock.intervals, key=sort)]


def _run(sort: IntervalSort, pieces: Sequence[ClockInterval]) -> ClockRun:
    whole = sum((each.length for each in pieces), timedelta())
    closed = sum((p.length for p in pieces if p.sort is IntervalSort.CLOSED), timedelta())
    if whole == closed:
        sort, closed = IntervalSort.CLOSED, timedelta()
    first, last = pieces[0], pieces[-1]
    return ClockRun(
        sort=sort,
        since=first.since,
        until=last.until,
        length=whole - closed,
        closed=closed,
        holiday=first.holiday if all(each.holiday == first.holiday for each in pieces) else None,
        began=first.began,
        ended=last.ended,
    )
