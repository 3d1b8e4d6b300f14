"""The settings of the running processes, which a command's own environment does not know."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from ops.doctor.database import file_of
from store import Store
from store.audit.configuration import read_configuration
from store.errors import StoreError

T = TypeVar("T")
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
    return await _ask(database_url, lambda store: read_configuration(store.audit_log)) or {}


async def calendars_of_open_cases(database_url: str, tenant: str) -> Sequence[str]:
    """Return the calendars by which open cases count; none if the store does not say."""
    return await _ask(database_url, lambda store: store.clocks.calendars(tenant)) or ()


async def released_policy(database_url: str, tenant: str) -> tuple[str, str | None] | None:
    """Return the policy that somebody put in force, and its text; None if nobody did."""
    return await _ask(database_url, lambda store: store.policies.in_force(tenant))


async def _ask(database_url: str, question: Callable[[Store], Awaitable[T]]) -> T | None:
    """Return what the store answers; None if it cannot."""
    file = file_of(database_url)
    if file is not None and not file.exists():
        return None
    try:
        store = await Store.open(database_url, patience=PATIENCE)
    except StoreError:
        return None
    try:
        return await question(store)
    except StoreError:
        return None
    finally:
        await store.close()
