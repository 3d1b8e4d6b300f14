"""Find a customer while somebody types, with their cases and those a new one may repeat."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from app.authentication import Principal
from app.authorization import Right, check_right
from app.read_cases import list_cases
from app.results import CaseListItem, ContactPoint, Customer
from app.services import Services
from store.cases.records import CaseFilter

SHORTEST: Final = 2
"""Characters from which a text is looked for: one alone would mean half of all customers."""
MOST: Final = 5
CASES: Final = 5


@dataclass(frozen=True)
class FoundCustomer:
    """A customer whom the text may mean, and their newest cases."""

    customer: Customer
    cases: tuple[CaseListItem, ...]


async def find_customers(
    services: Services, caller: Principal, text: str
) -> tuple[FoundCustomer, ...]:
    """Find the customers whom a telephone number, an address or a name may mean, five at most.

    Each that is shown is written down in the access log, as when their case is read.

    Raises:
        Forbidden: only those who start cases and see all may.
        StoreDown
    """
    check_right(caller, Right.START_CASES)
    check_right(caller, Right.READ_ALL_CASES)
    wanted = text.strip()
    if len(wanted) < SHORTEST or not wanted.isprintable():
        return ()
    refs = await services.store.customers.find(caller.tenant, wanted, MOST)
    found = [await known_customer(services, caller, ref) for ref in refs]
    return tuple(each for each in found if each is not None)


async def possible_duplicates(
    services: Services, caller: Principal, customer: str | None, order: str | None
) -> tuple[CaseListItem, ...]:
    """Return the open cases of the same customer or the same order: a new one may repeat them.

    Raises:
        Forbidden: a system asks for what only staff are shown.
        StoreDown
    """
    cases: dict[str, CaseListItem] = {}
    for case_filter in _filters({"customer": customer, "order": order}):
        page = await list_cases(services, caller, case_filter, None, CASES)
        cases |= {case.number: case for case in page.items}
    return tuple(cases.values())


def _filters(typed: Mapping[str, str | None]) -> Iterator[CaseFilter]:
    """Yield a filter for each text; no case has what cannot be a reference, as half typed."""
    for name, text in typed.items():
        try:
            if text:
                yield CaseFilter.model_validate({name: text, "open": True})
        except ValidationError:
            continue


async def known_customer(services: Services, caller: Principal, ref: str) -> FoundCustomer | None:
    """Return a customer with their newest cases, None if there is none with this reference.

    Raises:
        Forbidden: only those who start cases and see all may.
        StoreDown
    """
    check_right(caller, Right.START_CASES)
    check_right(caller, Right.READ_ALL_CASES)
    known = await services.store.customers.get(caller.tenant, ref)
    if known is None:
        return None
    await services.access_log.note(caller, known.ref)
    names = await services.store.customers.names(caller.tenant, ref)
    customer = Customer(
        ref=known.ref,
        name=known.name,
        contacts=[ContactPoint.model_validate(each) for each in known.contacts],
        names=names,
        type=known.type,
        tier=known.tier,
        preferred_channel=known.preferred_channel,
    )
    cases = await list_cases(services, caller, CaseFilter(customer=ref), None, CASES)
    return FoundCustomer(customer, cases.items)
