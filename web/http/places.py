"""Where a list goes on, as an address has it: parts that are read strictly, each as what it is."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from app.errors import Malformed
from domain.language.values import read_instant
from store.db.pages import Cursor

MARK: Final = ","
"""Stands between the parts of a place; within one it is quoted."""
LARGEST: Final = 2**31 - 1
ID = re.compile(r"[\w.:@+/-]{1,100}", re.ASCII)
WHOLE = re.compile(r"\d{1,10}", re.ASCII)

Part = Callable[[str], str]
"""Returns a part of a place as we write it, and raises ValueError if it is none."""


def place_text(cursor: Cursor | None) -> str | None:
    """Return a place in a list as it stands in an address."""
    return None if cursor is None else MARK.join(quote(part) for part in cursor)


def read_place(text: str | None, *shapes: tuple[Part, ...]) -> Cursor | None:
    """Return the place in a list that an address names; None is its beginning.

    Raises:
        Malformed: it has none of the shapes.
    """
    if not text:
        return None
    parts = tuple(unquote(part) for part in text.split(MARK))
    for shape in shapes:
        if len(shape) == len(parts):
            try:
                return tuple(read(part) for read, part in zip(shape, parts, strict=True))
            except ValueError:
                continue
    raise Malformed("place")


def whole(part: str) -> str:
    """Read a whole number that a column can hold."""
    if not WHOLE.fullmatch(part) or int(part) > LARGEST:
        raise ValueError(part)
    return part


def instant(part: str) -> str:
    """Read a moment with an offset."""
    return read_instant(part).isoformat()


def id_of_row(part: str) -> str:
    """Read what rows are told apart by: a number, an id."""
    if not ID.fullmatch(part):
        raise ValueError(part)
    return part


def exactly(*words: str) -> Part:
    """Return the reader of a part that is always one of these words."""

    def read(part: str) -> str:
        if part not in words:
            raise ValueError(part)
        return part

    return read
