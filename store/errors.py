"""Why the store could not do it.

StoreError
├── StoreDown         the database does not answer; try again
│   ├── StoreDamaged  what its file holds cannot be read
│   └── StoreFull     its disk is full; make room first
├── Unreadable        a row is not what was written
├── KeyReused         the same key or external reference came with another body
├── UnknownCustomer   the customer's reference leads nowhere
├── UnknownStaff      nobody on the staff has this id
├── UnknownTeam       no team has this id
├── UnknownKey        no API key has this id
├── Taken             the id is given already
├── WrongContact      a contact point without anything in it
├── Unstorable        a text holds a character that a database refuses
├── NumbersUsedUp     no free case number was drawn; never seen
├── LedgerDamaged     a row of the ledger is not as it was written
├── ArchiveDown       the archive cannot be reached, or is full
├── ArchiveDamaged    a file of the archive is not what was written
└── WrongUrl          the address of the database or the archive cannot be used
"""

from collections.abc import Mapping
from typing import Final

MENDED_BY: Final[Mapping[str, str]] = {
    "entries": (
        "`banjie audit verify` says which, `banjie store reconcile --mend-entries` mends it"
    ),
    "outbox": "`banjie store reconcile --dry-run` says which",
}
"""What to do about a spoilt row; a projection is mended by itself, what may be a trace is not."""


class StoreError(Exception):
    """The store could not do it; the message says why, in one sentence."""


class CorruptRow(StoreError):
    """A row of a case is not what was written: somebody or something spoilt it."""

    def __init__(self, table: str, number: str) -> None:
        mended = MENDED_BY.get(table, "`banjie store reconcile` mends it")
        super().__init__(f"A row of {number} in the table {table} cannot be read; {mended}.")
        self.table, self.number = table, number


class StoreDown(StoreError):
    """The database does not answer, or not in time; the same call may succeed later."""


class StoreDamaged(StoreDown):
    """The database's file, or a text in it, is not as the database wrote it."""


class StoreFull(StoreDown):
    """There is no room left where the database keeps its files."""


class KeyReused(StoreError):
    """An idempotency key or external reference was used before, with another body."""


class UnknownCustomer(StoreError):
    """No customer of this tenant has this reference."""


class UnknownStaff(StoreError):
    """Nobody on this tenant's staff has this id."""


class UnknownTeam(StoreError):
    """No team of this tenant has this id."""


class UnknownKey(StoreError):
    """No API key of this tenant has this id."""


class Taken(StoreError):
    """A person or team of this id is there already."""


class WrongContact(StoreError):
    """The contact point is empty once it is brought into shape."""


class Unstorable(StoreError):
    """The text holds a NUL character, which PostgreSQL refuses and SQLite would keep."""


class NumbersUsedUp(StoreError):
    """All case numbers drawn for the day were taken."""


class AuditLogDamaged(StoreError):
    """A row of the ledger across cases cannot be read: somebody changed it."""


class ArchiveDown(StoreError):
    """The archive's place does not answer, refuses, or is full; the same call may succeed later."""


class ArchiveDamaged(StoreError):
    """A file of the archive is not what was written; `path` names it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"The archive's file {path} is damaged: {why}.")
        self.path = path


class WrongUrl(StoreError):
    """The address names no database or archive that Banjie can use."""
