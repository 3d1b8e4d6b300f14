"""What a command shows: a document for programs, or lines and tables for people."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.settings import business_zone

PIPED_WIDTH = 4000
"""A pipe has no width; nothing is cut or wrapped there."""

SHORTEST = 20

Draw = Callable[[Console], None]


@dataclass(frozen=True)
class Shown:
    """The outcome of a command: the document, how a person sees it, and the exit code."""

    document: Any
    draw: Draw
    exit: Exit = Exit.OK


def stdout() -> Console:
    """The console for what was asked for."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def stderr() -> Console:
    """The console for everything else."""
    return Console(stderr=True, highlight=False)


def show(shown: Shown, *, as_json: bool) -> None:
    """Print an outcome, one way or the other."""
    if as_json:
        dump(shown.document)
    else:
        shown.draw(stdout())


def dump(document: Any) -> None:
    """Print a document as JSON, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def complain(failed: CommandFailed, *, as_json: bool) -> None:
    """Say what went wrong: a sentence and its details on stderr; for programs a document too."""
    # Where nothing can be written any more, the exit code still says it.
    with suppress(OSError):
        console = stderr()
        console.print(Text(f"banjie: {failed}", style="red"), soft_wrap=True)
        for each in failed.problem.get("errors") or ():
            line = f"  {each.get('pointer') or '/'}: {each.get('detail')}"
            console.print(Text(line), soft_wrap=True)
    if as_json:
        with suppress(OSError):
            dump({"error": {"exit": int(failed.exit), "message": str(failed), **failed.problem}})


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> Draw:
    """A table; boxes and colours only where a person looks at it."""
    lines = [[_cell(value) for value in row] for row in rows]

    def draw(console: Console) -> None:
        if not lines:
            console.print(empty)
            return
        # What the last column holds is cut to fit; what is before it is meant to be copied.
        before = [max(map(cell_len, each)) for each in zip(heads, *map(_plain, lines), strict=True)]
        needed = sum(before[:-1]) + 2 * len(before)
        room = max(SHORTEST, console.width - needed)
        console.width = max(console.width, needed + room)
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for head in heads:
            drawn.add_column(head, overflow="ignore", no_wrap=True)
        for line in lines:
            line[-1].truncate(room, overflow="ellipsis")
            drawn.add_row(*line)
        console.print(drawn)

    return draw


def sentence(text: str) -> Draw:
    """One line."""
    return lambda console: console.print(Text(text), soft_wrap=True)


def moment(iso: str | None) -> str:
    """A time as people here read it, to the second, in the business zone."""
    if not iso:
        return ""
    return datetime.fromisoformat(iso).astimezone(business_zone()).strftime("%Y-%m-%d %H:%M:%S")


def instant(text: str) -> str:
    """A time as people here write it, with its zone: the business zone if it names none.

    Raises:
        WrongUsage: it is no time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is no time; write one like 2026-03-03T10:00.") from None
    return (at if at.tzinfo else at.replace(tzinfo=business_zone())).isoformat()


def _plain(line: Sequence[Text]) -> list[str]:
    return [cell.plain for cell in line]


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, list | tuple):
        value = ", ".join(str(each) for each in value)
    return Text(" ".join(str(value).split()) if value is not None else "")
