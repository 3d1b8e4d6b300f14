"""Orders as the store keeps them: replaced as a whole, found however their ids are spelt."""

import asyncio
from datetime import date

import pytest

from domain.language.orders import NewOrder, Order
from store import Store

PHONE: dict[str, object] = {
    "line": "1", "product": "P-100", "name": "手机", "quantity": 2, "unit_price": "1999.00",
    "delivered_on": "2026-03-01", "product_line": "phones", "warranty_until": "2027-03-01",
    "serials": ["SN-1", "SN-2"],
}  # fmt: skip
CABLE: dict[str, object] = {"line": "2", "product": "C-7", "unit_price": "19.90"}


def order(*lines: dict[str, object], **more: object) -> NewOrder:
    return NewOrder.model_validate({"lines": lines, "channel": "app", **more})


async def found(store: Store, tenant: str, id: str) -> Order:
    known = await store.orders.find(tenant, id)
    assert known is not None
    return known


async def test_an_order_comes_back_as_it_was(store: Store, tenant: str) -> None:
    new = order(PHONE, CABLE, placed_on="2026-02-27", customer="cu-1")
    await store.orders.put(tenant, "shop", [("SO-１ a".replace(" ", "-"), new)])
    known = await found(store, tenant, "so-1-A")
    assert (known.id, known.source) == ("SO-１-a", "shop")
    assert dict(known) == {**dict(new), "id": known.id, "source": "shop"}
    assert known.lines[0].delivered_on == date(2026, 3, 1)
    assert await store.orders.find("another", "SO-1-A") is None


async def test_an_order_that_comes_again_replaces_the_first(store: Store, tenant: str) -> None:
    await store.orders.put(tenant, "shop", [("SO-2", order(PHONE, CABLE))])
    await store.orders.put(tenant, "erp", [("so-2", order(CABLE))])
    known = await found(store, tenant, "SO-2")
    assert (known.id, known.source, [each.line for each in known.lines]) == ("so-2", "erp", ["2"])
    assert await store.orders.find_by_serial(tenant, "SN-1", 5) == []


async def test_orders_are_found_by_serial_number(store: Store, tenant: str) -> None:
    await store.orders.put(tenant, "shop", [("SO-3", order(PHONE)), ("SO-4", order(CABLE))])
    assert [each.id for each in await store.orders.find_by_serial(tenant, "ｓｎ-2", 5)] == ["SO-3"]
    assert await store.orders.find_by_serial("another", "SN-2", 5) == []
    assert await store.orders.known(tenant, ["so-3", "SO-5"]) == {"so-3"}


async def test_of_many_all_are_written_or_none(store: Store, tenant: str) -> None:
    broken = order(CABLE).model_copy(update={"currency": None})
    with pytest.raises(Exception, match=r"NOT NULL|null value"):
        await store.orders.put(tenant, "shop", [("SO-5", order(CABLE)), ("SO-6", broken)])
    assert await store.orders.find(tenant, "SO-5") is None


async def test_two_that_write_one_order_leave_one_whole(store: Store, tenant: str) -> None:
    news = [order(PHONE), order(PHONE, CABLE), order(CABLE)]
    await asyncio.gather(*(store.orders.put(tenant, "shop", [("SO-7", new)]) for new in news))
    assert (await found(store, tenant, "SO-7")).lines in [new.lines for new in news]
