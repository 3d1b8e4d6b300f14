"""An object-centric log as JSON, told from its SQLite file, which is a spool here."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from ops.export.fields import Catalogue, Sort
from ops.export.history import History
from ops.export.ocel.database import Database, Types, shown, table_of
from ops.export.ocel.objects import OBJECT_TYPES

Json = dict[str, Any]


class Document:
    """Gathers the log in `spool`, since objects are shared by cases, then writes it to a file."""

    def __init__(self, file: TextIO, spool: Path, catalogue: Catalogue) -> None:
        self._file = file
        self._log = Database(spool, catalogue)

    def add(self, history: History) -> None:
        """One case."""
        self._log.add(history)

    def finish(self) -> dict[str, int]:
        """Write the document, an event and an object at a time."""
        counted = self._log.finish()
        connection, write = self._log.connection, self._file.write
        connection.row_factory = sqlite3.Row
        write("{\n")
        self._list("eventTypes", _types(self._log.events))
        write(",\n")
        self._list("objectTypes", _types(OBJECT_TYPES))
        write(",\n")
        self._list("events", _events(connection, self._log.events))
        write(",\n")
        self._list("objects", _objects(connection))
        write("\n}\n")
        return counted

    def close(self) -> None:
        """Let go of the spool."""
        self._log.close()

    def _list(self, name: str, items: Iterable[Json]) -> None:
        self._file.write(f'"{name}": [')
        comma = "\n"
        for item in items:
            self._file.write(comma + json.dumps(item, ensure_ascii=False))
            comma = ",\n"
        self._file.write("\n]")


def _types(types: Types) -> Iterator[Json]:
    for name, attributes in types.items():
        told = [{"name": each, "type": sort.value} for each, sort in attributes.items()]
        yield {"name": name, "attributes": told}


def _events(connection: sqlite3.Connection, types: Types) -> Iterator[Json]:
    for id, type in connection.execute('SELECT ocel_id, ocel_type FROM "event" ORDER BY rowid'):
        (row,) = _rows(connection, table_of("event", type), "ocel_id", id)
        told = _given(row, types[type])
        yield {
            "id": id,
            "type": type,
            "time": shown(row["ocel_time"], Sort.TIME),
            "attributes": [{"name": name, "value": value} for name, value in told],
            "relationships": _related(connection, "event_object", "ocel_event_id", id),
        }


def _objects(connection: sqlite3.Connection) -> Iterator[Json]:
    for id, type in connection.execute('SELECT ocel_id, ocel_type FROM "object" ORDER BY rowid'):
        rows = _rows(connection, table_of("object", type), "ocel_id", id)
        yield {
            "id": id,
            "type": type,
            "attributes": [each for row in rows for each in _values(row, OBJECT_TYPES[type])],
            "relationships": _related(connection, "object_object", "ocel_source_id", id),
        }


def _values(row: sqlite3.Row, sorts: Mapping[str, Sort]) -> Iterator[Json]:
    changed, time = row["ocel_changed_field"], shown(row["ocel_time"], Sort.TIME)
    for name, value in _given(row, sorts):
        if changed in (None, name):
            yield {"name": name, "time": time, "value": value}


def _given(row: sqlite3.Row, sorts: Mapping[str, Sort]) -> Iterator[tuple[str, str]]:
    found = ((name, row[name], sort) for name, sort in sorts.items())
    return ((name, shown(value, sort)) for name, value, sort in found if value is not None)


def _related(connection: sqlite3.Connection, table: str, key: str, id: str) -> list[Json]:
    rows = _rows(connection, table, key, id)
    return [{"objectId": row[1], "qualifier": row["ocel_qualifier"]} for row in rows]


def _rows(connection: sqlite3.Connection, table: str, key: str, id: str) -> list[sqlite3.Row]:
    # The names are those of `layout`.
    found = connection.execute(f'SELECT * FROM "{table}" WHERE "{key}" = ?', (id,))  # noqa: S608
    return found.fetchall()
