"""Who exported what, and why: an act in the ledger, written before the first line is."""

from dataclasses import dataclass

from pydantic import JsonValue

from domain.people import Actor
from ops.export.formats import Format
from ops.export.history import Which
from store import Store


@dataclass(frozen=True)
class Order:
    """An export as somebody asked for it; `texts` are what customers and staff wrote."""

    by: Actor
    format: Format
    which: Which
    texts: bool = False
    reason: str = ""


async def note_export(store: Store, tenant: str, order: Order) -> None:
    """Write the export down. The one place that knows how; without it nothing is exported.

    Raises:
        StoreDown
    """
    which = order.which
    details: dict[str, JsonValue] = {
        "texts": order.texts,
        "kind": which.kind,
        "since": which.since.isoformat() if which.since else None,
        "until": which.until.isoformat() if which.until else None,
        "open": which.open,
    }
    await store.audit.act(
        tenant, order.by, "histories.exported", order.format.value, order.reason, details
    )
