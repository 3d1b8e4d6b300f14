"""Reads the fields of a form from its JSON Schema."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic import JsonValue

from .fields import (
    BooleanField,
    ChoiceField,
    DayField,
    DecimalField,
    Field,
    GroupField,
    IntegerField,
    JsonField,
    ListField,
    MomentField,
    NumberField,
    Path,
    TextField,
    unescaped,
)

Schema: TypeAlias = Mapping[str, Any]

NULL: Final = {"type": "null"}
NULLABLE: Final = "x-nullable"
"""Marks a part of a schema that was one of two, the other of which was null."""

SIMPLE: Final[Mapping[tuple[str, str], type[Field]]] = {
    ("string", "date-time"): MomentField,
    ("string", "date"): DayField,
    ("string", ""): TextField,
    ("integer", ""): IntegerField,
    ("number", ""): NumberField,
    ("boolean", ""): BooleanField,
}
"""The fields that have no parts, by type and format; a format that is not here is plain text."""


def read_schema(schema: Schema) -> GroupField:
    """Return the form that a JSON Schema describes."""
    field = _Reader(schema).field(schema, (), required=True)
    return field if isinstance(field, GroupField) else GroupField((), required=True)


@dataclass(frozen=True)
class _Reader:
    """Reads the parts of one schema; `within` are the references that led here."""

    root: Schema
    within: frozenset[str] = frozenset()

    def field(self, schema: Schema, path: Path, *, required: bool) -> Field:
        """Return the field that a part of the schema describes."""
        if reference := str(schema.get("$ref", "")):
            if reference in self.within:
                return JsonField(path, required)
            target = {**self._target(reference), **_without(schema, "$ref")}
            inner = _Reader(self.root, self.within | {reference})
            return inner.field(target, path, required=required)
        variants = [each for each in schema.get("anyOf", ()) if each != NULL]
        if len(variants) == 1:
            alone = {**variants[0], **_without(schema, "anyOf"), NULLABLE: True}
            return self.field(alone, path, required=required)
        common = {
            "required": required,
            "nullable": NULLABLE in schema or NULL in schema.get("anyOf", ()),
            "default": schema.get("default"),
        }
        return self._plain(schema, path, common)

    def _plain(self, schema: Schema, path: Path, common: dict[str, Any]) -> Field:
        match schema:
            case {"enum": values} | {"const": _ as values}:
                choices = values if isinstance(values, list) else [values]
                known, names = tuple((_code(v), v) for v in choices), schema.get("x-names", {})
                return ChoiceField(path, **common, choices=known, names=names)
            case {"type": "object", "properties": properties}:
                return GroupField(path, **common, fields=self._fields(schema, properties, path))
            case {"type": "array", "items": items}:
                item = self.field(items, path, required=True)
                return ListField(path, **common, item=item, **_sizes(schema))
            case {"anyOf": [{"type": "number"}, {"type": "string"}, *_]}:
                return DecimalField(path, **common)
        return _simple(schema, path, common)

    def _fields(
        self, schema: Schema, properties: Mapping[str, Schema], path: Path
    ) -> tuple[Field, ...]:
        required = schema.get("required", ())
        return tuple(
            self.field(part, (*path, name), required=name in required)
            for name, part in properties.items()
        )

    def _target(self, reference: str) -> Schema:
        place: Any = self.root
        for name in reference.removeprefix("#/").split("/"):
            place = place[unescaped(name)]
        target: Schema = place
        return target


def _simple(schema: Schema, path: Path, common: dict[str, Any]) -> Field:
    of_type = str(schema.get("type"))
    plain = SIMPLE.get((of_type, ""), JsonField)
    field = SIMPLE.get((of_type, str(schema.get("format"))), plain)
    more = _MORE.get(field)
    return field(path, **common, **(more(schema) if more else {}))


def _text(schema: Schema) -> dict[str, Any]:
    return {
        "min_length": schema.get("minLength", 0),
        "max_length": schema.get("maxLength"),
        "pattern": schema.get("pattern"),
        "refers_to": schema.get("x-refers-to"),
    }


def _range(schema: Schema) -> dict[str, Any]:
    return {
        "minimum": schema.get("minimum"),
        "maximum": schema.get("maximum"),
        "refers_to": schema.get("x-refers-to"),
    }


_MORE: Final[Mapping[type[Field], Callable[[Schema], dict[str, Any]]]] = {
    TextField: _text,
    IntegerField: _range,
}


def _sizes(schema: Schema) -> dict[str, Any]:
    return {"min_items": schema.get("minItems", 0), "max_items": schema.get("maxItems")}


def _code(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _without(schema: Schema, name: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != name}
