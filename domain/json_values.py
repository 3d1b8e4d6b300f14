"""Reads JSON from outside, and refuses what could not be kept."""

import math
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from domain.canonical import DuplicateKey, unambiguous_json

MOST_DIGITS = 300
"""A whole number with more digits is no amount of anything, and not every reader can hold it."""
_TOO_LARGE = 10**MOST_DIGITS


def read_json(text: bytes | str) -> JsonValue:
    """Return the value of a JSON text.

    Raises:
        NotJson: it is none; or it has lone surrogates, NaN, an infinity or a number that is read
            as one, a NUL, more than some 200 levels, or an object that names a field twice.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        value: JsonValue = from_json(data, allow_inf_nan=False)
    except UnicodeEncodeError:
        raise NotJson("not_json", "it is not UTF-8") from None
    except ValueError as error:
        raise NotJson("not_json", f"it is not JSON: {error}") from None
    if fault := _fault(value):
        raise fault
    try:
        unambiguous_json(data)
    except DuplicateKey as error:
        raise NotJson("field_twice", f"it is ambiguous: {error}") from None
    return value


class NotJson(ValueError):
    """It cannot be read, or not be kept; `why` is one of four words.

    They are `not_json`, `nul`, `number_too_large` and `field_twice`.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def _fault(value: Any) -> NotJson | None:
    match value:
        case str():
            return NotJson("nul", "it holds a NUL character") if "\0" in value else None
        case bool():
            return None
        case int() | float():
            fits = math.isfinite(value) if isinstance(value, float) else abs(value) < _TOO_LARGE
            return None if fits else NotJson("number_too_large", "a number in it is too large")
        case dict():
            return next((f for pair in value.items() for f in map(_fault, pair) if f), None)
        case list():
            return next((fault for fault in map(_fault, value) if fault), None)
    return None
