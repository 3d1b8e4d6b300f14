"""The bar of a clock: how its time went by, where it stood still, what it set off, what is left."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from rich.text import Text

WIDTH = 32
RAN, STILL, TO_COME, SET_OFF = "█", "╌", "░", "!"
COLOURS = {"met": "blue", "met_late": "magenta", "cancelled": "dim"}
LATE, SOON, WELL = "red", "yellow", "green"
NEARLY = 0.75
_SPAN = TypeAdapter(timedelta)
_INSTANT = TypeAdapter(datetime)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reading:
    """A clock as the API tells of it, read at a moment."""

    state: str
    start: datetime
    now: datetime
    budget: timedelta
    spent: timedelta
    due: datetime | None
    breached: datetime | None
    pauses: tuple[Span, ...]

    @property
    def colour(self) -> str:
        """What its bar looks like up to its breach."""
        return COLOURS.get(self.state) or (SOON if self.spent >= NEARLY * self.budget else WELL)

    @property
    def end(self) -> datetime:
        """Where the bar ends: when it is due or, if that is later, when it was read."""
        due = self.due or self.now + max(self.budget - self.spent, timedelta())
        return max(due, self.now, self.start + timedelta(seconds=1))

    @property
    def still(self) -> timedelta:
        """How long it stood still in all."""
        return sum((until - since for since, until in self.pauses), timedelta())


def read(clock: Mapping[str, Any], at: datetime) -> Reading:
    """The clock at this moment, or at its end if that was before."""
    now = min(at, _instant(clock["ended_at"]) or at)
    due, budget = _instant(clock["due_at"]), _SPAN.validate_python(clock["budget"])
    spent = _SPAN.validate_python(clock["spent"])
    if due and not clock["ended_at"]:
        # It may have been read before `at`, and has run on since.
        spent = max(spent, budget - (due - now))
    return Reading(
        state=clock["state"],
        start=_INSTANT.validate_python(clock["started_at"]),
        now=now,
        budget=budget,
        spent=spent,
        due=due,
        breached=_instant(clock["breached_at"]),
        pauses=tuple(_pauses(clock, now)),
    )


def bar(reading: Reading, marks: Iterable[datetime] = ()) -> Text:
    """The bar, from the clock's start to when it is due or was read last.

    Args:
        reading: the clock.
        marks: when it warned somebody.
    """
    width = (reading.end - reading.start) / WIDTH
    cells = [_cell(reading, reading.start + (place + 0.5) * width) for place in range(WIDTH)]
    if reading.now > reading.start and cells[0][0] == TO_COME:
        cells[0] = RAN, reading.colour
    for at in marks:
        if reading.start <= at <= reading.now:
            place = min(int((at - reading.start) / width), WIDTH - 1)
            cells[place] = (SET_OFF, LATE if reading.breached and at >= reading.breached else SOON)
    return Text.assemble(*cells)


def _cell(reading: Reading, at: datetime) -> tuple[str, str]:
    if at > reading.now:
        return TO_COME, "dim"
    if any(since <= at < until for since, until in reading.pauses):
        return STILL, "dim"
    late = reading.breached is not None and at >= reading.breached
    return RAN, LATE if late else reading.colour


def _pauses(clock: Mapping[str, Any], now: datetime) -> Iterator[Span]:
    """When it stood still; the last pause may go on."""
    for each in clock["pauses"]:
        named = isinstance(each, Mapping)
        since, until = (each["since"], each["until"]) if named else each
        if until:
            yield _INSTANT.validate_python(since), _INSTANT.validate_python(until)
    if since := _instant(clock["paused_at"]):
        yield since, now


def _instant(iso: Any) -> datetime | None:
    return _INSTANT.validate_python(iso) if iso else None
