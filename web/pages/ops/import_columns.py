"""What a file of cases may say: its columns with what they mean, examples, and a fault's column."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, Final

from pydantic import JsonValue

from app.errors import Unacceptable
from app.import_file import CUSTOMER_NAME, OF_FORM
from app.import_lines import CLOSED, OPEN, check_line, read_line
from cases import CURRENT
from domain.engine.process import Process
from domain.language.channels import Channel
from domain.language.table import Stage
from domain.language.values import Priority
from i18n.labels import label
from store.customers.records import ContactKind
from web.rendering.texts import Sentence, translate

MARK: Final = "\ufeff"
"""By it spreadsheets know a file as UTF-8."""
BESIDE_HEADING: Final = "column "
"""Begins what a cell is called over which no heading stands."""
RECEIVED, ENDED = "2024-03-01T10:00:00+08:00", "2024-03-05T16:30:00+08:00"
WORDS: Final = Sentence("The device has been faulty since it was delivered.")
NOTE: Final = Sentence("Called the customer back.")
NAME: Final = Sentence("Wang Xiaoming")
ENTRY_COLUMN: Final = Sentence("Column %(n)s, which has no heading")
LINE: Final = Sentence("Line %(n)s")
OF_PAGE: Final = {
    "source": Sentence("Name of the other system"),
    "text": Sentence("Cases"),
}


@dataclass(frozen=True)
class Column:
    """A column of CSV: its name, what it means, and the codes that it takes with their names."""

    name: str
    meaning: Sentence
    is_needed: bool = False
    codes: Sequence[tuple[str, str]] = ()


def columns(locale: str) -> list[Column]:
    """Return the columns that there are, those that are needed first."""
    kinds = [(kind, label(f"kind.{kind}", locale, kind)) for kind in CURRENT]
    channels = [(str(each), label(f"channel.{each}", locale)) for each in Channel]
    stages = [(str(each), label(f"stage.{each}", locale)) for each in Stage]
    contacts = [(str(each), label(f"contacts.kind.{each}", locale)) for each in ContactKind]
    return [
        Column("kind", Sentence("The kind of case"), True, kinds),
        Column("external_ref", Sentence("The number that the case has there"), True),
        Column("received_at", Sentence("When it was received, with the zone"), True),
        Column("channel", Sentence("How it came in"), True, channels),
        Column("words", Sentence("What the customer said"), True),
        Column(
            "state",
            Sentence("open with a stage, closed with an outcome, or the name of a state here"),
            True,
        ),
        Column("stage", Sentence("Of an open case: how far it is"), codes=stages),
        Column("outcome", Sentence("Of a closed case: how it ended"), codes=_outcomes(locale)),
        Column("closed_at", Sentence("Of a closed case: when it was closed; needed there")),
        Column(CUSTOMER_NAME, Sentence("What the customer is called")),
        *(Column(name, Sentence("A way to reach the customer"), codes=[(name, called)])
          for name, called in contacts),
        Column("order", Sentence("The number of the order")),
        Column("lines", Sentence("The lines of the order that it is about, as JSON")),
        Column("product", Sentence("The number of the product")),
        Column("category", Sentence("How it is classified; left out, the words propose it")),
        Column("severity", Sentence("How it is classified; left out, the words propose it")),
        Column("impact", Sentence("How it is classified; left out, the words propose it")),
        Column("urgency", Sentence("How it is classified; left out, the words propose it")),
        Column("hardness", Sentence("How it is classified; left out, the words propose it")),
        Column("priority", Sentence("A priority that a person gave"), codes=_priorities(locale)),
        Column("team", Sentence("The team that goes on with it, by its id")),
        Column("assignee", Sentence("Who goes on with it, by their id")),
        Column("paid_back", Sentence("What was paid back there in sum, such as 129.50")),
        Column("steps", Sentence("The steps that it rests on, with their forms, as JSON")),
        Column("history", Sentence("A note on what was done so far")),
        Column(f"{OF_FORM}…", Sentence("Another field of the kind's first form, by its name")),
    ]  # fmt: skip


def _outcomes(locale: str) -> list[tuple[str, str]]:
    ends = {str(s.outcome): kind for kind, p in CURRENT.items() for s in p.states if s.closed}
    return [(code, label(f"outcome.{code}", locale, kind)) for code, kind in ends.items()]


def _priorities(locale: str) -> list[tuple[str, str]]:
    return [(str(each), label(f"priority.{each}", locale)) for each in Priority]


def example_csv(locale: str, now: datetime) -> str:
    """Return a file in CSV that can be taken over as it is."""
    rows = [*_rows(locale, now)]
    heading = [each.name for each in columns(locale) if any(each.name in row for row in rows)]
    written = StringIO()
    writer = csv.DictWriter(written, heading, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return MARK + written.getvalue()


def example_lines(locale: str, now: datetime) -> str:
    """Return the same as JSON lines."""
    return "".join(f"{json.dumps(_line(row), ensure_ascii=False)}\n" for row in _rows(locale, now))


def _rows(locale: str, now: datetime) -> Iterator[dict[str, str]]:
    """Yield an open and a closed case of each kind that takes such ones over."""
    for process in CURRENT.values():
        for place in _places(process):
            row = {
                "kind": process.kind,
                "external_ref": f"OLD-{process.prefix}-{place['state']}",
                "received_at": RECEIVED,
                "channel": str(Channel.PHONE),
                "words": translate(WORDS, locale),
                **place,
                CUSTOMER_NAME: translate(NAME, locale),
                "phone": "13900000000",
                "history": translate(NOTE, locale),
            }
            try:
                check_line(read_line(_line(row)), now)
            except Unacceptable:
                continue
            yield row


def _places(process: Process) -> Iterator[dict[str, str]]:
    for name in process.imports.open_states[:1] if process.imports else ():
        yield {"state": OPEN, "stage": str(process.state(name).stage)}
    for state in [state for state in process.states if state.closed][:1]:
        yield {"state": CLOSED, "outcome": str(state.outcome), "closed_at": ENDED}


def _line(row: dict[str, str]) -> dict[str, JsonValue]:
    kept = {k: v for k, v in row.items() if k not in (CUSTOMER_NAME, "phone", "history")}
    contacts: list[JsonValue] = [{"kind": "phone", "value": row["phone"]}]
    note: dict[str, JsonValue] = {"at": row["received_at"], "text": row["history"]}
    customer: dict[str, JsonValue] = {"name": row[CUSTOMER_NAME], "contacts": contacts}
    return {**kept, "customer": customer, "history": [note]}


def column_of(pointer: str, body: JsonValue, *, is_csv: bool, locale: str) -> str:
    """Return the column, or the field of a JSON line, that a fault is about; nothing for all."""
    path = [each for each in pointer.split("/") if each]
    if not path or not is_csv:
        return ".".join(path)
    if path[0].startswith(BESIDE_HEADING):
        return translate(ENTRY_COLUMN, locale, n=path[0].removeprefix(BESIDE_HEADING))
    if path[:2] == ["customer", "name"]:
        return CUSTOMER_NAME
    if path[:2] == ["customer", "contacts"]:
        return _contact(body, path[2:3])
    return f"{OF_FORM}{'.'.join(path[1:])}" if path[0] == "form" and path[1:] else path[0]


def _contact(body: Any, place: Sequence[str]) -> str:
    """Return the column of a way to reach the customer: it is called as that is."""
    try:
        return str(body["customer"]["contacts"][int(place[0])]["kind"])
    except (LookupError, TypeError, ValueError):
        return "customer"


def part_of_page(pointer: str, locale: str) -> str:
    """Return what the page calls the part that is refused as a whole: a field, or a line."""
    name = pointer.removeprefix("/")
    if name.isdecimal():
        return translate(LINE, locale, n=name)
    return translate(OF_PAGE[name], locale) if name in OF_PAGE else name
