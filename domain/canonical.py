"""Canonical JSON: equal values have equal bytes, and so equal hashes."""

import json

from pydantic import JsonValue

# Made once, because making it takes as long as encoding a small value.
ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: JsonValue) -> str:
    """Return the value as text: keys sorted, no blanks, Chinese left readable.

    Raises:
        ValueError: a number that JSON cannot express (NaN, infinity).
    """
    return ENCODER.encode(value)
