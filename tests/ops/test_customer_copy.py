"""A copy of the records has the versions of customers, and knows which of them are one person."""

from pathlib import Path

from store import Store
from tests.store.test_customer_versions import correct, merge, two, versions
from tests.store.test_customers import MAIL, seen

TENANT = "default"


async def test_a_later_copy_knows_better(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("store", "copy")]
    for place in places:
        place.mkdir()
    store, copy = [
        await Store.open(f"sqlite+aiosqlite:///{place / 'banjie.db'}", migrate=True)
        for place in places
    ]
    try:
        one, other = await two(store, TENANT)
        await copied(store, copy)
        await merge(store, TENANT, other, one)
        await correct(store, TENANT, one, contacts=(MAIL,), tier="vip")
        await copied(store, copy)
        assert await seen(copy, TENANT, other) == await seen(store, TENANT, other)
        assert await versions(copy, TENANT, one) == await versions(store, TENANT, one)
    finally:
        await store.close()
        await copy.close()


async def copied(store: Store, copy: Store) -> None:
    async for name, rows in store.record_copy.read():
        await copy.record_copy.put(name, rows)
