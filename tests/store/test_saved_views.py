"""Saved views: in their owner's order, added once, as many as may be."""

import asyncio

import pytest

from store import Store
from store.db.request_keys import RequestKey
from store.errors import TooManyViews, ViewNameTaken
from store.saved_views import SavedView, ViewOwner, ViewOwnerKind

LIU = ViewOwner(ViewOwnerKind.PERSON, "liu.yang")
NORTH = ViewOwner(ViewOwnerKind.TEAM, "north")
NAMESAKE = ViewOwner(ViewOwnerKind.TEAM, "liu.yang")
QUERY = {"view": "due", "kind": "complaint"}


async def add(
    store: Store, tenant: str, name: str, owner: ViewOwner = LIU, key: str | None = None
) -> SavedView:
    request_key = RequestKey("staff:liu.yang", key) if key else None
    return await store.saved_views.add(
        tenant, owner, name, QUERY, by="liu.yang", most=5, key=request_key
    )


async def names(store: Store, tenant: str, *owners: ViewOwner) -> list[str]:
    return [view.name for view in await store.saved_views.of(tenant, owners)]


async def test_views_are_their_owners(store: Store, tenant: str) -> None:
    for name, owner in (("甲", LIU), ("乙", LIU), ("丙", NORTH), ("丁", NAMESAKE)):
        view = await add(store, tenant, name, owner)
        assert (view.name, view.owner, view.query) == (name, owner, QUERY)
        assert await store.saved_views.get(tenant, view.id) == view
        assert await store.saved_views.get(f"not-{tenant}", view.id) is None
    assert await names(store, tenant, LIU) == ["甲", "乙"]
    assert await names(store, tenant, NORTH, LIU) == ["甲", "乙", "丙"]
    assert await names(store, f"not-{tenant}", NORTH, LIU) == []


async def test_a_view_is_changed_and_removed(store: Store, tenant: str) -> None:
    view = await add(store, tenant, "甲")
    await store.saved_views.change(tenant, view.id, name="乙")
    await store.saved_views.change(tenant, view.id, query={"view": "all"})
    await store.saved_views.change(tenant, view.id)
    changed = await store.saved_views.get(tenant, view.id)
    assert changed is not None
    assert (changed.name, changed.query, changed.place) == ("乙", {"view": "all"}, view.place)
    await store.saved_views.remove(f"not-{tenant}", view.id)
    assert await store.saved_views.get(tenant, view.id) == changed
    await store.saved_views.remove(tenant, view.id)
    await store.saved_views.remove(tenant, view.id)
    assert await names(store, tenant, LIU) == []


async def test_the_order_is_as_it_was_put(store: Store, tenant: str) -> None:
    ids = {name: (await add(store, tenant, name)).id for name in "abcd"}
    other = await add(store, tenant, "x", NORTH)
    await store.saved_views.order(tenant, LIU, [ids["d"], other.id, "nothing", ids["b"]])
    assert await names(store, tenant, LIU) == ["d", "b", "a", "c"]
    await add(store, tenant, "e")
    assert await names(store, tenant, LIU) == ["d", "b", "a", "c", "e"]
    assert await names(store, tenant, NORTH) == ["x"]


async def test_a_request_adds_one(store: Store, tenant: str) -> None:
    first, again = [await add(store, tenant, "甲", key="k") for _ in range(2)]
    assert first == again
    at_once = await asyncio.gather(*(add(store, tenant, "乙", key="k2") for _ in range(4)))
    assert len({view.id for view in at_once}) == 1
    assert await names(store, tenant, LIU) == ["甲", "乙"]


async def test_a_name_is_its_owners_once(store: Store, tenant: str) -> None:
    await add(store, tenant, "甲", key="k")
    second = await add(store, tenant, "乙")
    with pytest.raises(ViewNameTaken):
        await add(store, tenant, "甲", key="k2")
    with pytest.raises(ViewNameTaken):
        await store.saved_views.change(tenant, second.id, name="甲")
    await store.saved_views.change(tenant, second.id, name="乙", query={"view": "all"})
    await add(store, tenant, "甲", NORTH)
    assert await names(store, tenant, LIU, NORTH) == ["甲", "乙", "甲"]


async def test_nobody_has_more_than_may_be(store: Store, tenant: str) -> None:
    for n in range(5):
        await add(store, tenant, str(n), key=str(n))
    with pytest.raises(TooManyViews):
        await add(store, tenant, "6")
    assert (await add(store, tenant, "4", key="4")).name == "4"
    assert (await add(store, tenant, "丙", NORTH)).name == "丙"
