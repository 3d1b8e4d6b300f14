"""Drafts as they are read and written."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

Pairs = tuple[tuple[str, str], ...]
"""A form as it is posted: names and values, in order; a name may come again."""


class DraftEnd(StrEnum):
    """How a draft ended."""

    SENT = auto()
    DISCARDED = auto()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody typed about a subject; without content it was sent or discarded.

    `number` is the case that it is about, `version` the ETag of the case that its author saw.
    """

    subject: str
    number: str | None
    content: Pairs | None
    version: int | None
    counter: int
    saved_at: datetime
    ended: DraftEnd | None = None
