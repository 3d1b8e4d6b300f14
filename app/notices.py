"""Notices: the messages that a case sent to people, and what became of them."""

from app.authentication import Principal
from app.outside import shown_notices
from app.read_cases import get_case_row
from app.services import Services
from domain.engine.task_actions import MESSAGE, notified_text
from store.outbox.records import OutboxRow


async def list_notices(
    services: Services, caller: Principal, number: str
) -> list[tuple[OutboxRow, str | None]]:
    """List the messages of a case, each with what a person wrote in it; systems see customers'.

    That is the text of a message, or the reason that the customer is told.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    await get_case_row(services, caller, number)
    rows = shown_notices(caller, await services.store.outbox.of(caller.tenant, number))
    texts: dict[int, str | None] = {}
    if any(row.template == MESSAGE for row in rows):
        entries = await services.store.entries.of(caller.tenant, number)
        texts = {entry.seq: notified_text(entry) for entry in entries}
    return [(row, texts.get(row.seq) if row.template == MESSAGE else _reason(row)) for row in rows]


def _reason(row: OutboxRow) -> str | None:
    reason = row.params.get("reason")
    return reason if isinstance(reason, str) else None
