"""An object-centric log as a SQLite file, the way the standard lays it out.

The standard library's driver is used: the file is no part of the store, and the standard says
which tables it has.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ops.export.export import ExportFailed
from ops.export.fields import BASE, Catalogue, Scalar, Sort
from ops.export.history import History
from ops.export.ocel.objects import OBJECT_TYPES, Happening, Link, Record, Thing, Value, tell

Types = Mapping[str, Mapping[str, Sort]]
COLUMN: Final = {
    Sort.STRING: "TEXT",
    Sort.TIME: "TIMESTAMP",
    Sort.INTEGER: "INTEGER",
    Sort.FLOAT: "REAL",
    Sort.BOOLEAN: "BOOLEAN",
}
EVENT: Final = '"ocel_id" TEXT PRIMARY KEY REFERENCES "event", "ocel_time" TIMESTAMP NOT NULL'
OBJECT: Final = (
    '"ocel_id" TEXT NOT NULL REFERENCES "object", "ocel_time" TIMESTAMP NOT NULL, '
    '"ocel_changed_field" TEXT'
)


def statements(events: Types, objects: Types) -> Iterator[str]:
    """What makes the tables, one for each type among them."""
    for each, types, fixed in (("event", events, EVENT), ("object", objects, OBJECT)):
        yield (
            f'CREATE TABLE "{each}_map_type" '
            '("ocel_type" TEXT PRIMARY KEY, "ocel_type_map" TEXT NOT NULL UNIQUE)'
        )
        yield (
            f'CREATE TABLE "{each}" ("ocel_id" TEXT PRIMARY KEY, '
            f'"ocel_type" TEXT NOT NULL REFERENCES "{each}_map_type")'
        )
        for type, attributes in types.items():
            own = "".join(f', "{name}" {COLUMN[sort]}' for name, sort in attributes.items())
            yield f'CREATE TABLE "{table_of(each, type)}" ({fixed}{own})'
    for type in objects:
        yield f'CREATE INDEX "{suffix(type)}_by_id" ON "{table_of("object", type)}" ("ocel_id")'
    yield _pairs("event_object", ("ocel_event_id", "event"), ("ocel_object_id", "object"))
    yield _pairs("object_object", ("ocel_source_id", "object"), ("ocel_target_id", "object"))


def table_of(each: str, type: str) -> str:
    """The table that holds the events, or objects, of one type."""
    return f"{each}_{suffix(type)}"


def suffix(type: str) -> str:
    """A type's name as part of a table's."""
    return re.sub(r"\W", "_", type)


def columns_of(names: Iterable[str]) -> str:
    """Names of columns, quoted."""
    return ", ".join(f'"{name}"' for name in names)


def _pairs(name: str, *ends: tuple[str, str]) -> str:
    columns = "".join(f'"{end}" TEXT NOT NULL REFERENCES "{of}", ' for end, of in ends)
    keys = columns_of([*(end for end, _ in ends), "ocel_qualifier"])
    return f'CREATE TABLE "{name}" ({columns}"ocel_qualifier" TEXT NOT NULL, PRIMARY KEY ({keys}))'


ALWAYS: Final = "1970-01-01 00:00:00"
"""The time that the standard gives to what holds of an object from the beginning."""

CACHE_KIB: Final = 64 * 1024


class Database:
    """Writes a log to a file that is empty; `close` it whatever happens."""

    def __init__(self, file: Path, catalogue: Catalogue) -> None:
        self.events = {name: {**BASE, **found} for name, found in catalogue.types.items()}
        self._catalogue = catalogue
        # Nobody else reads the file before it is whole, and nobody keeps it if it is not.
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.connection.execute("BEGIN")
        for statement in statements(self.events, OBJECT_TYPES):
            self.connection.execute(statement)
        for each, types in (("event", self.events), ("object", OBJECT_TYPES)):
            for type in types:
                names = {"ocel_type": type, "ocel_type_map": suffix(type)}
                self._insert(f"{each}_map_type", names)

    def add(self, history: History) -> None:
        """The objects, links and events of one case."""
        for record in tell(history, self._catalogue):
            self._write(record)

    def finish(self) -> dict[str, int]:
        """Leave out links to what is not in the file, and count the objects by type."""
        run = self.connection.execute
        run('DELETE FROM object_object WHERE ocel_target_id NOT IN (SELECT ocel_id FROM "object")')
        run("COMMIT")
        if run("PRAGMA foreign_key_check").fetchone():
            raise ExportFailed("The log refers to what is not in it; tell those who maintain this.")
        counted = run('SELECT ocel_type, count(*) FROM "object" GROUP BY ocel_type ORDER BY 1')
        return dict(counted.fetchall())

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _write(self, record: Record) -> None:
        match record:
            case Thing(id, type, always):
                new = self._insert("object", {"ocel_id": id, "ocel_type": type})
                if new:
                    self._insert(
                        table_of("object", type), {"ocel_id": id, "ocel_time": ALWAYS, **always}
                    )
            case Value(id, type, name, at, value):
                when: Mapping[str, Scalar] = {"ocel_id": id, "ocel_time": at}
                row = {**when, "ocel_changed_field": name, name: value}
                self._insert(table_of("object", type), row)
            case Link(source, target, qualifier):
                ends = {"ocel_source_id": source, "ocel_target_id": target}
                self._insert("object_object", {**ends, "ocel_qualifier": qualifier})
            case Happening():
                self._happened(record)

    def _happened(self, event: Happening) -> None:
        self._insert("event", {"ocel_id": event.id, "ocel_type": event.activity})
        own = {"ocel_id": event.id, "ocel_time": event.at, **event.attributes}
        self._insert(table_of("event", event.activity), own)
        for id, qualifier in event.objects:
            ends = {"ocel_event_id": event.id, "ocel_object_id": id}
            self._insert("event_object", {**ends, "ocel_qualifier": qualifier})

    def _insert(self, table: str, row: Mapping[str, Scalar]) -> bool:
        """Write a row, unless it is there; say whether it was new."""
        marks = ", ".join("?" * len(row))
        # The names come from the tables and forms of this release, never from what was handed in.
        text = f'INSERT OR IGNORE INTO "{table}" ({columns_of(row)}) VALUES ({marks})'  # noqa: S608
        return self.connection.execute(text, [stored(v) for v in row.values()]).rowcount > 0


def stored(value: Scalar) -> str | int | float:
    """A value as the standard's columns hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return int(value) if isinstance(value, bool) else value


def shown(value: str | float, sort: Sort) -> str:
    """A column's value as text, as the standard's JSON schema wants all of them."""
    match sort:
        case Sort.TIME:
            return f"{str(value).replace(' ', 'T')}Z" if value else ""
        case Sort.BOOLEAN:
            return "true" if value else "false"
    return str(value)
