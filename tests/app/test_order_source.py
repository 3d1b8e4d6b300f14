"""Orders of another system: what it answers, and what becomes of a start when it does not."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from app.errors import OrdersDown, OrdersElsewhere, Unacceptable
from app.order_goods import NewLine, find_goods
from app.order_source import HttpOrders
from tests.support.receiver import ReceivedRequest, Receiver, Reply, serving

LINE = {"line": "1", "product": "P-1", "quantity": 2, "unit_price": "9.90", "colour": "red"}
ORDER = {"id": "SO-1", "currency": "CNY", "lines": [LINE], "warehouse": "north"}


@dataclass
class Shop(Receiver):
    """Another system with one order; `answer` is what it says instead."""

    answer: Reply | None = None
    asked: list[ReceivedRequest] = field(default_factory=list)

    async def reply(self, received: ReceivedRequest) -> Reply:
        self.asked.append(received)
        if self.answer:
            return self.answer
        path, _, query = received.path.partition("?")
        if query:
            return Reply(200, json.dumps({"items": [ORDER]}))
        known = path.lower().endswith("/so-1")
        return Reply(200, json.dumps(ORDER)) if known else Reply(404, "{}")


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with serving(Shop()) as shop:
        yield shop


@pytest.fixture
def orders(shop: Shop) -> HttpOrders:
    return HttpOrders(shop.url, "secret", timeout=5)


async def test_an_order_is_read_and_what_we_do_not_know_passed_over(
    shop: Shop, orders: HttpOrders
) -> None:
    order = await orders.find("brand", "so-1")
    assert order is not None
    assert (order.id, order.lines[0].quantity, order.lines[0].unit_price) == ("SO-1", 2, "9.90")
    (asked,) = shop.asked
    assert (asked.headers["authorization"], asked.headers["banjie-tenant"]) == (
        "Bearer secret",
        "brand",
    )
    assert [each.id for each in await orders.find_by_serial("brand", "SN 1&x=2")] == ["SO-1"]


async def test_one_that_is_not_there_is_none(orders: HttpOrders) -> None:
    assert await orders.find("brand", "SO-2/../SO-3?x") is None
    with pytest.raises(OrdersElsewhere):
        orders.check_writable()


@pytest.mark.parametrize(
    "answer",
    [
        Reply(500, "{}"),
        Reply(302, ""),
        Reply(200, "<html>"),
        Reply(200, "[]"),
        Reply(200, json.dumps({**ORDER, "id": "SO-9"})),
        Reply(200, json.dumps({**ORDER, "lines": [{**LINE, "quantity": -1}]})),
        Reply(200, json.dumps({"id": "SO-1"})),
    ],
)
async def test_anything_else_is_a_failure(shop: Shop, orders: HttpOrders, answer: Reply) -> None:
    shop.answer = answer
    with pytest.raises(OrdersDown):
        await orders.find("brand", "SO-1")


async def test_an_answer_without_an_end_is_a_failure(shop: Shop) -> None:
    shop.answer = Reply(200, endless=True)
    with pytest.raises(OrdersDown):
        await HttpOrders(shop.url, timeout=0.2).find("brand", "SO-1")


async def test_nobody_there_is_a_failure() -> None:
    with pytest.raises(OrdersDown):
        await HttpOrders("http://127.0.0.1:1").find("brand", "SO-1")


async def test_a_start_may_go_on_without_an_order_that_cannot_be_read() -> None:
    gone = HttpOrders("http://127.0.0.1:1")
    lines = [NewLine(line="1")]
    assert await find_goods(gone, "b", "SO-1", None, may_be_unread=True, claimed=True) is None
    for may_be_unread, named in ((False, None), (True, lines)):
        with pytest.raises(OrdersDown):
            await find_goods(gone, "b", "SO-1", named, may_be_unread=may_be_unread, claimed=True)


async def test_the_goods_of_a_start_come_from_the_other_system(orders: HttpOrders) -> None:
    named = [NewLine(line="1", quantity=1)]
    found = await find_goods(orders, "b", "so-1", named, may_be_unread=False, claimed=True)
    assert found is not None
    assert (found.order, found.goods[0].quantity, found.goods[0].ordered) == ("SO-1", 1, 2)
    with pytest.raises(Unacceptable):
        await find_goods(orders, "b", "SO-2", named, may_be_unread=False, claimed=True)
