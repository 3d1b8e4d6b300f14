"""`banjie case import`: take over the cases of a file from another system."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from cli.core.client import ApiClient
from cli.core.command import command
from cli.core.exits import Exit, NotFound, WrongUsage
from cli.core.i18n import system_reason, translate
from cli.core.output import CommandResult, table
from cli.core.progress import progress_bar, told_how_far
from runtime.message import Message

if TYPE_CHECKING:
    from app.import_file import FileLine

PATH: Final = "/v1/cases:import"
AT_ONCE: Final = 20
"""Cases that are sent at once: few enough to be recorded before the client gives up."""
PART: Final = 900 * 1024
"""Bytes that are sent at once: the server takes a mebibyte."""
HEADERS = ("row", "number there", "result", "case", "why")
HOW_FAR: Final = Message(
    "%(why)s %(done)s of %(total)s cases were dealt with. Import the file again: cases "
    "that are there already stay as they are."
)
WORDS: Final = {
    "would_start": Message("would start"),
    "started": Message("imported"),
    "already_there": Message("already there"),
    "refused": Message("refused"),
    "unanswered": Message("no answer"),
}


def add_to(app: typer.Typer) -> None:
    """Add the command to those of cases."""
    command(app, "import", group="admin")(import_)


def import_(
    api: ApiClient,
    file: Annotated[
        Path, typer.Argument(help="CSV with a heading, or JSON lines, in UTF-8; a case in each.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    source: Annotated[
        str, typer.Option(help="The name of the other system; the numbers in the file are its own.")
    ] = "import",
) -> CommandResult:
    """Take over running and old cases; what is there already stays as it is."""
    cases = _read(file)
    lines: list[dict[str, Any]] = []
    with progress_bar(Message("cases"), len(cases)) as done:
        for part in _parts(cases):
            with told_how_far(len(lines), len(cases), HOW_FAR):
                lines += _send(api, part, source, dry_run=dry_run)
            done(len(lines))
    totals = Counter(line["status"] for line in lines)
    result = {"source": source, "dry_run": dry_run, "totals": dict(totals), "lines": lines}
    return CommandResult(result, lambda console: _draw(console, lines, totals), _exit(totals))


def _exit(totals: Counter[str]) -> Exit:
    if totals["unanswered"]:
        return Exit.UNAVAILABLE
    return Exit.REFUSED if totals["refused"] else Exit.OK


def _draw(console: Console, lines: Sequence[dict[str, Any]], totals: Counter[str]) -> None:
    """Print how many came to what, and each line that came to nothing."""
    for status, word in WORDS.items():
        if totals[status]:
            console.print(f"{translate(word)}: {totals[status]}", markup=False)
    rows = [
        (line["line"], line["external_ref"], translate(WORDS[line["status"]]), line["number"], why)
        for line in lines
        for why in _reasons(line["problem"])
    ]
    if rows:
        table(HEADERS, rows, "")(console)


def _reasons(problem: dict[str, Any] | None) -> Iterator[str]:
    """Yield why nothing came of a line, each wrong field by itself."""
    if problem is None:
        return
    errors = problem.get("errors") or []
    for each in errors:
        yield f"{each['pointer']} {each['detail']}".strip()
    if not errors:
        yield str(problem["detail"])


def _read(file: Path) -> "list[FileLine]":
    from app.import_file import UnreadableFile, read_import_file

    try:
        cases = read_import_file(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None
    except UnicodeDecodeError:
        raise WrongUsage(translate("%(file)s is not UTF-8; save it as that.", file=file)) from None
    except UnreadableFile as error:
        line, why = error.line, error
        raise WrongUsage(
            translate("The line %(line)s is not sound CSV: %(why)s.", line=line, why=why)
        ) from None
    if not cases:
        raise WrongUsage(translate("%(file)s has no cases.", file=file))
    return cases


def _parts(cases: "Sequence[FileLine]") -> "Iterator[list[FileLine]]":
    """Yield the cases of a file in parts that are small enough."""
    part: list[FileLine] = []
    size = 0
    for case in cases:
        added = len(str(case.body).encode(errors="replace"))
        if part and (len(part) == AT_ONCE or size + added > PART):
            yield part
            part, size = [], 0
        part.append(case)
        size += added
    yield part


def _send(
    api: ApiClient, part: "Sequence[FileLine]", source: str, *, dry_run: bool
) -> list[dict[str, Any]]:
    body = {"source": source, "dry_run": dry_run, "cases": [case.body for case in part]}
    lines: list[dict[str, Any]] = api.post(PATH, body).body["lines"]
    return [{**line, "line": part[line["line"] - 1].line} for line in lines]
