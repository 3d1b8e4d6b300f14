"""`banjie case clocks`: why each promise of a case is due when it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from cli.client import Server
from cli.clocks import draw_clocks
from cli.command import command
from cli.output import Shown, moment

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
            yield f"{each['rung']}: set off"
        elif each["at"]:
            yield f"{each['rung']}: {moment(each['at'])}"


def _span(iso: str | None) -> str:
    if iso is None:
        return "nothing"
    minutes = int(_SPAN.validate_python(iso).total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"
