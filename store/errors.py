"""Why the store could not do something.

StoreError
├── StoreDown           the database does not answer; try again
│   ├── StoreDamaged    the content of its file cannot be read
│   ├── StoreRefused    it does not let us in: user, password or name of the database are wrong
│   └── StoreFull       its disk is full; make room first
├── CorruptRow          a row is not what was written
├── KeyReused           the same key or external reference came with another body
├── UnknownCustomer     no customer has this reference
├── CustomerChanged     the record has another version than was seen
├── MergedElsewhere     the customer was merged into another one already
├── SameCustomer        the two references lead to one customer, as it is to be
├── NotMerged           the customer was not merged, so nothing is taken back
├── UnknownStaff        nobody on the staff has this id
├── UnknownTeam         no team has this id
├── UnknownKey          no API key has this id
├── UnknownLink         no one-time link has this token, or not any more
├── CredentialChanged   the password that was checked is not theirs any more
├── Taken               the id is in use
├── Repeated            the request was done before, as it is
├── NobodyLeft          nobody would be left who has a role that somebody must have
├── UnitTaken           another open case has a unit that was claimed
├── WrongContact        a contact point is empty
├── Unstorable          a text holds a character that a database refuses
├── NumbersUsedUp       no free case number was drawn; never seen
├── AuditLogDamaged     a row of the audit log is not as it was written
├── CaseChanged         a case was written by somebody else meanwhile
├── CaseMerged          another case goes on for one that is written to
├── ArchiveDown         the archive cannot be reached, or is full
├── ArchiveDamaged      a file of the archive is not what was written
├── AttachmentsDown     the attachments cannot be reached, or there is no room for more
├── AttachmentDamaged   the content of an attachment is gone, or not what was attached
├── MigrationFailed     the tables cannot be brought up to date
└── WrongUrl            the address of the database or the archive cannot be used
"""

from collections.abc import Mapping, Sequence
from typing import Final

from runtime.message import Message
from runtime.settings import WrongSetting

DATABASE_URL: Final = "BANJIE_DATABASE_URL"
REMEDIES: Final[Mapping[str, str]] = {
    "entries": Message(
        "`banjie audit verify` says which, `banjie store reconcile --mend-entries` mends it"
    ),
    "outbox": Message("`banjie store reconcile --dry-run` says which"),
}
"""What to do about a corrupt row of these tables; those of the projection are mended as such."""


class StoreError(Exception):
    """The store could not do something; the message says why, in one sentence."""


class UnitTaken(StoreError):
    """Other open cases have the units of a line that were claimed.

    With `read` it is one unit that no order knows, and `line` is its serial number.
    """

    def __init__(self, line: str, numbers: Sequence[str], *, read: bool = False) -> None:
        what = f"the unit {line}" if read else f"units of the line {line}"
        super().__init__(f"{', '.join(numbers)} has {what}.")
        self.line, self.numbers, self.read = line, tuple(numbers), read


class CorruptRow(StoreError):
    """A row of a case is not what was written: somebody or something changed it."""

    def __init__(self, table: str, number: str) -> None:
        remedy = REMEDIES.get(table, Message("`banjie store reconcile` mends it"))
        super().__init__(
            Message(
                "A row of %(number)s in the table %(table)s cannot be read; %(remedy)s.",
                number=number,
                table=table,
                remedy=remedy,
            )
        )
        self.table, self.number = table, number


class StoreDown(StoreError):
    """The database does not answer, or not in time; the same call may succeed later."""


class StoreDamaged(StoreDown):
    """The database's file, or a text in it, is not as the database wrote it."""


class StoreRefused(StoreDown, WrongSetting):
    """The database answers and does not let us in; a person must mend its address or its rights."""


class StoreFull(StoreDown):
    """There is no room left where the database keeps its files."""


class KeyReused(StoreError):
    """An idempotency key or external reference was used before, with another body."""


class UnknownCustomer(StoreError):
    """No customer of this tenant has this reference."""


class CustomerChanged(StoreError):
    """A customer's record has another version than whoever corrects it has seen."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The record is in its version {version} now.")
        self.version = version


class MergedElsewhere(StoreError):
    """A customer that is to be merged was merged into another one already."""

    def __init__(self, into: str) -> None:
        super().__init__(f"It was merged into {into}; take that back first.")
        self.into = into


class SameCustomer(StoreError):
    """A customer is to be merged into itself, or into one that leads to it."""


class NotMerged(StoreError):
    """A customer that is to stand for itself again was never merged."""


class ChannelRefused(StoreError):
    """A customer would prefer a channel by which they refuse to be contacted.

    `is_choice`: the preference is what is new; else it is the refusal.
    """

    def __init__(self, channel: str, *, is_choice: bool) -> None:
        super().__init__(f"The customer refuses to be contacted by {channel}.")
        self.channel, self.is_choice = channel, is_choice


class UnknownStaff(StoreError):
    """Nobody on this tenant's staff has this id."""


class UnknownTeam(StoreError):
    """No team of this tenant has this id."""


class UnknownKey(StoreError):
    """No API key of this tenant has this id."""


class UnknownLink(StoreError):
    """No one-time link has this token: it was used, replaced, is too old, or never was."""


class CredentialChanged(StoreError):
    """The password that was checked was changed meanwhile."""


class Taken(StoreError):
    """A person or team with this id exists already."""


class TooManyViews(StoreError):
    """Whoever saves a view has as many as anybody may have."""


class ViewNameTaken(StoreError):
    """Whoever saves a view has another one of this name."""


class Repeated(StoreError):
    """The same request, by its key, was done before."""


class NobodyLeft(StoreError):
    """Nobody active would be left with a key and this role, which somebody must have."""


class WrongContact(StoreError):
    """The contact point is empty once it is normalised."""


class Unstorable(StoreError):
    """The text holds a NUL character, which PostgreSQL refuses and SQLite would keep."""


class NumbersUsedUp(StoreError):
    """Every case number that was drawn for the day is in use."""


class AuditLogDamaged(StoreError):
    """A row of the audit log cannot be read: somebody changed it."""


class CaseChanged(StoreError):
    """Somebody else wrote the case meanwhile; read it again."""


class CaseMerged(StoreError):
    """Another case goes on for one that somebody wrote about; `into` is its number."""

    def __init__(self, into: str) -> None:
        super().__init__(f"{into} goes on for it.")
        self.into = into


class ArchiveDown(StoreError):
    """The archive does not answer, refuses, or is full; the same call may succeed later."""


class ArchiveDamaged(StoreError):
    """A file of the archive is not what was written; `path` names it, `why` says how that shows."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            Message("The archive's file %(path)s is damaged: %(why)s.", path=path, why=why)
        )
        self.path, self.why = path, why


class AttachmentsDown(StoreError):
    """Where attachments lie does not answer, or is full; the same call may succeed later."""


class AttachmentDamaged(StoreError):
    """The content of an attachment is gone, or not what was attached."""

    def __init__(self, number: str, seq: int) -> None:
        super().__init__(
            Message(
                "The attachment %(seq)s of %(number)s is not what was attached.",
                seq=seq,
                number=number,
            )
        )
        self.number, self.seq = number, seq


class MigrationFailed(StoreError, WrongSetting):
    """The database answers, and its tables cannot be brought up to date."""


class WrongUrl(StoreError, WrongSetting):
    """The address names no database or archive that Banjie can use."""
