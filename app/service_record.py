"""What the service record of a case (书面服务记录) is made from.

Which steps, and which fields of their forms, it shows is said in `cases/<kind>/record.py`.
"""

from app.authentication import Principal
from app.read_cases import get_case_row
from app.services import Services
from domain.language.entries import Entry
from store.comments import Comment
from store.outbox.records import OutboxRow


async def read_for_record(
    services: Services, caller: Principal, number: str
) -> tuple[list[Entry], list[OutboxRow], list[Comment]]:
    """Return a case's entries, messages and public comments; staff are noted in the access log.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    case_row = await get_case_row(services, caller, number)
    if caller.is_staff and case_row.customer:
        await services.access_log.note(caller, case_row.customer)
    store, tenant = services.store, caller.tenant
    return (
        await store.entries.of(tenant, number),
        await store.outbox.of(tenant, number),
        await store.comments.of(tenant, number, include_internal=False),
    )
