"""`banjie flow`: how cases flow through a kind, where they are, which ways are slow."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.client import Server
from cli.command import command
from cli.flowbars import draw_case, draw_kind
from cli.output import Shown, instant

Since = Annotated[
    str | None,
    typer.Option(help="Only what happened from then on: 2026-03-01, in the business zone."),
]
Until = Annotated[str | None, typer.Option(help="Only what happened before.")]
Version = Annotated[int | None, typer.Option(help="Of the process; the newest if not said.")]
Mermaid = Annotated[bool, typer.Option("--mermaid", help="The diagram as mermaid source.")]


def add_to(app: typer.Typer, cases: typer.Typer) -> None:
    """Add the commands."""
    command(app, "flow")(flow)
    command(cases, "flow")(case_flow)


def flow(
    server: Server,
    kind: Annotated[str, typer.Argument(help="complaint, inquiry …")],
    since: Since = None,
    until: Until = None,
    version: Version = None,
    mermaid: Mermaid = False,
) -> Shown:
    """Show how a kind's cases flow: how many are where, how often each arrow is taken, how soon."""
    times = {"since": instant(since) if since else None, "until": instant(until) if until else None}
    found = server.get(f"/v1/kinds/{kind}/flow", version=version, **times).body
    return _shown(found, draw_kind, mermaid=mermaid)


def case_flow(
    server: Server,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    mermaid: Mermaid = False,
) -> Shown:
    """Show a case's way through its process, and how long it was in each state."""
    return _shown(server.get(f"/v1/cases/{number}/flow").body, draw_case, mermaid=mermaid)


def _shown(
    found: dict[str, Any], draw: Callable[[Console, dict[str, Any]], None], *, mermaid: bool
) -> Shown:
    if mermaid:
        return Shown(found, lambda _: _print(found["mermaid"]))
    return Shown(found, lambda console: draw(console, found))


def _print(source: str) -> None:
    # As it is: a console would break its lines and read its brackets.
    sys.stdout.write(source)
