"""Search: by number, reference, contact point or name, else by the customers' own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Final

from app.authentication import Principal
from app.authorization import check_staff, reach_of, sees_customer
from app.errors import NumberMisread, invalid
from app.inbox import read_rows
from app.inbox_rows import InboxRow
from app.read_cases import CASE_NUMBER_SHAPE
from app.services import Services
from cases import CURRENT
from domain.case_numbers import is_case_number
from domain.language.spellings import plain_code, spellings
from domain.language.values import without_invisible
from store.cases.words import searchable
from store.db.pages import Cursor

LONGEST: Final = 200
MOST_EXACT: Final = 50
MOST_CUSTOMERS: Final = 50
SHORTEST_TERM: Final = 2
HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
ENDING: Final = re.compile(r"[0-9]{4,8}")
"""Digits that people may give for a whole number: those at its end."""

POINTER: Final = "/q"


class FoundBy(StrEnum):
    """What of a case the text is."""

    NUMBER = auto()
    EXTERNAL_REF = auto()
    ORDER = auto()
    PRODUCT = auto()
    SERIAL = auto()
    CONTACT = auto()
    NAME = auto()
    WORDS = auto()


@dataclass(frozen=True)
class FoundCase:
    """A case that was found, open or closed, and by what."""

    row: InboxRow
    by: FoundBy


@dataclass(frozen=True)
class Found:
    """A page of what was found: what the text is exactly comes first, then the newest.

    `terms` are what was looked for in words, to be marked; of cases received before `since` the
    words were not read.
    """

    items: tuple[FoundCase, ...] = ()
    next: Cursor | None = None
    terms: tuple[str, ...] = ()
    since: datetime | None = None


async def search(
    services: Services, caller: Principal, text: str, after: Cursor | None = None, limit: int = 50
) -> Found:
    """Find the cases that a text may mean, as far as the caller sees them.

    Those of whom a contact point or a name is searched are written down in the access log, as when
    their record is read.

    Raises:
        Forbidden: only staff may.
        Unacceptable: the text is too long, or has a term that is too short for a search of words.
        NumberMisread: it looks like a case number, and its check digit does not fit.
        StoreDown
    """
    check_staff(caller)
    text = " ".join(without_invisible(" ".join(text.split())).split())
    if len(text) > LONGEST:
        raise invalid(POINTER, "search_too_long", f"At most {LONGEST} characters.", max=LONGEST)
    numbered = await _numbered(services, caller, text)
    if numbered or not text:
        return Found(numbered)
    exact = await _exact(services, caller, text, shown=after is None)
    terms = tuple(dict.fromkeys(searchable(text).split()))
    if fault := _why_not_in_words(text, terms):
        if not exact:
            raise fault
        return Found(tuple(exact.values()) if after is None else ())
    return await _with_words(services, caller, exact, terms, after, limit)


async def _numbered(services: Services, caller: Principal, text: str) -> tuple[FoundCase, ...]:
    """Return the case with this number; its letters may be left out."""
    code = plain_code(text).upper().replace("-", "")
    written = [code, *(f"{process.prefix}{code}" for process in CURRENT.values())]
    numbers = [number for number in written if is_case_number(number)]
    rows = await read_rows(services, caller, numbers) if numbers else {}
    return tuple(FoundCase(row, FoundBy.NUMBER) for row in rows.values())


async def _exact(
    services: Services, caller: Principal, text: str, *, shown: bool
) -> dict[str, FoundCase]:
    """Return the cases of which the text is a reference, or of whose customer it is."""
    reach = reach_of(caller)
    found: dict[str, FoundBy] = {}
    by_reference = await services.store.case_search.by_reference(
        caller.tenant, spellings(text), MOST_EXACT, reach
    )
    for name, numbers in by_reference.items():
        found |= {n: FoundBy(name) for n in numbers if n not in found}
    refs = await services.store.customers.exactly(caller.tenant, text, MOST_CUSTOMERS)
    for by, customers in zip((FoundBy.CONTACT, FoundBy.NAME), refs, strict=True):
        if customers:
            numbers = await services.store.case_search.of_customers(
                caller.tenant, customers, MOST_EXACT, reach
            )
            found |= {n: by for n in numbers if n not in found}
    rows = await read_rows(services, caller, [*found]) if found else {}
    return await _visible(services, caller, found, rows, shown=shown)


async def _visible(
    services: Services,
    caller: Principal,
    found: Mapping[str, FoundBy],
    rows: Mapping[str, InboxRow],
    *,
    shown: bool,
) -> dict[str, FoundCase]:
    """Return what the caller may see; whose customers they are told of is written down."""
    visible: dict[str, FoundCase] = {}
    for number, by in found.items():
        if (row := rows.get(number)) is None:
            continue
        if by in {FoundBy.CONTACT, FoundBy.NAME}:
            if not sees_customer(caller, row):
                continue
            if shown and row.customer:
                await services.access_log.note(caller, row.customer)
        visible[number] = FoundCase(row, by)
        if len(visible) == MOST_EXACT:
            break
    return visible


async def _with_words(
    services: Services,
    caller: Principal,
    exact: Mapping[str, FoundCase],
    terms: tuple[str, ...],
    after: Cursor | None,
    limit: int,
) -> Found:
    ending = terms[0] if len(terms) == 1 and ENDING.fullmatch(terms[0]) else None
    page = await services.store.case_search.by_words(
        caller.tenant,
        terms,
        after,
        limit,
        ending=ending,
        reach=reach_of(caller),
    )
    rows = await read_rows(services, caller, page.numbers) if page.numbers else {}
    in_words = [
        FoundCase(
            rows[number],
            FoundBy.NUMBER if ending and number.endswith(ending) else FoundBy.WORDS,
        )
        for number in page.numbers
        if number in rows and number not in exact
    ]
    first = exact.values() if after is None else ()
    return Found((*first, *in_words), page.next, terms, page.since)


def _why_not_in_words(text: str, terms: tuple[str, ...]) -> Exception | None:
    """Return why words are not searched for this; None if they are."""
    if CASE_NUMBER_SHAPE.fullmatch(plain_code(text).upper()):
        return NumberMisread() if not is_case_number(plain_code(text).upper()) else None
    if not terms or any(len(term) < SHORTEST_TERM and not HAN.search(term) for term in terms):
        detail = "Write at least two characters, or one Chinese character, for each word."
        return invalid(POINTER, "search_too_short", detail)
    return None
