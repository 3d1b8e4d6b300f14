"""Why a case left a list that somebody looks at: a code and its parameters, for the line to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Final

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import check_staff
from app.inbox import read_rows
from app.inbox_rows import InboxRow
from app.outside import shown_entries
from app.services import Services
from domain.language.entries import MOVES, Entry, EntryType
from domain.language.roles import ActorKind
from store.errors import CorruptRow

MOST: Final = 50
"""So many lines are explained at a time; further ones go without a word."""


class Why(StrEnum):
    """Why a case is not in the list any more."""

    OUT_OF_REACH = auto()
    CLOSED = auto()
    CLAIMED = auto()
    ASSIGNED = auto()
    RELEASED = auto()
    ON_HOLD = auto()
    RESUMED = auto()
    REWOUND = auto()
    DONE = auto()
    CUSTOMER_ANSWERED = auto()
    TIME_PASSED = auto()
    WORLD_ANSWERED = auto()
    READ = auto()
    CHANGED = auto()


@dataclass(frozen=True)
class Seen:
    """A line as somebody saw it: the case's newest entry, and how many messages were unread."""

    seq: int
    unread: int = 0


@dataclass(frozen=True)
class Gone:
    """Why a line goes; `by` is who did it, where it was one of the staff.

    `params` may have `step`, `kind`, `state`, `outcome`, `to` (whom it was assigned to), `until`.
    """

    why: Why
    by: str | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)


BY_TYPE: Final[Mapping[EntryType, Why]] = {
    EntryType.CLAIMED: Why.CLAIMED,
    EntryType.ASSIGNED: Why.ASSIGNED,
    EntryType.RELEASED: Why.RELEASED,
    EntryType.HELD: Why.ON_HOLD,
    EntryType.RESUMED: Why.RESUMED,
    EntryType.REWOUND: Why.REWOUND,
}
"""What an entry of a type means."""

BY_ACTOR: Final[Mapping[ActorKind, Why]] = {
    ActorKind.STAFF: Why.DONE,
    ActorKind.SYSTEM: Why.CUSTOMER_ANSWERED,
    ActorKind.CUSTOMER: Why.CUSTOMER_ANSWERED,
    ActorKind.TIMER: Why.TIME_PASSED,
    ActorKind.WORLD: Why.WORLD_ANSWERED,
}
"""What a step means by who took it."""


async def explain_gone(
    services: Services, caller: Principal, seen: Mapping[str, Seen]
) -> dict[str, Gone]:
    """Return by number why these cases are not in a list any more, as they were seen in it.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    numbers = [*seen][:MOST]
    rows = await read_rows(services, caller, numbers)
    gone: dict[str, Gone] = {}
    for number in numbers:
        if (row := rows.get(number)) is None:
            gone[number] = Gone(Why.OUT_OF_REACH)
            continue
        try:
            entries = await services.store.entries.of(caller.tenant, number, seen[number].seq)
        except CorruptRow:
            entries = []
        shown = shown_entries(caller, row.kind, entries)
        gone[number] = why_gone(seen[number], row, shown)
    return gone


def why_gone(seen: Seen, row: InboxRow, entries: Sequence[Entry]) -> Gone:
    """Say why a line goes, from the entries that followed the one that was seen last."""
    moves = [entry for entry in entries if entry.type in MOVES]
    if not moves:
        is_read = row.unread_customer_messages < seen.unread
        return Gone(Why.READ if is_read else Why.CHANGED)
    last = moves[-1]
    by = last.actor.id if last.actor.is_staff else None
    if row.closed_at is not None:
        return Gone(Why.CLOSED, by, {"kind": row.kind, "outcome": row.outcome})
    return _moved(row, last, by)


def _moved(row: InboxRow, entry: Entry, by: str | None) -> Gone:
    """Say what an entry did that moved an open case or its task."""
    to = entry.form.get("assignee")
    if isinstance(to, str):
        # To claim what waits to be assigned is a step, too.
        return Gone(Why.CLAIMED, by) if to == by else Gone(Why.ASSIGNED, by, {"to": to})
    if entry.type is EntryType.STEPPED:
        why = BY_ACTOR.get(entry.actor.kind, Why.CHANGED)
        return Gone(why, by, {"kind": row.kind, "state": row.state, "step": entry.step})
    until = {"until": entry.form["until"]} if "until" in entry.form else {}
    return Gone(BY_TYPE.get(entry.type, Why.CHANGED), by, until)
