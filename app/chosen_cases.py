"""The cases that somebody chose for a batch, as they look before anything is done to them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from app.authentication import Principal
from app.authorization import sees_case
from app.errors import NotFound
from app.inbox_rows import WORDS_SHOWN
from app.offers import assignable
from app.outside import shown_list_item
from app.read_cases import load_case
from app.results import CaseListItem
from app.services import Services
from domain.case_numbers import is_case_number
from domain.read_models.projection import CaseView
from store.db.clock import utc_now
from store.errors import CorruptRow
from store.people.records import Staff

SHOWN: Final = 20
"""So many of the chosen cases are listed."""
LOOKED_AT: Final = 1_000
"""So many are looked at to say to whom they can be assigned; the engine judges every one."""
SORTS: Final = 30
"""So many sorts of cases are told apart for that."""


@dataclass(frozen=True)
class Assignability:
    """To how many of the cases that were looked at each of the active staff can be assigned."""

    cases: int
    fitting: Mapping[str, int]

    def offered(self, staff: Sequence[Staff]) -> list[tuple[Staff, int]]:
        """Return who can be given at least one, with how many; everybody if nobody can."""
        active = [(each, self.fitting.get(each.id, 0)) for each in staff if each.active]
        return [(each, n) for each, n in active if n] or active


async def list_chosen(
    services: Services, caller: Principal, numbers: Sequence[str]
) -> list[CaseListItem | str]:
    """Return the first of the chosen cases; of one that there is not for the caller its number.

    Raises:
        StoreDown
    """
    first = list(dict.fromkeys(numbers))[:SHOWN]
    rows = await _rows(services, caller, first)
    words = await services.store.entries.opening_words(caller.tenant, [*rows])
    return [
        shown_list_item(caller, _item(rows[number], words.get(number)))
        if number in rows
        else number
        for number in first
    ]


async def read_assignability(
    services: Services, caller: Principal, numbers: Sequence[str], staff: Sequence[Staff]
) -> Assignability:
    """Return to whom of the staff the caller may assign these cases.

    Cases that stand alike are judged by one of them: who may work on a case follows from its
    state and its class.

    Raises:
        StoreDown
    """
    rows = await _rows(services, caller, list(dict.fromkeys(numbers))[:LOOKED_AT])
    sorts: dict[tuple[object, ...], list[str]] = {}
    for row in rows.values():
        sorts.setdefault(_sort(row), []).append(row.number)
    active, fitting, cases = [each for each in staff if each.active], dict[str, int](), 0
    for alike in [*sorts.values()][:SORTS]:
        with suppress(CorruptRow, NotFound):
            loaded = await load_case(services, caller, alike[0], "")
            cases += len(alike)
            to = assignable(loaded.process, loaded.case, loaded.actor, utc_now(), active)
            for person in to:
                fitting[person.id] = fitting.get(person.id, 0) + len(alike)
    return Assignability(cases, fitting)


async def _rows(
    services: Services, caller: Principal, numbers: Sequence[str]
) -> dict[str, CaseView]:
    known = [number for number in numbers if is_case_number(number)]
    rows = await services.store.cases.some(caller.tenant, known)
    return {number: row for number, row in rows.items() if sees_case(caller, row)}


def _item(row: CaseView, words: str | None) -> CaseListItem:
    beginning = words if words is None or len(words) <= WORDS_SHOWN else f"{words[:WORDS_SHOWN]}…"
    return CaseListItem(**row.model_dump(exclude={"rank"}), words=beginning)


def _sort(row: CaseView) -> tuple[object, ...]:
    return (
        row.kind,
        row.process_version,
        row.state,
        row.category,
        row.priority,
        row.severity,
        row.hardness,
        row.escalation_tier,
        row.held_until,
    )
