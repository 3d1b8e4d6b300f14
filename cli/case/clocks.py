"""`banjie case clocks`: why each promise of a case is due when it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from cli.core.client import Server
from cli.core.command import command
from cli.core.i18n import called, padded, say
from cli.core.output import Shown, moment

WIDTH = 32
RAN, STILL, TO_COME, MARKS = "█", "╌", "░", "!"
COLOURS = {"met": "blue", "met_late": "magenta", "cancelled": "dim"}
LATE, SOON, WELL = "red", "yellow", "green"
NEARLY = 0.75
_BAR_SPAN = TypeAdapter(timedelta)
_INSTANT = TypeAdapter(datetime)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class ClockInstance:
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


def read(clock: Mapping[str, Any], at: datetime) -> ClockInstance:
    """The clock at this moment, or at its end if that was before."""
    now = min(at, _instant(clock["ended_at"]) or at)
    due, budget = _instant(clock["due_at"]), _BAR_SPAN.validate_python(clock["budget"])
    spent = _BAR_SPAN.validate_python(clock["spent"])
    if due and not clock["ended_at"]:
        # It may have been read before `at`, and has run on since.
        spent = max(spent, budget - (due - now))
    return ClockInstance(
        state=clock["state"],
        start=_INSTANT.validate_python(clock["started_at"]),
        now=now,
        budget=budget,
        spent=spent,
        due=due,
        breached=_instant(clock["breached_at"]),
        pauses=tuple(_pauses(clock, now)),
    )


def bar(reading: ClockInstance, marks: Iterable[datetime] = ()) -> Text:
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
            cells[place] = (MARKS, LATE if reading.breached and at >= reading.breached else SOON)
    return Text.assemble(*cells)


def _cell(reading: ClockInstance, at: datetime) -> tuple[str, str]:
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


def _words(clock: Mapping[str, Any], reading: ClockInstance) -> str:
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


_SPAN = TypeAdapter(timedelta)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "clocks")(clocks)


def clocks(
    server: Server, number: Annotated[str, typer.Argument(help="The case's number.")]
) -> Shown:
    """Explain a case's clocks: budgets, pauses, warnings, and who set a limit of its own."""
    found = server.get(f"/v1/cases/{number}/clocks").body
    return Shown(found, lambda console: _draw(console, found["items"]))


def _draw(console: Console, items: list[dict[str, Any]]) -> None:
    for item in items:
        paused = item["pauses"][-1]["since"] if item["state"] == "paused" else None
        draw_clocks(console, [{**item, "paused_at": paused}])
        for line in _lines(item):
            console.print(Text(f"              {line}", "dim"), soft_wrap=True)


def _lines(item: dict[str, Any]) -> Iterator[str]:
    yield f"budget {_span(item['budget'])} from {moment(item['started_at'])}, {item['calendar']}"
    if limit := item["limit"]:
        where = f"taken over from {limit['of']}" if limit["of"] else f"entry {limit['entry']}"
        yield (
            f"limit set by {limit['by']} at {moment(limit['at'])} ({where}); "
            f"by the policy alone {_span(item['policy_budget'])}, {moment(item['policy_due_at'])}"
        )
    for pause in item["pauses"]:
        until = moment(pause["until"]) if pause["until"] else "now"
        yield f"stood still {moment(pause['since'])} to {until} (entry {pause['entry']})"
    for each in item["milestones"]:
        if each["fired"]:
            yield f"{each['name']}: set off"
        elif each["at"]:
            yield f"{each['name']}: {moment(each['at'])}"


def _span(iso: str | None) -> str:
    if iso is None:
        return "nothing"
    minutes = int(_SPAN.validate_python(iso).total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"
