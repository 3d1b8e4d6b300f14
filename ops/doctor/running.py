"""The settings of the running processes, which a command's own environment does not know."""

from collections.abc import Mapping

from ops.doctor.database import file_of
from store import Store
from store.audit.configuration import read_configuration
from store.errors import StoreError

PATIENCE = 5.0
OUTSIDE = {
    "messages": "BANJIE_WEBHOOK_URL",
    "payments": "BANJIE_PAYMENTS_URL",
    "courier": "BANJIE_COURIER_URL",
}
"""For what an outside system is connected, and by which setting."""
NOBODY, SHARED = "nobody", "shared"


async def running_configuration(database_url: str) -> Mapping[str, str]:
    """Return what the processes are set to; empty if the store does not say."""
    file = file_of(database_url)
    if file is not None and not file.exists():
        return {}
    try:
        store = await Store.open(database_url, patience=PATIENCE)
    except StoreError:
        return {}
    try:
        return await read_configuration(store.audit_log)
    except StoreError:
        return {}
    finally:
        await store.close()
