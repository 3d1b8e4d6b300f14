"""The timeline of a case: entries with their messages, and comments, in one stream."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, TypeAlias

from app.authentication import Principal
from app.authorization import reads_inside, sees_case
from app.outside import shown_comment, shown_entries, shown_notices
from app.read_cases import LoadedCase, find_case_row, fold_case
from app.services import Services
from domain.engine.case import Case
from domain.language.entries import REQUEST_TYPES, Entry, EntryType
from domain.language.roles import ActorKind
from store.comments import Comment, Visibility
from store.outbox.records import CUSTOMER, FIRST_OF_COMMENTS, LOCAL_MAILBOX, Delivery, OutboxRow

Place: TypeAlias = tuple[datetime, int, str]
"""Where an item is in the stream: when, entries before comments, which."""
GIVEN_UP: Final = frozenset({Delivery.DEAD, Delivery.SET_ASIDE})
"""What becomes of a message that is not sent any more."""
SAME_MOMENT: Final = 50
"""So many comments of one moment are read beyond a page, since entries may lie between them."""


class Sort(StrEnum):
    """What an item is about; it may be about several things."""

    STEPS = auto()
    MESSAGES = auto()
    NOTES = auto()
    TASKS = auto()
    CLOCKS = auto()
    OUTSIDE = auto()


@dataclass(frozen=True)
class TimelineItem:
    """An entry with the messages that followed from it, or a comment.

    `origin` is the merged case that it is of, if it is not the case's own.
    """

    place: Place
    sorts: frozenset[Sort]
    origin: str | None = None
    entry: Entry | None = None
    notices: tuple[OutboxRow, ...] = ()
    comment: Comment | None = None


@dataclass(frozen=True)
class Timeline:
    """A page of a timeline; `next` is where older items go on, None at its end.

    `unreached` are the entries of the whole case whose messages reached no customer.
    """

    items: tuple[TimelineItem, ...]
    next: Place | None
    unreached: frozenset[int] = frozenset()


OF_TYPES: Final = {
    Sort.STEPS: (
        *(EntryType.OPENED, EntryType.STEPPED, EntryType.REWOUND, EntryType.MERGE_ASKED),
        *(EntryType.MERGED, EntryType.MERGE_REFUSED, EntryType.UNMERGE_ASKED, EntryType.UNMERGED),
        *(EntryType.JOINED, EntryType.PARTED),
    ),
    Sort.MESSAGES: (EntryType.NOTIFIED, EntryType.INFORMED, EntryType.HEARD),
    Sort.NOTES: (EntryType.ATTACHED,),
    Sort.TASKS: (
        *(EntryType.CLAIMED, EntryType.RELEASED, EntryType.ASSIGNED, EntryType.HELD),
        *(EntryType.RESUMED, EntryType.LIMITED, EntryType.PRIORITISED),
        *REQUEST_TYPES,
        EntryType.CHASED,
    ),
    Sort.CLOCKS: (
        *(EntryType.WARNED, EntryType.BREACHED, EntryType.ESCALATED),
        *(EntryType.RETARGETED, EntryType.INFORMED, EntryType.LIMITED, EntryType.POLICY_CHANGED),
        EntryType.REQUEST_OVERDUE,
    ),
    Sort.OUTSIDE: (EntryType.EFFECT_DONE, EntryType.EFFECT_FAILED),
}


async def read_timeline(
    services: Services,
    caller: Principal,
    loaded: LoadedCase,
    sort: Sort | None,
    before: Place | None,
    limit: int,
) -> Timeline:
    """Return the newest items of a case that was loaded, or those before a place in the stream.

    The items of cases that are merged into it are among them, each marked by the number.

    Raises:
        StoreDown, CorruptRow
    """
    own, notices = await _items(services, caller, loaded.case, before, limit)
    items = [*own]
    for number in loaded.case.joined:
        row = await find_case_row(services, caller.tenant, number)
        if row is not None and sees_case(caller, row):
            entries = await services.store.entries.of(caller.tenant, number)
            joined, _ = await _items(services, caller, fold_case(number, entries)[1], before, limit)
            items += (_from(number, item) for item in joined)
    return replace(_page(items, sort, before, limit), unreached=_unreached(notices))


async def _items(
    services: Services, caller: Principal, case: Case, before: Place | None, limit: int
) -> tuple[list[TimelineItem], Sequence[OutboxRow]]:
    """Return the items of one case, and its messages."""
    opening = case.opening
    rows = await services.store.outbox.of(caller.tenant, opening.number)
    entries = shown_entries(caller, opening.kind, case.entries)
    comments = await services.store.comments.newest(
        caller.tenant,
        opening.number,
        include_internal=reads_inside(caller),
        own=caller.own,
        until=before[0] if before else None,
        limit=limit + SAME_MOMENT + 1,
    )
    notices = shown_notices(caller, rows)
    items = [
        *_entry_items(entries, notices),
        *(_comment_item(shown_comment(caller, each)) for each in comments),
    ]
    return items, notices


def _from(number: str, item: TimelineItem) -> TimelineItem:
    """Return an item of a merged case as one of the case that goes on."""
    at, rank, key = item.place
    return replace(item, place=(at, rank, f"{key}@{number}"), origin=number)


def _page(
    items: Iterable[TimelineItem], sort: Sort | None, before: Place | None, limit: int
) -> Timeline:
    wanted = [
        item
        for item in items
        if (sort is None or sort in item.sorts) and (before is None or item.place < before)
    ]
    newest = sorted(wanted, key=lambda item: item.place, reverse=True)
    shown = tuple(newest[:limit])
    return Timeline(shown, shown[-1].place if len(newest) > limit else None)


def _entry_items(entries: Iterable[Entry], rows: Sequence[OutboxRow]) -> Iterator[TimelineItem]:
    by_entry: dict[int, list[OutboxRow]] = {}
    for row in rows:
        # That a customer wrote is told to somebody: the comment itself says it.
        if row.n < FIRST_OF_COMMENTS:
            by_entry.setdefault(row.seq, []).append(row)
    for entry in entries:
        notices = tuple(by_entry.get(entry.seq, ()))
        place = (entry.at, 0, f"{entry.seq:09}")
        yield TimelineItem(place, _sorts_of(entry, notices), entry=entry, notices=notices)


def is_unreached(row: OutboxRow) -> bool:
    """Say whether a message is over and reached nobody: not delivered, or in the local mailbox."""
    is_kept = row.status is Delivery.DELIVERED and row.channel == LOCAL_MAILBOX
    return is_kept or row.status in GIVEN_UP


def _unreached(rows: Iterable[OutboxRow]) -> frozenset[int]:
    to_customer = [row for row in rows if row.to == CUSTOMER and row.n < FIRST_OF_COMMENTS]
    reached = {row.seq for row in to_customer if not is_unreached(row)}
    return frozenset(row.seq for row in to_customer) - reached


def _sorts_of(entry: Entry, notices: Iterable[OutboxRow]) -> frozenset[Sort]:
    sorts = {sort for sort, types in OF_TYPES.items() if entry.type in types}
    if any(notice.to == CUSTOMER for notice in notices):
        sorts.add(Sort.MESSAGES)
    if entry.actor.kind is ActorKind.WORLD:
        sorts.add(Sort.OUTSIDE)
    return frozenset(sorts)


def _comment_item(comment: Comment) -> TimelineItem:
    is_note = comment.visibility is Visibility.INTERNAL
    sorts = frozenset({Sort.NOTES if is_note else Sort.MESSAGES})
    return TimelineItem((comment.at, 1, comment.id), sorts, comment=comment)
