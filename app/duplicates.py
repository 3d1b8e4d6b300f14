"""Cases that may be about the same as one: what they share with it, and whether they can be one."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right
from app.merging import is_merged
from app.read_cases import LoadedCase, list_cases, load_case
from app.results import CaseListItem, Result
from app.services import Services
from domain.language.spellings import plain_code, spellings
from domain.read_models.likeness import Likeness, Shared, likeness
from store.cases.records import CaseFilter
from store.cases.words import searchable
from store.db.clock import utc_now

RECENTLY: Final = timedelta(days=14)
"""A case that was closed so long ago may still be what somebody asks about again (ours)."""
SOON: Final = timedelta(days=3)
"""Who calls again about the same, and is not understood so, does it within so long (ours)."""
MOST_READ: Final = 50
"""So many cases of the same customer, of the same order, are looked at."""
MOST_SERIALS: Final = 5
MOST_SHOWN: Final = 10


class Duplicate(Result):
    """A case that may be about the same: how alike of a hundred, why, and if it can go on for it.

    Only an open case can go on for another one.
    """

    case: CaseListItem
    score: int
    shared: tuple[Shared, ...]
    can_go_on: bool


async def find_duplicates(services: Services, caller: Principal, number: str) -> list[Duplicate]:
    """Return the cases of the same kind that may be about the same, the likeliest first.

    Merged cases, whose other case is among them, are left out.

    Raises:
        Forbidden: only staff who see all cases may.
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    loaded = await load_case(services, caller, number, "")
    check_right(caller, Right.READ_ALL_CASES)
    return await duplicates_of(services, caller, loaded)


async def duplicates_of(
    services: Services, caller: Principal, loaded: LoadedCase
) -> list[Duplicate]:
    """Return the possible duplicates of a case that was loaded, for somebody who sees all cases.

    Raises:
        StoreDown
    """
    opening, since = loaded.case.opening, utc_now() - RECENTLY
    items: dict[str, CaseListItem] = {}
    shared: dict[str, set[Shared]] = {}
    for what, case_filter in _filters(loaded):
        page = await list_cases(services, caller, case_filter, None, MOST_READ)
        for item in page.items:
            items[item.number] = item
            shared.setdefault(item.number, set()).update(what)
    ours = searchable(loaded.words or "")
    found = [
        _duplicate(item, likeness(_with_product(loaded, item, shared[number]), ours, _words(item)))
        for number, item in items.items()
        if number != opening.number
        and not is_merged(item)
        and (item.closed_at is None or item.closed_at >= since)
    ]
    likely = [each for each in found if each is not None]
    return sorted(likely, key=lambda each: (-each.score, each.case.number))[:MOST_SHOWN]


def _filters(loaded: LoadedCase) -> Iterator[tuple[Collection[Shared], CaseFilter]]:
    """Yield what finds cases that share something, with what they share then.

    A spelling may be one that nobody could hand in; then no case has it.
    """
    opening, kind = loaded.case.opening, loaded.process.kind
    if opening.customer is not None:
        theirs = CaseFilter.model_construct(kind=kind, customer=opening.customer)
        yield {Shared.CUSTOMER}, theirs
        if not loaded.process.state_of(loaded.case).closed:
            at = opening.received_at
            soon = {"open": True, "received_from": at - SOON, "received_to": at + SOON}
            yield {Shared.CUSTOMER, Shared.TIME}, theirs.model_copy(update=soon)
    for order in spellings(opening.order or ""):
        yield {Shared.ORDER}, CaseFilter.model_construct(kind=kind, order=order)
    said = opening.form.get("serial")
    serials = {serial for goods in opening.goods for serial in goods.serials}
    serials |= {said} if isinstance(said, str) and said else set()
    for serial in sorted(serials)[:MOST_SERIALS]:
        yield {Shared.SERIAL}, CaseFilter.model_construct(kind=kind, serial=serial)


def _with_product(loaded: LoadedCase, item: CaseListItem, shared: set[Shared]) -> set[Shared]:
    ours, theirs = loaded.case.opening.product, item.product
    is_same = ours is not None and theirs is not None and plain_code(ours) == plain_code(theirs)
    return shared | ({Shared.PRODUCT} if is_same else set())


def _words(item: CaseListItem) -> str:
    return searchable(item.words or "")


def _duplicate(item: CaseListItem, alike: Likeness) -> Duplicate | None:
    if not alike.enough:
        return None
    can_go_on = item.closed_at is None
    return Duplicate(case=item, score=alike.score, shared=alike.shared, can_go_on=can_go_on)
