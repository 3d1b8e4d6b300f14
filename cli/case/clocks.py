"""`banjie case clocks`: why each promise of a case is due when it is; and the bars of clocks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import code_label, locale, pad, translate
from cli.core.output import CommandResult, hours, local_time
from domain.language.calendars import ALWAYS, Calendar, worked
from runtime.message import Message

WIDTH = 32
RAN, PAUSED, TO_COME, MARK = "█", "╌", "░", "!"
COLOURS = {"met": "blue", "met_late": "magenta", "cancelled": "dim"}
LATE, SOON, WELL = "red", "yellow", "green"
NEARLY_DUE = 0.75
"""The part of the budget from which on a bar is yellow."""
WARNINGS = {"warned", "breached", "escalated", "informed"}
"""The types of entries that a clock makes when it warns somebody."""
NOTHING = timedelta()
INTERVALS = {
    "counted": Message("counted"),
    "overdue": Message("counted, overdue"),
    "paused": Message("paused"),
    "closed": Message("closed"),
}
_DURATION = TypeAdapter(timedelta)
_TIME = TypeAdapter(datetime)

Span = tuple[datetime, datetime]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "clocks")(clocks)


def clocks(
    api: ApiClient, number: Annotated[str, typer.Argument(help="The case's number.")]
) -> CommandResult:
    """Explain a case's clocks: all their time, warnings, and who set a limit of its own."""
    document = api.get(f"/v1/cases/{segment(number)}/clocks").body
    return CommandResult(document, lambda console: _draw(console, document["items"]))


def _draw(console: Console, items: list[dict[str, Any]]) -> None:
    for item in items:
        paused = item["pauses"][-1]["since"] if item["state"] == "paused" else None
        draw_clocks(console, [{**item, "paused_at": paused}])
        for line in _lines(item):
            console.print(Text(f"              {line}", "dim"), soft_wrap=True)


def _lines(item: dict[str, Any]) -> Iterator[str]:
    yield item["sentence"]
    if item["limit"]:
        yield _own_limit(item)
    for interval in item["intervals"]:
        yield _interval(item["calendar"], interval)
    for milestone in item["milestones"]:
        if milestone["fired"]:
            yield translate("%(name)s: set off", name=translate(milestone["name"]))
        elif milestone["at"]:
            at = local_time(milestone["at"])
            yield translate("%(name)s: %(value)s", name=translate(milestone["name"]), value=at)


def _interval(calendar: str, interval: Mapping[str, Any]) -> str:
    sort = translate(INTERVALS[interval["sort"]])
    if interval["holiday"]:
        from policies.documents import holiday_title

        sort = holiday_title(calendar, interval["holiday"], locale())
    line = translate(
        "%(since)s to %(until)s: %(sort)s, %(length)s",
        since=local_time(interval["since"]),
        until=local_time(interval["until"]),
        sort=sort,
        length=hours(_DURATION.validate_python(interval["length"])),
    )
    if began := interval["began"]:
        entry, by = began["entry"], began["actor"]["id"]
        line += translate(" (entry %(entry)s by %(by)s)", entry=entry, by=by)
    return line


def _own_limit(item: dict[str, Any]) -> str:
    limit = item["limit"]
    where = (
        translate("taken over from %(of)s", of=limit["of"])
        if limit["of"]
        else translate("entry %(entry)s", entry=limit["entry"])
    )
    return translate(
        "limit set by %(by)s at %(at)s (%(where)s); by the policy alone "
        "%(policy_budget)s, %(policy_due)s",
        by=limit["by"],
        at=local_time(limit["at"]),
        where=where,
        policy_budget=_hours_and_minutes(item["policy_budget"]),
        policy_due=local_time(item["policy_due_at"]),
    )


