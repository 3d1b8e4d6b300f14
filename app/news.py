"""What is new of a case since a page showed it: asked before what was typed on the page is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

from app.authentication import Principal
from app.authorization import reads_inside
from app.errors import Unacceptable, invalid
from app.outside import shown_comment, shown_entries, shown_row
from app.read_cases import COMMENTS_SHOWN, get_case_row
from app.results import CaseDetails
from app.services import Services
from domain.language.entries import MOVES, Entry, EntryType
from domain.language.roles import Actor
from domain.language.values import read_instant
from domain.read_models.projection import CaseView
from store.comments import Comment

LATE: Final = timedelta(minutes=1)
"""How long before the newest comment one may be dated that was not shown with it.

A comment is dated before it is stored, and each process has its own clock.
"""
NEVER: Final = "-"
ACTS: Final = MOVES | {EntryType.NOTIFIED}
"""What somebody who is about to act on a case has to know of."""


class _Commented(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class Seen:
    """How far a page showed a case: its version, its newest entry, its newest comments.

    `comments` are the ids of those that were shown and dated after `since`.
    """

    version: int
    seq: int
    since: datetime | None
    comments: frozenset[str]

    @classmethod
    def of(cls, row: CaseView, comments: Sequence[_Commented]) -> Self:
        """Return how far a row and its newest comments, the oldest of them first, go."""
        since = comments[-1].at - LATE if comments else None
        if since is not None and len(comments) >= COMMENTS_SHOWN:
            since = max(since, comments[0].at)  # of those before nobody knows whether one was shown
        newest = (each.id for each in comments if since is None or each.at > since)
        return cls(row.etag, row.last_seq, since, frozenset(newest))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what a page carries in its form.

        Raises:
            Unacceptable: no page wrote it.
        """
        version, _, rest = text.partition(" ")
        seq, _, rest = rest.partition(" ")
        since, *comments = rest.split(" ")
        if not (_is_count(version) and _is_count(seq)):
            raise _unreadable()
        try:
            at = None if since == NEVER else read_instant(since)
        except ValueError:
            raise _unreadable() from None
        return cls(int(version), int(seq), at, frozenset(comments))

    def __str__(self) -> str:
        since = self.since.isoformat() if self.since else NEVER
        return " ".join([str(self.version), str(self.seq), since, *sorted(self.comments)])


@dataclass(frozen=True)
class News:
    """A case as it is, and what came since a page showed it; `seen` is for sending all the same."""

    case: CaseView
    entries: tuple[Entry, ...]
    comments: tuple[Comment, ...]
    seen: Seen
    stops: bool


def seen_of(details: CaseDetails) -> Seen:
    """Return how far the page of a case goes."""
    return Seen.of(details.case, details.comments)


async def check_seen(services: Services, caller: Principal, number: str, seen: Seen) -> News:
    """Return what is new of a case since a page showed it.

    It `stops` what the caller was about to send, if the case or its task has moved, or if somebody
    else has written a comment or a message to the customer.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    row = await get_case_row(services, caller, number)
    store, tenant = services.store, caller.tenant
    entries = await store.entries.of(tenant, number, seen.seq) if row.last_seq > seen.seq else []
    later = await store.comments.since(
        tenant,
        number,
        seen.since,
        include_internal=reads_inside(caller),
        own=caller.own,
    )
    comments = [each for each in later if each.id not in seen.comments]
    said = [each.author for each in comments]
    said += [each.actor for each in entries if each.type is EntryType.NOTIFIED]
    return News(
        case=shown_row(caller, row),
        entries=tuple(shown_entries(caller, row.kind, entries)),
        comments=tuple(shown_comment(caller, each) for each in comments),
        seen=Seen.of(row, later)
        if later
        else Seen(row.etag, row.last_seq, seen.since, frozenset()),
        stops=row.etag != seen.version or any(not is_by(caller, actor) for actor in said),
    )


def by_others(caller: Principal, news: News) -> tuple[list[Entry], list[Comment]]:
    """Return what others did and said: what moved the case or its task, messages, comments."""
    entries = [each for each in news.entries if each.type in ACTS and not is_by(caller, each.actor)]
    return entries, [each for each in news.comments if not is_by(caller, each.author)]


def is_by(caller: Principal, actor: Actor) -> bool:
    """Say whether it was the caller who did something, or had another case or a program do it."""
    behind = actor.on_behalf_of
    is_theirs = behind is not None and (behind.kind, behind.id) == (caller.kind, caller.id)
    return is_theirs or (actor.kind, actor.id) == (caller.kind, caller.id)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**31))


def _unreadable() -> Unacceptable:
    return invalid("/seen", "seen_marks", "No page wrote it.")
