"""More callers of the API: one of every role there is, and one whose work is another company's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from cases.common.roles import STAFF_ROLES
from domain.engine.messages import DEFAULT_TENANT
from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import Callers, api_client


@asynccontextmanager
async def one_of_each_role(callers: Callers, prefix: str) -> AsyncIterator[Callers]:
    """Yield the callers, and with them one person per role, named `<prefix>.<role>`."""
    async with AsyncExitStack() as clients:
        keys, more = dict(callers.keys), dict(callers.clients)
        for role in STAFF_ROLES:
            id = f"{prefix}.{role}"
            await callers.store.people.add_staff(DEFAULT_TENANT, id, id, (role,))
            owner = KeyOwner(OwnerKind.STAFF, id)
            _, keys[id] = await callers.store.keys.add(DEFAULT_TENANT, owner)
            more[id] = await clients.enter_async_context(api_client(callers.app, keys[id]))
        yield Callers(callers.app, callers.engine, keys, more)
