"""What the service record of a case (书面服务记录) is made from.

Which steps, and which fields of their forms, it shows is said in `cases/<kind>/record.py`.
"""

from collections.abc import Mapping

from app.authentication import Principal
from app.authorization import STAFF, reads_inside
from app.colleagues import read_colleagues
from app.errors import Forbidden
from app.read_cases import get_case_row
from app.services import Services
from domain.language.entries import Entry
from store.comments import Comment
from store.outbox.records import OutboxRow


async def read_for_record(
    services: Services, caller: Principal, number: str, *, inside: bool = False
) -> tuple[list[Entry], list[OutboxRow], list[Comment], Mapping[str, str] | None]:
    """Return a case's entries, messages and public comments; staff are noted in the access log.

    For a record for ourselves (`inside`) what our people are called comes with them: it says who
    decided on money, and what the case costs us.

    Raises:
        Forbidden: only our own people have it, no system and no vendor.
        NotFound, NumberMisread
        StoreDown
    """
    if inside and not reads_inside(caller):
        raise Forbidden(STAFF)
    case_row = await get_case_row(services, caller, number)
    if caller.is_staff and case_row.customer:
        await services.access_log.note(caller, case_row.customer)
    store, tenant = services.store, caller.tenant
    colleagues = await read_colleagues(services, caller) if inside else None
    return (
        await store.entries.of(tenant, number),
        await store.outbox.of(tenant, number),
        await store.comments.of(tenant, number, include_internal=False),
        {each.id: each.name for each in colleagues.staff} if colleagues else None,
    )
