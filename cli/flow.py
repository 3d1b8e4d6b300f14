"""`banjie flow`: how cases flow through a kind, where they are, which ways are slow."""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import code_label, pad, translate
from cli.core.names import refuse_unknown_kind
from cli.core.output import CommandResult, local_time, parse_time
from domain.mining.flow import format_duration

BAR = 24
SLOWEST = 8
"""How many of the slowest arrows are shown."""

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
    api: ApiClient,
    kind: Annotated[str, typer.Argument(help="complaint, inquiry …")],
    since: Since = None,
    until: Until = None,
    version: Version = None,
    mermaid: Mermaid = False,
) -> CommandResult:
    """Show how a kind's cases flow: how many are where, how often each arrow is taken, how soon."""
    refuse_unknown_kind(kind)
    times = {
        "since": parse_time(since) if since else None,
        "until": parse_time(until) if until else None,
    }
    document = api.get(f"/v1/kinds/{segment(kind)}/flow", version=version, **times).body
    return _result(document, _draw_kind, mermaid=mermaid)


def case_flow(
    api: ApiClient,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    mermaid: Mermaid = False,
) -> CommandResult:
    """Show a case's way through its process, and how long it was in each state."""
    return _result(api.get(f"/v1/cases/{segment(number)}/flow").body, _draw_case, mermaid=mermaid)


def _result(
    document: dict[str, Any], draw: Callable[[Console, dict[str, Any]], None], *, mermaid: bool
) -> CommandResult:
    if mermaid:
        return CommandResult(document, lambda _: _print(document["mermaid"]))
    return CommandResult(document, lambda console: draw(console, document))


def _print(source: str) -> None:
    # Written as it is: a console would break its lines and read its brackets.
    sys.stdout.write(source)


def _draw_kind(console: Console, document: dict[str, Any]) -> None:
    """Draw a kind: its states by stage, and its slowest arrows."""
    console.print(
        Text(
            translate(
                "%(kind)s %(version)s: %(cases)s cases",
                kind=code_label("kind", document["kind"], document["kind"]),
                version=document["version"],
                cases=document["cases"],
            ),
            "bold",
        )
    )
    _line(
        console,
        Text(translate("counted at %(at)s", at=local_time(document["counted_at"])) + "\n", "dim"),
    )
    _draw_states(console, document["states"], document["kind"])
    arrows = sorted(
        (a for a in document["arrows"] if a["count"]), key=lambda a: -a["median_seconds"]
    )
    if arrows:
        heading = translate("slowest arrows: median, nine of ten within, how many")
        console.print(Text(f"\n{heading}", "bold"))
    slowest = max((arrow["p90_seconds"] for arrow in arrows[:SLOWEST]), default=0) or 1
    for arrow in arrows[:SLOWEST]:
        _line(
            console,
            Text.assemble(
                f"  {_arrow(arrow, document['kind'])} ",
                *_bar(arrow["median_seconds"] / slowest, arrow["p90_seconds"] / slowest),
                f" {_duration(arrow['median_seconds']):>8}",
                f" {_duration(arrow['p90_seconds']):>8}",
                (f" {arrow['count']:>6}×", "dim"),
            ),
        )


def _arrow(arrow: dict[str, Any], kind: str) -> str:
    """Return from where to where an arrow leads, and the step that takes it there."""
    ends = (code_label("state", arrow[end], kind) for end in ("from", "to"))
    return f"{pad(' → '.join(ends), 36)} {pad(code_label('step', arrow['step'], kind), 18)}"


def _draw_states(console: Console, states: list[dict[str, Any]], kind: str) -> None:
    most = max((state["open_now"] for state in states), default=0) or 1
    order = list(dict.fromkeys(state["stage"] for state in states))
    by_stage = sorted(states, key=lambda state: order.index(state["stage"]))
    for stage, group in groupby(by_stage, key=lambda state: str(state["stage"])):
        console.print(Text(code_label("stage", stage), "cyan"))
        for state in group:
            median = _duration(state["median_seconds"])
            _line(
                console,
                Text.assemble(
                    f"  {pad(code_label('state', state['state'], kind), 20)} ",
                    *_bar(state["open_now"] / most, 0),
                    " " + translate("%(count)s open", count=f"{state['open_now']:>6}"),
                    (
                        "  "
                        + translate(
                            "%(visits)s came  %(median)s there",
                            visits=f"{state['visits']:>6}",
                            median=f"{median:>8}",
                        ),
                        "dim",
                    ),
                ),
            )


def _draw_case(console: Console, document: dict[str, Any]) -> None:
    """Draw a case: the arrows it took, and how long it waited before each."""
    path = document["path"]
    longest = max((arrow["seconds"] for arrow in path), default=0) or 1
    kind = document["kind"]
    heading = translate(
        "%(number)s  %(kind)s, now %(state)s",
        number=document["number"],
        kind=code_label("kind", kind, kind),
        state=code_label("state", document["state"], kind),
    )
    console.print(Text(heading, "bold"))
    for arrow in path:
        _line(
            console,
            Text.assemble(
                (f"{arrow['seq']:>4}  {local_time(arrow['at'])}  ", "dim"),
                f"{_arrow(arrow, kind)} ",
                *_bar(arrow["seconds"] / longest, 0),
                f" {_duration(arrow['seconds']):>8}",
            ),
        )


def _duration(seconds: float | None) -> str:
    """Return a length of time; Chinese has its words for days, hours, minutes and seconds."""
    return "–" if seconds is None else _in_words(format_duration(seconds))


def _in_words(duration: str) -> str:
    number, unit = duration.split()
    return f"{number} {translate(unit)}"


def _bar(first: float, second: float) -> Iterator[tuple[str, str]]:
    """Yield a bar up to `first` and a thin one on to `second`; both are shares of the whole."""
    full = max(round(first * BAR), int(first > 0))
    more = max(round(second * BAR) - full, 0)
    yield "█" * full, "yellow"
    yield "─" * more, "yellow"
    yield " " * (BAR - full - more), ""


def _line(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True)
