"""Parts of long lists."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

Cursor = tuple[str, ...]
"""Where a page ends: the sort key of its last row, as text."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list; `next` is where the list goes on, None at its end.

    `corrupt` has the numbers of the cases whose rows belong in this part but cannot be read.
    """

    items: tuple[T, ...]
    next: Cursor | None
    corrupt: tuple[str, ...] = ()


def is_beyond(number: object, after: str | None) -> bool:
    """Whether a list that is read page by page goes on with this number.

    SQLite keeps anything in any column. What is no text, or is read as another text than it is
    kept, would come again with every page.
    """
    return isinstance(number, str) and number > (after or "")
