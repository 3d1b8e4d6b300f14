"""The time of a clock in pieces: when it counted, when it was paused, what began and ended that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.language.calendars import ALWAYS, worked
from domain.language.entries import Entry
from domain.read_models.explain import Explanation
from policies.documents import calendars
from web.pictures.clock import Sort


@dataclass(frozen=True)
class Interval:
    """A time in which a clock counted, or was paused.

    `length` is what it counted, in the clock's own time; of a pause, how long it lasted. `began`
    is the entry that began it, `ended` the one that ended it; None while it lasts.
    """

    sort: Sort
    start: datetime
    end: datetime
    length: timedelta
    began: Entry
    ended: Entry | None


def intervals(clock: Explanation, entries: Sequence[Entry], now: datetime) -> list[Interval]:
    """Return all counted and paused time of a clock in its order, until it ended or until now."""
    return [each for each in _Cutter(clock, entries, now).cut() if each.start < each.end]


@dataclass(frozen=True)
class _Cutter:
    clock: Explanation
    entries: Sequence[Entry]
    now: datetime

    def cut(self) -> Iterator[Interval]:
        clock, stop = self.clock, min(self.now, self.clock.ended_at or self.now)
        start, began = clock.started_at, self._entry(clock.started_at)
        for pause in clock.pauses:
            pausing = self.entries[pause.entry - 1]
            yield from self._counted(start, pause.since, began, pausing)
            start = pause.until or stop
            resuming = self._entry(start, after=pause.entry) if pause.until else None
            length = start - pause.since
            yield Interval(Sort.PAUSED, pause.since, start, length, pausing, resuming)
            began = resuming or pausing
        ending = self._entry(stop, after=began.seq) if clock.ended_at else None
        yield from self._counted(start, stop, began, ending)

    def _counted(
        self, start: datetime, end: datetime, began: Entry, ended: Entry | None
    ) -> Iterator[Interval]:
        late = self.clock.breached_at
        if late is not None and start < late < end:
            breach = self._entry(late, after=began.seq)
            yield self._piece(Sort.COUNTED, start, late, began, breach)
            start, began = late, breach
        is_late = late is not None and start >= late
        yield self._piece(Sort.LATE if is_late else Sort.COUNTED, start, end, began, ended)

    def _piece(
        self, sort: Sort, start: datetime, end: datetime, began: Entry, ended: Entry | None
    ) -> Interval:
        calendar = calendars().get(self.clock.calendar, ALWAYS)
        return Interval(sort, start, end, worked(calendar, start, max(start, end)), began, ended)

    def _entry(self, at: datetime, after: int = 0) -> Entry:
        """Return the entry of a moment; what began before the case was entered began with that."""
        later = [each for each in self.entries if each.seq > after]
        exact = next((each for each in later if each.at == at), None)
        before = [each for each in self.entries if each.at <= at]
        return exact or (before or self.entries)[-1 if before else 0]
