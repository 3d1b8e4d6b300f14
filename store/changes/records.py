"""What a change is called, and how it is read."""

from enum import StrEnum, auto
from typing import Final, NamedTuple


class ChangeName(StrEnum):
    """What changed; a note is a comment for ourselves, a message one that waits to be sent."""

    CASE = auto()
    COMMENT = auto()
    NOTE = auto()
    PRESENCE = auto()
    MESSAGE = auto()
    DRAFT = auto()
    BATCH = auto()
    STAFF = auto()


OF_CASES: Final = frozenset(
    {ChangeName.CASE, ChangeName.COMMENT, ChangeName.NOTE, ChangeName.PRESENCE, ChangeName.MESSAGE}
)
"""The changes whose subject is the number of a case."""


class StoredChange(NamedTuple):
    """A row of the feed; `person` is whose it is: the author of a note, a message, a draft.

    `name` is a `ChangeName`, or one that only a newer release knows.
    """

    id: int
    tenant: str
    name: str
    subject: str
    version: int
    person: str | None
