"""The result of a command, printed as JSON for programs or as lines and tables for people."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.i18n import listed, shown, translate
from cli.core.settings import business_zone
from domain.language.values import escaped, in_zone
from runtime.message import Message

PIPED_WIDTH = 4000
"""A pipe has no width; nothing is cut or wrapped there."""

SHORT_DURATION = re.compile(r"([0-9]{1,6})([mhd])")
ISO_DURATION = re.compile(
    r"P(?=.)([0-9]{1,6}D)?(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?"
)
SHORTEST = 20
MINUTE = timedelta(minutes=1)

Renderer = Callable[[Console], None]


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: the document, how it is drawn for a person, and the exit code."""

    document: Any
    render: Renderer
    exit: Exit = Exit.OK


class SafeConsole(Console):
    """A console that shows control characters instead of obeying them.

    What customers write is printed, and could clear the screen, hide or turn round what follows.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of a renderable; its own colours are no text, and stay."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else escaped(text), style, control)


def stdout() -> Console:
    """Return the console for results."""
    console = SafeConsole(highlight=False, soft_wrap=not sys.stdout.isatty())
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def stderr() -> Console:
    """Return the console for everything that is not the result."""
    return SafeConsole(stderr=True, highlight=False)


def print_result(result: CommandResult, *, as_json: bool) -> None:
    """Print a result, for a program or for a person."""
    if as_json:
        print_json(result.document)
    else:
        result.render(stdout())


def print_json(document: Any) -> None:
    """Print a document as JSON, and nothing else."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    sys.stdout.write(escaped(text, lambda character: f"\\u{ord(character):04x}") + "\n")
    sys.stdout.flush()


def print_failure(failed: CommandFailed, *, as_json: bool) -> None:
    """Print what went wrong to stderr, and for programs also as a document to stdout."""
    # Where nothing can be written any more, the exit code still says it.
    with suppress(OSError):
        console = stderr()
        console.print(Text(f"banjie: {shown(str(failed))}", style="red"), soft_wrap=True)
        for each in failed.problem.get("errors") or ():
            line = f"  {each.get('pointer') or '/'}: {each.get('detail')}"
            console.print(Text(line), soft_wrap=True)
    if as_json:
        with suppress(OSError):
            print_json(
                {
                    "error": {
                        "exit": int(failed.exit),
                        "message": shown(str(failed)),
                        **failed.problem,
                    }
                }
            )


def discard_unwritten() -> None:
    """Drop what standard output could not take, so that it is not tried again at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> Renderer:
    """Return a table, coloured only where a person looks at it, or `empty` if it has no rows.

    Its headers are translated.
    """
    cells = [[_cell(value) for value in row] for row in rows]

    def render(console: Console) -> None:
        if not cells:
            console.print(empty)
            return
        # The last column is cut to fit; those before it are meant to be copied.
        shown = [translate(header) for header in headers]
        columns = zip(shown, *map(_plain, cells), strict=True)
        widths = [max(map(cell_len, column)) for column in columns]
        needed = sum(widths[:-1]) + 2 * len(widths)
        room = max(SHORTEST, console.width - needed)
        console.width = max(console.width, needed + room)
        grid = Table(box=None, pad_edge=False, header_style="bold")
        for header in shown:
            grid.add_column(header, overflow="ignore", no_wrap=True)
        for row_cells in cells:
            row_cells[-1].truncate(room, overflow="ellipsis")
            grid.add_row(*row_cells)
        console.print(grid)

    return render


def sentence(text: str) -> Renderer:
    """Return the text as it is, on lines of its own."""
    return lambda console: console.print(Text(shown(text)), soft_wrap=True)


def local_time(iso: str | None) -> str:
    """Return a time as people here read it, to the second, in the business zone."""
    if not iso:
        return ""
    at = in_zone(datetime.fromisoformat(iso), business_zone())
    return at.strftime("%Y-%m-%d %H:%M:%S")


def hours(span: timedelta) -> str:
    """Return a span of time in hours and minutes: `3:20`, `-1:05`."""
    whole, minutes = divmod(int(abs(span).total_seconds()) // 60, 60)
    return f"{'-' if span < timedelta() else ''}{whole}:{minutes:02}"


def time_left(due_at: str | None, now: datetime) -> str:
    """Return the time to a moment, or since it: `3:20`, `-1:05`."""
    return "" if due_at is None else hours(datetime.fromisoformat(due_at) - now)


def parse_time(text: str) -> str:
    """Return a time that a person wrote, as ISO 8601; without a zone it is of the business zone.

    Raises:
        WrongUsage: it is no time.
    """
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=business_zone())
        # Whoever reads it compares it in UTC, and takes no offset with seconds.
        utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUsage(
            translate("%(text)s is no time; write one like 2026-03-03T10:00.", text=f"{text!r}")
        ) from None
    return (utc if at.utcoffset() % MINUTE else at).isoformat()  # type: ignore[operator]


def parse_duration(text: str) -> str:
    """Return a span of time that a person wrote, as ISO 8601: `2h`, `30m`, `1d`, or `PT2H`.

    Raises:
        WrongUsage: it is none.
    """
    if short := SHORT_DURATION.fullmatch(text):
        number, unit = short[1], short[2].upper()
        return f"P{number}D" if unit == "D" else f"PT{number}{unit}"
    if ISO_DURATION.fullmatch(text):
        return text
    raise WrongUsage(
        translate(
            "%(text)s is no span of time; write one like 30m, 2h, 1d or PT2H30M.", text=f"{text!r}"
        )
    )


def _plain(cells: Sequence[Text]) -> list[str]:
    return [cell.plain for cell in cells]


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, list | tuple):
        value = listed(value)
    if isinstance(value, Message):
        value = translate(value)
    return Text(" ".join(escaped(str(value)).split()) if value is not None else "")
