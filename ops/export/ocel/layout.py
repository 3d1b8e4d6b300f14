"""The tables of an OCEL 2.0 SQLite file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ops.export.fields import Sort

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
