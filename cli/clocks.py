"""Clocks drawn for a person: how each promise went by, and what is left of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.bars import LATE, Reading, bar, read
from cli.output import moment
from cli.words import called, padded, say

SET_OFF = {"warned", "breached", "escalated", "informed"}


def draw_clocks(
    console: Console,
    clocks: Iterable[Mapping[str, Any]],
    at: datetime | None = None,
    entries: Iterable[Mapping[str, Any]] = (),
) -> None:
    """A bar for each clock; the entries say when which of them warned somebody."""
    marks: dict[tuple[str, int], list[datetime]] = {}
    for entry in entries:
        if entry["type"] in SET_OFF:
            whose = (entry["form"]["clock"], entry["form"]["instance"])
            marks.setdefault(whose, []).append(datetime.fromisoformat(entry["at"]))
    for clock in clocks:
        reading = read(clock, at or datetime.now(UTC))
        again = f" {clock['instance']}" if clock["instance"] > 1 else ""
        state = LATE if clock["state"] == "breached" else reading.colour
        line = Text.assemble(
            f"  {padded(called('clock', clock['clock']) + again, 13)}",
            bar(reading, marks.get((clock["clock"], clock["instance"]), ())),
            (f" {padded(called('clock_state', clock['state']), 9)}", state),
            f" {_words(clock, reading)}",
        )
        console.print(line, soft_wrap=True)


def left(due_at: str | None, now: datetime) -> str:
    """The time to a moment, or since it: `3:20`, `-1:05`."""
    return "" if due_at is None else _hours(datetime.fromisoformat(due_at) - now)


def _words(clock: Mapping[str, Any], reading: Reading) -> str:
    due = say("due", at=moment(clock["due_at"]))
    still = say("stood_still", span=_hours(reading.still)) if reading.pauses else ""
    if clock["ended_at"]:
        at, used = moment(clock["ended_at"]), _hours(reading.spent)
        return say("kept_at", at=at, due=due, span=used, still=still)
    rest = reading.budget - reading.spent
    if clock["state"] == "paused":
        since = moment(clock["paused_at"])
        return say(f"paused_{_over(rest)}", at=since, span=_hours(abs(rest)))
    until = reading.due - reading.now if reading.due else rest
    return say(_over(until), span=_hours(abs(until)), due=due, still=still)


def _over(rest: timedelta) -> str:
    return "over" if rest < timedelta() else "left"


def _hours(span: timedelta) -> str:
    hours, minutes = divmod(int(abs(span).total_seconds()) // 60, 60)
    return f"{'-' if span < timedelta() else ''}{hours}:{minutes:02}"
