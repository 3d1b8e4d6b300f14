"""`banjie case diff`: a case entry by entry, each with what it changed."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import click
import typer
from rich.console import Console
from rich.text import Text

from cli.case.clocks import draw_clocks
from cli.case.render import draw_history
from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import code_label, notice_words, translate
from cli.core.names import kind_of
from cli.core.output import CommandResult, local_time

EntryDiff = dict[str, Any]
NEXT, BACK, QUIT = {"n", " ", "\r", "\n", "\x1b[C"}, {"p", "\x1b[D"}, {"q", "\x1b", "\x03", "\x04"}
TIMES = {"on_hold_until"}
HIDDEN = {"stage", "waits_on", "task"}
"""Changes that follow from the change of state."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "diff")(diff)


def diff(
    api: ApiClient,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    at_once: Annotated[
        bool, typer.Option("--list", help="All at once, also at a terminal.")
    ] = False,
) -> CommandResult:
    """Go through a case entry by entry: what changed, its clocks, who was told. Keys: n, p, q."""
    items: list[EntryDiff] = []
    at: int | None = 0
    while at is not None:
        page = api.get(f"/v1/cases/{segment(number)}/diff", after=at).body
        items += page["items"]
        at = page["next"]
    by_key = sys.stdin.isatty() and sys.stdout.isatty() and not at_once
    draw = _step_through if by_key else _draw_all
    return CommandResult(
        {"number": number, "items": items}, lambda console: draw(console, items, number)
    )


def _draw_all(console: Console, items: list[EntryDiff], number: str) -> None:
    for entry_diff in items:
        _draw(console, entry_diff, number)


def _step_through(console: Console, items: list[EntryDiff], number: str) -> None:
    place = 0
    while True:
        console.clear()
        _draw(console, items[place], number)
        console.print()
        _draw_clocks(console, items[: place + 1])
        console.print(Text(f"\n{_hint(place + 1, len(items))}", "dim"))
        key = click.getchar()
        if key in QUIT:
            return
        place = min(max(place + (key in NEXT) - (key in BACK), 0), len(items) - 1)


def _draw(console: Console, entry_diff: EntryDiff, number: str) -> None:
    draw_history(console, [entry_diff["entry"]], kind_of(number))
    for line in _lines(entry_diff, number):
        console.print(Text(f"{'':>27}{line}", "green"), soft_wrap=not console.is_terminal)


def _draw_clocks(console: Console, items: list[EntryDiff]) -> None:
    """Draw the clocks as they stood after the last of these entries."""
    newest = {
        (clock_event["clock"]["clock"], clock_event["clock"]["instance"]): clock_event["clock"]
        for entry_diff in items
        for clock_event in entry_diff["clocks"]
    }
    entries = [entry_diff["entry"] for entry_diff in items]
    at = datetime.fromisoformat(entries[-1]["at"])
    draw_clocks(console, newest.values(), at, entries)


def _hint(place: int, total: int) -> str:
    keys = translate("n next · p back · q quit")
    return translate("%(place)s of %(total)s   %(keys)s", place=place, total=total, keys=keys)


def _value(change: dict[str, Any], when: str, kind: str) -> str:
    value: str | None = change[when]
    if value and change["what"] in TIMES:
        return local_time(value)
    return code_label(change["what"], value, kind) if value else "–"


def _lines(entry_diff: EntryDiff, number: str) -> Iterator[str]:
    kind = kind_of(number)
    for change in entry_diff["changes"]:
        if change["what"] not in HIDDEN:
            before, after = (_value(change, when, kind) for when in ("before", "after"))
            name = translate(change["what"])
            yield translate("%(name)s: %(value)s", name=name, value=f"{before} → {after}")
    for clock_event in entry_diff["clocks"]:
        clock = clock_event["clock"]
        due = (
            translate(", due %(at)s", at=local_time(clock["due_at"]))
            if clock["due_at"] and not clock["ended_at"]
            else ""
        )
        yield translate(
            "clock %(clock)s: %(event)s%(due)s",
            clock=code_label("clock", clock["clock"], kind),
            event=translate(clock_event["event"]),
            due=due,
        )
    for notice in entry_diff["notices"]:
        yield translate(
            "told %(to)s: %(template)s",
            to=code_label("role", notice["to"], kind),
            template=notice_words(notice, number, kind),
        )
