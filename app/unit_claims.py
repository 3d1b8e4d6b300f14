"""Units of goods are in at most one open case: claim them again when a case is opened again."""

from collections.abc import Mapping
from datetime import datetime

from app.authentication import Principal
from app.authorization import sees_case
from app.services import Services
from app.step_forms import references
from domain.engine.case import Case
from domain.engine.messages import Request, opening_of
from domain.engine.process import Process
from domain.errors import Refusal, UnitInCase
from store import Store
from store.errors import CorruptRow, UnitTaken
from store.orders.records import LineClaim, claims_of

Kinds = Mapping[tuple[str, int], Process]


async def claim_again(
    store: Store, kinds: Kinds, number: str, request: Request, now: datetime
) -> None:
    """Claim the units of a closed case, if the request opens it again.

    Raises:
        UnitInCase: another open case has one of them.
        StoreDown, CorruptRow
    """
    row = await store.cases.get(request.tenant, number)
    if row is None or row.closed_at is None:
        return
    process = kinds[row.kind, row.process_version]
    if not process.claims_units:
        return
    entries = await store.entries.of(request.tenant, number)
    case = process.fold(opening_of(entries[0]), entries)
    claims = claims_of_case(process, case)
    if not claims or case.request(request.id):
        return
    try:
        process.apply_request(case, request, now)
    except Refusal:
        return  # the engine refuses it, too, and says why
    if process.state_of(case).closed:
        return
    try:
        await store.unit_claims.take(request.tenant, number, claims)
    except UnitTaken as taken:
        raise unit_in_case(taken) from None


def claims_of_case(process: Process, case: Case) -> tuple[LineClaim, ...]:
    """Return the units that a case claims while it is open: of its order, and by their numbers."""
    opening = case.opening
    form, known = process.opens_with.lenient(opening.form), opening.handed_over
    serials = [*references(form, "unit").values()]
    if known is not None and known.serial:
        serials.append(known.serial)
    return claims_of(opening.order, opening.goods, serials, opening.product)


def unit_in_case(taken: UnitTaken) -> UnitInCase:
    """Return the refusal of units that other open cases have."""
    return UnitInCase(taken.line, taken.numbers, read=taken.read)


async def as_shown(services: Services, caller: Principal, refusal: Refusal) -> Refusal:
    """Return a refusal; one of units names the cases that the caller sees, and no others."""
    if not isinstance(refusal, UnitInCase):
        return refusal
    numbers = []
    for number in refusal.cases:
        try:
            row = await services.store.cases.get(caller.tenant, number)
        except CorruptRow:
            continue
        if row is not None and sees_case(caller, row):
            numbers.append(number)
    return UnitInCase(refusal.line, numbers, read=refusal.read)
