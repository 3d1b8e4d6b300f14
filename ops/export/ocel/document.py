"""Writes an object-centric log as JSON, by way of its SQLite form."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from ops.export.fields import AttributeCatalogue, AttributeType
from ops.export.history import CaseHistory
from ops.export.ocel.database import OcelSqliteWriter, Types, as_text, table_of
from ops.export.ocel.objects import OBJECT_TYPES

Json = dict[str, Any]


class OcelJsonWriter:
    """Gathers the log in `spool`, since cases share objects, then writes it to a file."""

    def __init__(self, file: TextIO, spool: Path, catalogue: AttributeCatalogue) -> None:
        self._file = file
        self._spool = OcelSqliteWriter(spool, catalogue)

    def add(self, history: CaseHistory) -> None:
        """Gather one case."""
        self._spool.add(history)

    def finish(self) -> dict[str, int]:
        """Write the document, an event and an object at a time."""
        counts = self._spool.finish()
        connection, write = self._spool.connection, self._file.write
        connection.row_factory = sqlite3.Row
        write("{\n")
        self._write_list("eventTypes", _types(self._spool.events))
        write(",\n")
        self._write_list("objectTypes", _types(OBJECT_TYPES))
        write(",\n")
        self._write_list("events", _events(connection, self._spool.events))
        write(",\n")
        self._write_list("objects", _objects(connection))
        write("\n}\n")
        return counts

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def _write_list(self, name: str, items: Iterable[Json]) -> None:
        self._file.write(f'"{name}": [')
        comma = "\n"
        for item in items:
            self._file.write(comma + json.dumps(item, ensure_ascii=False))
            comma = ",\n"
        self._file.write("\n]")


def _types(types: Types) -> Iterator[Json]:
    for name, attributes in types.items():
        listed = [{"name": each, "type": type.value} for each, type in attributes.items()]
        yield {"name": name, "attributes": listed}


def _events(connection: sqlite3.Connection, types: Types) -> Iterator[Json]:
    for id, type in connection.execute('SELECT ocel_id, ocel_type FROM "event" ORDER BY rowid'):
        (row,) = _rows(connection, table_of("event", type), "ocel_id", id)
        attributes = _present(row, types[type])
        yield {
            "id": id,
            "type": type,
            "time": as_text(row["ocel_time"], AttributeType.TIME),
            "attributes": [{"name": name, "value": value} for name, value in attributes],
            "relationships": _relationships(connection, "event_object", "ocel_event_id", id),
        }


def _objects(connection: sqlite3.Connection) -> Iterator[Json]:
    for id, type in connection.execute('SELECT ocel_id, ocel_type FROM "object" ORDER BY rowid'):
        rows = _rows(connection, table_of("object", type), "ocel_id", id)
        yield {
            "id": id,
            "type": type,
            "attributes": [each for row in rows for each in _values(row, OBJECT_TYPES[type])],
            "relationships": _relationships(connection, "object_object", "ocel_source_id", id),
        }


def _values(row: sqlite3.Row, types: Mapping[str, AttributeType]) -> Iterator[Json]:
    changed, time = row["ocel_changed_field"], as_text(row["ocel_time"], AttributeType.TIME)
    for name, value in _present(row, types):
        if changed in (None, name):
            yield {"name": name, "time": time, "value": value}


def _present(row: sqlite3.Row, types: Mapping[str, AttributeType]) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a row that have a value."""
    values = ((name, row[name], type) for name, type in types.items())
    return ((name, as_text(value, type)) for name, value, type in values if value is not None)


def _relationships(connection: sqlite3.Connection, table: str, key: str, id: str) -> list[Json]:
    rows = _rows(connection, table, key, id)
    return [{"objectId": row[1], "qualifier": row["ocel_qualifier"]} for row in rows]


def _rows(connection: sqlite3.Connection, table: str, key: str, id: str) -> list[sqlite3.Row]:
    # Table and key are names of the standard, never what was submitted.
    rows = connection.execute(f'SELECT * FROM "{table}" WHERE "{key}" = ?', (id,))  # noqa: S608
    return rows.fetchall()
