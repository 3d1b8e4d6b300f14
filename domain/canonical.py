"""One text for one JSON value, so that equal values have equal bytes (and equal hashes)."""

import json

from pydantic import JsonValue


def canonical_json(value: JsonValue) -> str:
    """The value with keys sorted, no blanks, and Chinese left readable.

    Raises:
        ValueError: a number that JSON has no word for (NaN, infinity).
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
