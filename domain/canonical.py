"""Canonical JSON: equal values have equal bytes, and so equal hashes."""

import json
from typing import Any

from pydantic import JsonValue

from runtime.message import Message

# Made once, because making it takes as long as encoding a small value.
ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


class DuplicateKey(ValueError):
    """An object of JSON names a field twice, so that readers may differ in what it says."""


def unambiguous_json(text: str | bytes) -> Any:
    """Parse JSON in which no object names a field twice.

    Raises:
        DuplicateKey
        ValueError, RecursionError: it is no JSON.
    """
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DuplicateKey(Message("%(field)s is there twice", field=twice))
    return fields


def canonical_json(value: JsonValue) -> str:
    """Return the value as text: keys sorted, no blanks, Chinese left readable.

    Raises:
        ValueError: a number that JSON cannot express (NaN, infinity).
    """
    return ENCODER.encode(value)
