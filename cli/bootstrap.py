"""The first administrator, written into the store itself, since nobody can be asked yet."""

from domain.messages import DEFAULT_TENANT
from domain.people import Actor, ActorKind
from store import Store
from store.records import By, KeyOwner, OwnerKind

ADMINISTRATOR = "administrator"
BY = By(Actor(kind=ActorKind.SYSTEM, id="banjie"), "banjie key bootstrap")


async def first_administrator(database_url: str, id: str, name: str) -> str | None:
    """Make the administrator and return the key; None if there is one with a key that works."""
    store = await Store.open(database_url, migrate=True)
    try:
        if await _governed(store):
            return None
        if await store.people.get(DEFAULT_TENANT, id) is None:
            await store.people.add_staff(DEFAULT_TENANT, id, name, (ADMINISTRATOR,), by=BY)
        _, key = await store.keys.add(DEFAULT_TENANT, KeyOwner(OwnerKind.STAFF, id), by=BY)
        return key
    finally:
        await store.close()


async def _governed(store: Store) -> bool:
    staff = await store.people.list(DEFAULT_TENANT)
    able = {each.id for each in staff if each.active and ADMINISTRATOR in each.roles}
    keys = await store.keys.list(DEFAULT_TENANT)
    return any(each.owner.id in able and each.revoked_at is None for each in keys)
