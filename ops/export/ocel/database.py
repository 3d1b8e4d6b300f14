"""Writes an object-centric log as a SQLite file, with the tables of the OCEL 2.0 standard.

The standard library's driver is used: the file is no part of the store, and the standard defines
its tables.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.spreadsheets import Scalar
from ops.export.export import ExportFailed
from ops.export.fields import BASE, AttributeCatalogue, AttributeType
from ops.export.history import CaseHistory
from ops.export.ocel.objects import (
    OBJECT_TYPES,
    AttributeChange,
    EventRecord,
    ObjectLink,
    ObjectRecord,
    OcelRecord,
    ocel_records,
)

Types = Mapping[str, Mapping[str, AttributeType]]
"""The types of events, or of objects, each with its attributes."""

BEGINNING: Final = "1970-01-01 00:00:00.000000"
"""The time that the standard gives to what holds of an object from the beginning."""
CACHE_KIB: Final = 64 * 1024
COLUMN: Final = {
    AttributeType.STRING: "TEXT",
    AttributeType.TIME: "TIMESTAMP",
    AttributeType.INTEGER: "INTEGER",
    AttributeType.FLOAT: "REAL",
    AttributeType.BOOLEAN: "BOOLEAN",
}
EVENT: Final = '"ocel_id" TEXT PRIMARY KEY REFERENCES "event", "ocel_time" TIMESTAMP NOT NULL'
OBJECT: Final = (
    '"ocel_id" TEXT NOT NULL REFERENCES "object", "ocel_time" TIMESTAMP NOT NULL, '
    '"ocel_changed_field" TEXT'
)


class OcelSqliteWriter:
    """Writes a log to an empty file; `close` it whatever happens."""

    def __init__(self, file: Path, catalogue: AttributeCatalogue) -> None:
        self.events = {name: {**BASE, **own} for name, own in catalogue.types.items()}
        self._catalogue = catalogue
        # Nobody else reads the file before it is whole, and nobody keeps it if it is not.
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.connection.execute("BEGIN")
        for statement in _tables(self.events, OBJECT_TYPES):
            self.connection.execute(statement)
        for prefix, types in (("event", self.events), ("object", OBJECT_TYPES)):
            for type in types:
                names = {"ocel_type": type, "ocel_type_map": _suffix(type)}
                self._insert(f"{prefix}_map_type", names)

    def add(self, history: CaseHistory) -> None:
        """Write the objects, links and events of one case."""
        for record in ocel_records(history, self._catalogue):
            self._write(record)

    def finish(self) -> dict[str, int]:
        """Remove links to what is not in the file, and count the objects by type."""
        run = self.connection.execute
        run('DELETE FROM object_object WHERE ocel_target_id NOT IN (SELECT ocel_id FROM "object")')
        run("COMMIT")
        if run("PRAGMA foreign_key_check").fetchone():
            raise ExportFailed("The log refers to what is not in it; tell those who maintain this.")
        counts = run('SELECT ocel_type, count(*) FROM "object" GROUP BY ocel_type ORDER BY 1')
        return dict(counts.fetchall())

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _write(self, record: OcelRecord) -> None:
        match record:
            case ObjectRecord(id, type, constants):
                new = self._insert("object", {"ocel_id": id, "ocel_type": type})
                if new:
                    row = {"ocel_id": id, "ocel_time": BEGINNING, **constants}
                    self._insert(table_of("object", type), row)
            case AttributeChange(id, type, name, at, value):
                change: Mapping[str, Scalar] = {
                    "ocel_id": id, "ocel_time": at, "ocel_changed_field": name, name: value,
                }  # fmt: skip
                self._insert(table_of("object", type), change)
            case ObjectLink(source, target, qualifier):
                ends = {"ocel_source_id": source, "ocel_target_id": target}
                self._insert("object_object", {**ends, "ocel_qualifier": qualifier})
            case EventRecord():
                self._write_event(record)

    def _write_event(self, event: EventRecord) -> None:
        self._insert("event", {"ocel_id": event.id, "ocel_type": event.activity})
        row = {"ocel_id": event.id, "ocel_time": event.at, **event.attributes}
        self._insert(table_of("event", event.activity), row)
        for id, qualifier in event.objects:
            ends = {"ocel_event_id": event.id, "ocel_object_id": id}
            self._insert("event_object", {**ends, "ocel_qualifier": qualifier})

    def _insert(self, table: str, row: Mapping[str, Scalar]) -> bool:
        """Insert a row unless it is there, and return whether it was new."""
        marks = ", ".join("?" * len(row))
        # The names come from the tables and forms of this release, never from what was submitted.
        text = f'INSERT OR IGNORE INTO "{table}" ({_quoted(row)}) VALUES ({marks})'  # noqa: S608
        values = [_column_value(value) for value in row.values()]
        return self.connection.execute(text, values).rowcount > 0


def table_of(prefix: str, type: str) -> str:
    """Return the table that holds the events, or objects, of one type."""
    return f"{prefix}_{_suffix(type)}"


def as_text(value: str | float, type: AttributeType) -> str:
    """Return a column's value as text, which the standard's JSON schema requires of all values."""
    match type:
        case AttributeType.TIME:
            return f"{str(value).replace(' ', 'T')}Z" if value else ""
        case AttributeType.BOOLEAN:
            return "true" if value else "false"
    return str(value)


def _tables(events: Types, objects: Types) -> Iterator[str]:
    """Yield the statements that make the tables, among them one for each type."""
    for prefix, types, fixed in (("event", events, EVENT), ("object", objects, OBJECT)):
        yield (
            f'CREATE TABLE "{prefix}_map_type" '
            '("ocel_type" TEXT PRIMARY KEY, "ocel_type_map" TEXT NOT NULL UNIQUE)'
        )
        yield (
            f'CREATE TABLE "{prefix}" ("ocel_id" TEXT PRIMARY KEY, '
            f'"ocel_type" TEXT NOT NULL REFERENCES "{prefix}_map_type")'
        )
        for name, attributes in types.items():
            own = "".join(f', "{each}" {COLUMN[type]}' for each, type in attributes.items())
            yield f'CREATE TABLE "{table_of(prefix, name)}" ({fixed}{own})'
    for name in objects:
        yield f'CREATE INDEX "{_suffix(name)}_by_id" ON "{table_of("object", name)}" ("ocel_id")'
    yield _pair_table("event_object", ("ocel_event_id", "event"), ("ocel_object_id", "object"))
    yield _pair_table("object_object", ("ocel_source_id", "object"), ("ocel_target_id", "object"))


def _pair_table(name: str, *ends: tuple[str, str]) -> str:
    columns = "".join(f'"{end}" TEXT NOT NULL REFERENCES "{of}", ' for end, of in ends)
    keys = _quoted([*(end for end, _ in ends), "ocel_qualifier"])
    return f'CREATE TABLE "{name}" ({columns}"ocel_qualifier" TEXT NOT NULL, PRIMARY KEY ({keys}))'


def _suffix(type: str) -> str:
    """Return a type's name as part of a table's name."""
    return re.sub(r"\W", "_", type)


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _column_value(value: Scalar) -> str | int | float:
    """Return a value as the standard's columns store it."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC).replace(tzinfo=None)
        return utc.isoformat(sep=" ", timespec="microseconds")
    return int(value) if isinstance(value, bool) else value
