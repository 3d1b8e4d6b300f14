"""Improvement measures whose effect nobody checked yet: whose they are, and which are due.

A measure outlives its case's course, so no clock of the case reminds of it: its owner finds it in
the inbox, from three days before its day on, until somebody checks its effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

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
from domain.read_models.projection import CaseView
from store.cases.entries import MeasureEntry
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
    entries, tenant = services.store.entries, caller.tenant
    today = utc_now().astimezone(services.business_zone).date()
    until = today + DUE_SOON if only_due else None
    rows = await services.store.cases.with_measures(tenant, until, MOST_CASES + 1)
    shown = [*rows][:MOST_CASES]
    found = await entries.of_measures(tenant, shown, (RECORD, CHECK))
    back = await entries.taken_back(tenant, shown)
    items = [
        item
        for number in shown
        for item in _items(caller, rows[number], found.get(number, []), back.get(number, {}), today)
    ]
    ordered = sorted(items, key=lambda item: (item.due, item.number, item.seq))
    return Measures(tuple(ordered), more=len(rows) > MOST_CASES)


def _items(
    caller: Principal,
    row: CaseView,
    entries: list[MeasureEntry],
    back: dict[int, object],
    today: date,
) -> Iterator[MeasureItem]:
    effective = set(effective_seqs(row.last_seq, back))
    recorded = {entry.seq: entry.at for entry in entries}
    for each in open_measures(_steps(entries), effective):
        yield _item(caller, row, each, recorded[each.seq], today)


def _item(
    caller: Principal, row: CaseView, each: OpenMeasure, recorded_at: datetime, today: date
) -> MeasureItem:
    measure = each.measure
    return MeasureItem(
        number=row.number,
        kind=row.kind,
        seq=each.seq,
        measure=measure.measure,
        owner=measure.owner,
        due=measure.due,
        standing=each.standing(today),
        recorded_at=recorded_at,
        is_own=measure.owner in {caller.id, *caller.teams},
        closed=row.closed_at is not None,
    )


def _steps(entries: list[MeasureEntry]) -> list[tuple[int, str, Mapping[str, Any]]]:
    return [(entry.seq, entry.step, entry.form) for entry in entries]
