"""Improvement measures whose effect nobody checked yet: whose they are, and which are due.

A measure outlives its case's course, so no clock of the case reminds of it: its owner finds it in
the inbox, from three days before its day on, until somebody checks its effect.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right, has_right
from app.results import Result
from app.services import Services
from cases.common.measures import (
    CHECK,
    DUE_SOON,
    RECORD,
    OpenMeasure,
    Standing,
    open_measures,
)
from domain.engine.case import effective_seqs
from store.cases.entries import MeasureEntry
from store.cases.records import MeasuredCase
from store.db.clock import utc_now

MOST: Final = 200
"""So many are listed, those first that are due first."""
MOST_CASES: Final = 1000
"""Of so many cases they are read, those first that are due first."""


class MeasureItem(Result):
    """A measure that waits for its day, or for somebody to check its effect.

    `seq` is the entry that records it; `is_own`: it is the caller's, or a team's of theirs.
    `closed`: its case is closed.
    """

    number: str
    kind: str
    seq: int
    measure: str
    owner: str
    due: date
    standing: Standing
    recorded_at: datetime
    is_own: bool
    closed: bool


@dataclass(frozen=True)
class MeasureFilter:
    """Which measures: of one owner, the caller's own, and only those of which one is reminded."""

    owner: str | None = None
    own: bool = False
    due: bool = False

    def takes(self, item: MeasureItem) -> bool:
        """Say whether a measure is meant."""
        is_owners = self.owner in {None, item.owner} and (item.is_own or not self.own)
        return is_owners and not (self.due and item.standing is Standing.LATER)


@dataclass(frozen=True)
class Measures:
    """The measures, those first that are due first; `more`: there are more than are listed."""

    items: tuple[MeasureItem, ...]
    more: bool


@dataclass(frozen=True)
class RecordedMeasure:
    """An open measure, whoever asks: its case, and when it was recorded."""

    case: MeasuredCase
    open: OpenMeasure
    at: datetime


async def list_measures(services: Services, caller: Principal, which: MeasureFilter) -> Measures:
    """List the measures of all cases whose effect nobody checked yet.

    Raises:
        Forbidden: only staff who see all cases may.
        StoreDown
    """
    check_right(caller, Right.READ_ALL_CASES)
    found = await _read(services, caller, only_due=which.due)
    items = [item for item in found.items if which.takes(item)]
    return Measures(tuple(items[:MOST]), more=found.more or len(items) > MOST)


async def count_due(services: Services, caller: Principal) -> int:
    """Count the caller's own measures that are overdue or due soon; none for who sees no lists.

    Raises:
        StoreDown
    """
    if not has_right(caller, Right.READ_ALL_CASES):
        return 0
    own = await list_measures(services, caller, MeasureFilter(own=True, due=True))
    return len(own.items)


async def _read(services: Services, caller: Principal, *, only_due: bool) -> Measures:
    """Return the open measures of the cases that are due first, and whether there are more."""
    now = utc_now()
    today = now.astimezone(services.business_zone).date()
    until = today + DUE_SOON if only_due else None
    found = await services.store.cases.with_measures(caller.tenant, until, MOST_CASES + 1)
    cases = tuple(found[:MOST_CASES])
    # Every view of the inbox asks. What a case has is the same until it has another entry.
    recorded = await services.measure_cache.get(
        (caller.tenant, cases), now, partial(_recorded, services, caller.tenant, cases)
    )
    items = [_item(caller, each, today) for each in recorded]
    ordered = sorted(items, key=lambda item: (item.due, item.number, item.seq))
    return Measures(tuple(ordered), more=len(found) > MOST_CASES)


async def _recorded(
    services: Services, tenant: str, cases: Sequence[MeasuredCase]
) -> list[RecordedMeasure]:
    """Return the open measures of these cases."""
    entries, numbers = services.store.entries, [each.number for each in cases]
    found = await entries.of_measures(tenant, numbers, (RECORD, CHECK))
    back = await entries.taken_back(tenant, numbers)
    return [
        RecordedMeasure(case, each, at)
        for case in cases
        for each, at in _open(case, found.get(case.number, []), back.get(case.number, {}))
    ]


def _open(
    case: MeasuredCase, entries: Sequence[MeasureEntry], back: Mapping[int, object]
) -> Iterator[tuple[OpenMeasure, datetime]]:
    effective = set(effective_seqs(case.last_seq, back))
    recorded = {entry.seq: entry.at for entry in entries}
    steps = [(entry.seq, entry.step, entry.form) for entry in entries]
    for each in open_measures(steps, effective):
        yield each, recorded[each.seq]


def _item(caller: Principal, recorded: RecordedMeasure, today: date) -> MeasureItem:
    case, each = recorded.case, recorded.open
    return MeasureItem(
        number=case.number,
        kind=case.kind,
        seq=each.seq,
        measure=each.measure.measure,
        owner=each.measure.owner,
        due=each.measure.due,
        standing=each.standing(today),
        recorded_at=recorded.at,
        is_own=each.measure.owner in {caller.id, *caller.teams},
        closed=case.closed,
    )
