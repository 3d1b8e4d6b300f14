"""A file of cases of another system: CSV with a heading, or a JSON object in each line.

Only its shape is read here. What stands in a line is judged with the line, so that a wrong one does
not stop the rest: a line that is no JSON is passed on as the text it is.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Final

from pydantic import JsonValue

from domain.json_values import read_json
from store.customers.records import ContactKind

CUSTOMER_NAME: Final = "customer_name"
OF_FORM: Final = "form."
"""Begins the name of a column with a field of the opening form."""


class UnreadableFile(ValueError):
    """The file is no CSV; `line` is where that shows."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class FileLine:
    """A case of a file: the line in which it ends, and what it says."""

    line: int
    body: JsonValue


def read_import_file(text: str) -> list[FileLine]:
    """Return the cases of a file; it is JSON lines if its first line begins with a brace.

    Raises:
        UnreadableFile
    """
    text = text.removeprefix("\ufeff")
    return [*(_json_lines(text) if text.lstrip().startswith("{") else _rows(text))]


def _json_lines(text: str) -> Iterator[FileLine]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield FileLine(number, _json_or_text(line))


def _json_or_text(text: str) -> JsonValue:
    try:
        return read_json(text)
    except ValueError:
        return text


def _rows(text: str) -> Iterator[FileLine]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                names = [*heading, *(f"column {n + 1}" for n in range(len(heading), len(cells)))]
                pairs = zip(names, (cell.strip() for cell in cells), strict=False)
                yield FileLine(reader.line_num, _body({n: cell for n, cell in pairs if cell}))
    except csv.Error as error:
        raise UnreadableFile(max(reader.line_num, 1), str(error)) from None


def _body(cells: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return a row as a line of JSON would say it."""
    contacts: list[JsonValue] = [
        {"kind": kind.value, "value": cells[kind.value]} for kind in ContactKind if kind in cells
    ]
    of_customer = {CUSTOMER_NAME, *ContactKind}
    form: dict[str, JsonValue] = {
        name.removeprefix(OF_FORM): cell for name, cell in cells.items() if name.startswith(OF_FORM)
    }
    body: dict[str, JsonValue] = {
        name: cell
        for name, cell in cells.items()
        if name not in of_customer and not name.startswith(OF_FORM)
    }
    if CUSTOMER_NAME in cells or contacts:
        body["customer"] = {"name": cells.get(CUSTOMER_NAME), "contacts": contacts}
    if form:
        body["form"] = form
    body |= {name: _json_or_text(cells[name]) for name in ("lines", "steps") if name in cells}
    if history := cells.get("history"):
        is_list = history.startswith("[")
        note: dict[str, JsonValue] = {"at": cells.get("received_at"), "text": history}
        body["history"] = _json_or_text(history) if is_list else [note]
    return body
