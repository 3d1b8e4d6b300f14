"""The first administrator, written into the store itself, since nobody can be asked yet."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.account import account
from domain.messages import DEFAULT_TENANT
from ops.doctor.database import file_of
from store import Store
from store.errors import StoreError
from store.records import By, KeyOwner, OwnerKind

ADMINISTRATOR = "administrator"
WHY = "banjie key bootstrap"


async def first_administrator(database_url: str, id: str, name: str) -> str | None:
    """Make the administrator and return the key; None if there is one with a key that works."""
    with _whole_or_not_at_all(database_url):
        store = await Store.open(database_url, migrate=True)
    try:
        if await _governed(store):
            return None
        by = By(account(), WHY)
        if await store.people.get(DEFAULT_TENANT, id) is None:
            await store.people.add_staff(DEFAULT_TENANT, id, name, (ADMINISTRATOR,), by=by)
        _, key = await store.keys.add(DEFAULT_TENANT, KeyOwner(OwnerKind.STAFF, id), by=by)
        return key
    finally:
        await store.close()


@contextmanager
def _whole_or_not_at_all(database_url: str) -> Iterator[None]:
    """SQLite's file is made when it is first used; without its tables it is none."""
    file = file_of(database_url)
    new = file is not None and not file.exists()
    try:
        yield
    except StoreError:
        if file is not None and new:
            for end in ("", "-wal", "-shm"):
                file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
        raise


async def _governed(store: Store) -> bool:
    staff = await store.people.list(DEFAULT_TENANT)
    able = {each.id for each in staff if each.active and ADMINISTRATOR in each.roles}
    keys = await store.keys.list(DEFAULT_TENANT)
    return any(each.owner.id in able and each.revoked_at is None for each in keys)
