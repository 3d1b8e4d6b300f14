"""`banjie order`: hand in a file of orders, and show one."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import command, noun_app
from cli.core.exits import CommandFailed, NotFound, WrongUsage
from cli.core.i18n import system_reason, translate
from cli.core.output import CommandResult, table
from cli.core.progress import progress_bar, told_how_far
from runtime.message import Message

PART: Final = 900 * 1024
"""Bytes of a file that are sent at once: the server takes a mebibyte."""
MEDIA_TYPE: Final = "text/csv"
PATH: Final = "/v1/orders:import"
HOW_FAR: Final = Message(
    "%(why)s %(done)s of %(total)s parts are written. Import the file again: orders that are there "
    "already stay as they are."
)
HEADERS = ("row", "order", "line", "result")
LINE_HEADERS = (
    "line",
    "product",
    "name",
    "units",
    "price",
    "delivered",
    "warranty",
    "serial numbers",
)

app = noun_app("Orders: import, show.")


@dataclass
class Part:
    """Some whole orders of a file: the text that is sent, and the file's line of each of its."""

    text: str
    lines: list[int] = field(default_factory=lambda: [1])

    def add(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Add the rows of an order, each with its line in the file."""
        for line, row in rows:
            written = _as_csv(row)
            self.text += written
            self.lines += [line] * written.count("\n")

    def line(self, row: int) -> int:
        """Return the file's line of one of the part's."""
        return self.lines[min(row, len(self.lines)) - 1]


@command(app, "import", group="admin")
def import_(
    api: ApiClient,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8; a row for each line of an order.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> CommandResult:
    """Hand in the orders of a file: all, or none if a row is wrong."""
    parts = list(_parts(_read(file)))
    rows = _check(api, parts)
    if not dry_run:
        rows = _write(api, parts)
    result = {"dry_run": dry_run, "orders": len({row["order"] for row in rows}), "rows": rows}
    cells = [(row["row"], row["order"], row["line"], row["outcome"]) for row in rows]
    return CommandResult(result, table(HEADERS, cells, translate("The file has no orders.")))


@command(app, "show")
def show(
    api: ApiClient, id: Annotated[str, typer.Argument(help="The order's number.")]
) -> CommandResult:
    """Show an order with its lines."""
    order = api.get(f"/v1/orders/{segment(id)}").body
    rows = [
        (
            *(line["line"], line["product"], line["name"], line["quantity"]),
            f"{line['unit_price']} {order['currency']}" if line["unit_price"] else None,
            *(line["delivered_on"], line["warranty_until"], " ".join(line["serials"])),
        )
        for line in order["lines"]
    ]
    return CommandResult(order, table(LINE_HEADERS, rows, "-"))


def _read(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None
    except UnicodeDecodeError:
        raise WrongUsage(translate("%(file)s is not UTF-8; save it as that.", file=file)) from None
    if "order" not in text.partition("\n")[0]:
        raise WrongUsage(translate("%(file)s has no column 'order' in its first line.", file=file))
    return text


def _parts(text: str) -> Iterator[Part]:
    """Yield the orders of a file in parts that are small enough, each order whole."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    orders: dict[str, list[tuple[int, list[str]]]] = {}
    try:
        heading = next(reader, [])
        place = heading.index("order") if "order" in heading else 0
        for row in reader:
            if any(cell.strip() for cell in row):
                key = row[place].strip().casefold() if place < len(row) else ""
                orders.setdefault(key, []).append((reader.line_num, row))
    except csv.Error as error:
        line, why = max(reader.line_num, 1), error
        raise WrongUsage(
            translate("The line %(line)s is not sound CSV: %(why)s.", line=line, why=why)
        ) from None
    part = Part(_as_csv(heading))
    for rows in orders.values():
        if len(part.lines) > 1 and len(part.text.encode()) + _size(rows) > PART:
            yield part
            part = Part(_as_csv(heading))
        part.add(rows)
    yield part


def _size(rows: Sequence[tuple[int, list[str]]]) -> int:
    return sum(len(_as_csv(row).encode()) for _, row in rows)


def _as_csv(row: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def _check(api: ApiClient, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return what would be done with each row.

    Raises:
        CommandFailed: with what is wrong in all of the file.
    """
    rows: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    failed: CommandFailed | None = None
    with progress_bar(Message("parts checked"), len(parts)) as done:
        for n, part in enumerate(parts, start=1):
            try:
                rows += _send(api, part, dry_run=True)
            except CommandFailed as error:
                if not error.problem.get("errors"):
                    raise
                failed = error
                errors += [_in_file(each, part) for each in error.problem["errors"]]
            done(n)
    if failed is not None:
        raise type(failed)(
            translate("Rows are wrong, so nothing was written."),
            {**failed.problem, "errors": errors},
        )
    return sorted(rows, key=lambda row: int(row["row"]))


def _write(api: ApiClient, parts: Sequence[Part]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with progress_bar(Message("parts written"), len(parts)) as done:
        for n, part in enumerate(parts, start=1):
            with told_how_far(n - 1, len(parts), HOW_FAR):
                rows += _send(api, part, dry_run=False)
            done(n)
    return sorted(rows, key=lambda row: int(row["row"]))


def _send(api: ApiClient, part: Part, *, dry_run: bool) -> list[dict[str, Any]]:
    body = api.send_file(PATH, part.text, MEDIA_TYPE, dry_run=dry_run).body
    return [{**row, "row": part.line(row["row"])} for row in body["rows"]]


def _in_file(error: dict[str, Any], part: Part) -> dict[str, Any]:
    """Return a fault with the file's line in its pointer."""
    _, row, *column = str(error.get("pointer")).split("/")
    line = part.line(int(row)) if row.isdecimal() else 1
    return {**error, "pointer": "/".join(("", str(line), *column))}
