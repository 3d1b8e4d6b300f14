"""What the OCEL 2.0 specification demands (October 2023, part 8.2 and part 6), in our own words."""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}


def _listed(required: tuple[str, ...], **properties: Schema) -> Schema:
    item = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "array", "items": item}


TYPES = _listed(
    ("name", "attributes"),
    name=TEXT,
    attributes=_listed(("name", "type"), name=TEXT, type=TEXT),
)
RELATED = _listed(("objectId", "qualifier"), objectId=TEXT, qualifier=TEXT)
LISTS = {
    "eventTypes": TYPES,
    "objectTypes": TYPES,
    "events": _listed(
        ("id", "type", "time"),
        id=TEXT,
        type=TEXT,
        time=TIME,
        attributes=_listed(("name", "value"), name=TEXT, value=TEXT),
        relationships=RELATED,
    ),
    "objects": _listed(
        ("id", "type"),
        id=TEXT,
        type=TEXT,
        relationships=RELATED,
        attributes=_listed(("name", "value", "time"), name=TEXT, value=TEXT, time=TIME),
    ),
}
OCEL_JSON: Schema = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": LISTS,
    "required": list(LISTS),
}

OCEL_TABLES = {
    "event": ["ocel_id", "ocel_type"],
    "object": ["ocel_id", "ocel_type"],
    "event_map_type": ["ocel_type", "ocel_type_map"],
    "object_map_type": ["ocel_type", "ocel_type_map"],
    "event_object": ["ocel_event_id", "ocel_object_id", "ocel_qualifier"],
    "object_object": ["ocel_source_id", "ocel_target_id", "ocel_qualifier"],
}
"""The tables every file has, with their columns."""

OCEL_KEYS = {
    "event": {("ocel_type", "event_map_type")},
    "object": {("ocel_type", "object_map_type")},
    "event_object": {("ocel_event_id", "event"), ("ocel_object_id", "object")},
    "object_object": {("ocel_source_id", "object"), ("ocel_target_id", "object")},
}
"""Which of their columns refer to which tables; those of each type refer by `ocel_id`."""

OCEL_OF_TYPE = {
    "event": ["ocel_id", "ocel_time"],
    "object": ["ocel_id", "ocel_time", "ocel_changed_field"],
}
"""How the table of a type begins."""
