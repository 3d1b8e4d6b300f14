"""One text for one JSON value, so that equal values have equal bytes (and equal hashes)."""

import json

from pydantic import JsonValue

# Made once: to make it takes as long as to encode a small value.
ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: JsonValue) -> str:
    """The value with keys sorted, no blanks, and Chinese left readable.

    Raises:
        ValueError: a number that JSON has no word for (NaN, infinity).
    """
    return ENCODER.encode(value)
