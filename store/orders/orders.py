"""The orders that were handed in, where no other system is asked for them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.orders import NewOrder, Order
from domain.language.spellings import plain_code
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import upsert
from store.orders.tables import order_lines, order_serials, orders

ORDER_COLUMNS: Final = tuple(column.name for column in orders.columns)
LINE_COLUMNS: Final = tuple(
    column.name for column in order_lines.columns if column.name not in {"tenant", "order", "place"}
)


class Orders:
    """Keeps orders; an order that comes again replaces the one that was there."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def put(self, tenant: str, source: str, new: Iterable[tuple[str, NewOrder]]) -> None:
        """Write orders, each under its id, all of them or none.

        Raises:
            Unstorable, StoreDown
        """
        async with self._sessions.writing() as connection:
            # In one order everywhere, so that two transactions never wait for each other.
            for id, order in sorted(new, key=lambda each: plain_code(each[0])):
                await self._put(connection, tenant, source, id, order)

    async def find(self, tenant: str, id: str) -> Order | None:
        """Return the order with this id, however it is spelt."""
        async with self._sessions.reading() as connection:
            found = await _read(connection, tenant, [plain_code(id)])
        return found[0] if found else None

    async def known(self, tenant: str, ids: Iterable[str]) -> set[str]:
        """Return which of these ids are there already, in their plain spelling."""
        keys = {plain_code(id) for id in ids}
        query = select(orders.c.key).where(orders.c.tenant == tenant, orders.c.key.in_(keys))
        async with self._sessions.reading() as connection:
            return set((await connection.scalars(query)).all())

    async def find_by_serial(self, tenant: str, serial: str, limit: int) -> list[Order]:
        """Return the orders with a unit of this serial number, by id."""
        query = select(order_serials.c.order).distinct()
        query = query.where(
            order_serials.c.tenant == tenant, order_serials.c.key == plain_code(serial)
        )
        async with self._sessions.reading() as connection:
            keys = (
                await connection.scalars(query.order_by(order_serials.c.order).limit(limit))
            ).all()
            return await _read(connection, tenant, keys)

    async def _put(
        self, connection: AsyncConnection, tenant: str, source: str, id: str, order: NewOrder
    ) -> None:
        key = plain_code(id)
        row = order.model_dump(include={"channel", "customer", "placed_on", "currency"})
        row |= {"tenant": tenant, "key": key, "id": id, "source": source}
        row["updated_at"] = self._clock()
        # The order's row comes first: two that write one order wait for each other there.
        await connection.execute(upsert(connection, orders, ORDER_COLUMNS), row)
        # The serial numbers go with their lines.
        for child in (order_serials, order_lines):
            await connection.execute(
                delete(child).where(child.c.tenant == tenant, child.c.order == key)
            )
        of_order = {"tenant": tenant, "order": key}
        lines = [
            {**of_order, "place": place, **line.model_dump(exclude={"serials"})}
            for place, line in enumerate(order.lines)
        ]
        await connection.execute(insert(order_lines), lines)
        serials = [
            {**of_order, "place": place, "n": n, "serial": serial, "key": plain_code(serial)}
            for place, line in enumerate(order.lines)
            for n, serial in enumerate(line.serials)
        ]
        if serials:
            await connection.execute(insert(order_serials), serials)


async def _read(connection: AsyncConnection, tenant: str, keys: Sequence[str]) -> list[Order]:
    """Return these orders with their lines, by key."""
    if not keys:
        return []
    query = select(orders).where(orders.c.tenant == tenant, orders.c.key.in_(keys))
    rows = (await connection.execute(query.order_by(orders.c.key))).mappings().all()
    lines = await _lines(connection, tenant, keys)
    return [
        Order.model_validate({**row, "lines": lines[row["key"]]}, context={"stored": True})
        for row in rows
    ]


async def _lines(
    connection: AsyncConnection, tenant: str, keys: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    serials: dict[tuple[str, int], list[str]] = defaultdict(list)
    query = select(order_serials).where(
        order_serials.c.tenant == tenant, order_serials.c.order.in_(keys)
    )
    for row in await connection.execute(query.order_by(*order_serials.primary_key)):
        serials[row.order, row.place].append(row.serial)
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    of_lines = select(order_lines).where(
        order_lines.c.tenant == tenant, order_lines.c.order.in_(keys)
    )
    rows = await connection.execute(of_lines.order_by(*order_lines.primary_key))
    for line in rows.mappings():
        of_line = serials[line["order"], line["place"]]
        columns = {name: line[name] for name in LINE_COLUMNS}
        lines[line["order"]].append({**columns, "serials": of_line})
    return lines
