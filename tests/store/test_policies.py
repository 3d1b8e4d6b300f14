"""Published policies: each once, never changed; and which one is in force since when."""

import asyncio

import pytest

from domain.language.roles import Actor, ActorKind
from store import Store
from store.audit.records import By
from store.errors import Taken

ROOT = By(Actor(kind=ActorKind.STAFF, id="root"), "Decided on Monday.")
ZHOU = By(Actor(kind=ActorKind.STAFF, id="zhou"), "Agreed.")


async def add(store: Store, tenant: str, version: str, text: str = "{}") -> bool:
    _, is_new = await store.policies.add(tenant, version, text, text, "A title", ROOT)
    return is_new


async def test_a_policy_is_added_once_and_never_changed(store: Store, tenant: str) -> None:
    assert await add(store, tenant, "1")
    assert not await add(store, tenant, "1")
    with pytest.raises(Taken):
        await add(store, tenant, "1", "[]")
    stored = await store.policies.get(tenant, "1")
    assert stored is not None
    assert (stored.document, stored.by, stored.reason) == ("{}", "root", "Decided on Monday.")
    assert await store.policies.get(f"not-{tenant}", "1") is None
    await add(store, tenant, "2")
    assert [each.version for each in await store.policies.all(tenant)] == ["2", "1"]


async def test_the_last_release_is_in_force(store: Store, tenant: str) -> None:
    assert await store.policies.in_force(tenant) is None
    await add(store, tenant, "1", "one")
    for version in ("1", "1", "own"):
        await store.policies.release(tenant, version, ZHOU)
    assert [each.version for each in await store.policies.releases(tenant)] == ["own", "1"]
    assert await store.policies.in_force(tenant) == ("own", None)
    await store.policies.release(tenant, "1", ZHOU)
    assert await store.policies.in_force(tenant) == ("1", "one")
    assert await store.policies.in_force(f"not-{tenant}") is None


async def test_of_two_at_once_the_same_is_one(store: Store, tenant: str) -> None:
    await add(store, tenant, "1")
    await asyncio.gather(*(store.policies.release(tenant, "1", ZHOU) for _ in range(4)))
    assert len(await store.policies.releases(tenant)) == 1