def draw_clocks(
    console: Console,
    clocks: Iterable[Mapping[str, Any]],
    at: datetime | None = None,
    entries: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Draw a bar for each clock; the entries have when which of them warned somebody."""
    marks: dict[tuple[str, int], list[datetime]] = {}
    for entry in entries:
        if entry["type"] in WARNINGS:
            whose = (entry["form"]["clock"], entry["form"]["instance"])
            marks.setdefault(whose, []).append(datetime.fromisoformat(entry["at"]))
    for clock in clocks:
        instance = parse_clock(clock, at or datetime.now(UTC))
        again = f" {clock['instance']}" if clock["instance"] > 1 else ""
        state = LATE if clock["state"] == "breached" else instance.colour
        line = Text.assemble(
            f"  {pad(code_label('clock', clock['clock']) + again, 13)}",
            bar(instance, marks.get((clock["clock"], clock["instance"]), ())),
            (f" {pad(code_label('clock_state', clock['state']), 9)}", state),
            f" {_explain(clock, instance)}",
        )
        console.print(line, soft_wrap=True)


@dataclass(frozen=True)
class ClockInstance:
    """A clock as the API has it, at a moment."""

    state: str
    start: datetime
    now: datetime
    budget: timedelta
    spent: timedelta
    due: datetime | None
    breached: datetime | None
    pauses: tuple[Span, ...]
    calendar: Calendar

    @property
    def colour(self) -> str:
        """The colour of its bar up to its breach."""
        return COLOURS.get(self.state) or (SOON if self.spent >= NEARLY_DUE * self.budget else WELL)

    @property
    def length(self) -> timedelta:
        """The length of its bar: until it is due or, if that is later, the present moment."""
        now = self.counted(self.now)
        due = self.counted(self.due) if self.due else now + max(self.budget - self.spent, NOTHING)
        return max(due, now, timedelta(seconds=1))

    def counted(self, at: datetime) -> timedelta:
        """Return how much time has counted from its start to a moment, pauses included.

        Bars are drawn by this time: while the office is closed, nothing goes by.
        """
        return worked(self.calendar, self.start, at)

    @property
    def paused(self) -> timedelta:
        """How long it was paused in all."""
        return sum((until - since for since, until in self.pauses), NOTHING)


def parse_clock(clock: Mapping[str, Any], at: datetime) -> ClockInstance:
    """Return the clock at this moment, or at its end if that was before."""
    now = min(at, _parse_time(clock["ended_at"]) or at)
    due, budget = _parse_time(clock["due_at"]), _DURATION.validate_python(clock["budget"])
    spent = _DURATION.validate_python(clock["spent"])
    calendar = _calendar(clock["calendar"])
    if due and not clock["ended_at"]:
        # It may have been read before `at`, and has run on since.
        spent = max(spent, budget - worked(calendar, now, due) + worked(calendar, due, now))
    return ClockInstance(
        state=clock["state"],
        start=_TIME.validate_python(clock["started_at"]),
        now=now,
        budget=budget,
        spent=spent,
        due=due,
        breached=_parse_time(clock["breached_at"]),
        pauses=tuple(_pauses(clock, now)),
        calendar=calendar,
    )


def bar(clock: ClockInstance, marks: Iterable[datetime] = ()) -> Text:
    """Return the bar, from the clock's start to when it is due or to the present moment.

    Args:
        clock: the clock.
        marks: when it warned somebody.
    """
    width, now = clock.length / WIDTH, clock.counted(clock.now)
    breached = clock.counted(clock.breached) if clock.breached else None
    pauses = [(clock.counted(since), clock.counted(until)) for since, until in clock.pauses]

    def cell(at: timedelta) -> tuple[str, str]:
        if at > now:
            return TO_COME, "dim"
        if any(since <= at < until for since, until in pauses):
            return PAUSED, "dim"
        late = breached is not None and at >= breached
        return RAN, LATE if late else clock.colour

    cells = [cell((place + 0.5) * width) for place in range(WIDTH)]
    if now > NOTHING and cells[0][0] == TO_COME:
        cells[0] = RAN, clock.colour
    for at in marks:
        if clock.start <= at <= clock.now:
            place = min(int(clock.counted(at) / width), WIDTH - 1)
            cells[place] = (MARK, LATE if clock.breached and at >= clock.breached else SOON)
    return Text.assemble(*cells)


def _explain(clock: Mapping[str, Any], instance: ClockInstance) -> str:
    due = translate("due %(at)s", at=local_time(clock["due_at"]))
    if clock.get("provisional_after"):
        due = translate("%(due)s (provisional)", due=due)
    paused = (
        translate(", stood still %(span)s", span=hours(instance.paused)) if instance.pauses else ""
    )
    if clock["ended_at"]:
        at, used = local_time(clock["ended_at"]), hours(instance.spent)
        return translate(
            "at %(at)s, %(due)s, used %(span)s%(still)s", at=at, due=due, span=used, still=paused
        )
    rest = instance.budget - instance.spent
    if clock["state"] == "paused":
        since = local_time(clock["paused_at"])
        if rest < NOTHING:
            return translate(
                "since %(at)s, %(span)s over when it goes on", at=since, span=hours(-rest)
            )
        return translate("since %(at)s, %(span)s left when it goes on", at=since, span=hours(rest))
    until = instance.due - instance.now if instance.due else rest
    if until < NOTHING:
        return translate(
            "%(span)s over, %(due)s%(still)s", span=hours(-until), due=due, still=paused
        )
    return translate("%(span)s left, %(due)s%(still)s", span=hours(until), due=due, still=paused)


def _pauses(clock: Mapping[str, Any], now: datetime) -> Iterator[Span]:
    """Yield when it was paused; the last pause may go on."""
    for pause in clock["pauses"]:
        named = isinstance(pause, Mapping)
        since, until = (pause["since"], pause["until"]) if named else pause
        if until:
            yield _TIME.validate_python(since), _TIME.validate_python(until)
    if since := _parse_time(clock["paused_at"]):
        yield since, now


def _calendar(name: str) -> Calendar:
    """Return a published calendar; one that this release does not know is taken as always open."""
    if name == ALWAYS.name:
        return ALWAYS
    from policies.documents import calendars

    return calendars().get(name, ALWAYS)


def _parse_time(iso: Any) -> datetime | None:
    return _TIME.validate_python(iso) if iso else None


def _hours_and_minutes(iso: str | None) -> str:
    if iso is None:
        return translate("nothing")
    minutes = int(_DURATION.validate_python(iso).total_seconds()) // 60
    return translate(
        "%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=f"{minutes % 60:02}"
    )
