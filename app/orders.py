"""Orders: hand them in, read one, import a file of them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Final, Protocol

from app.authentication import Principal
from app.authorization import check_order, check_put_orders, reach_of, sees_order
from app.errors import Malformed, OrdersDown, Unacceptable, invalid
from app.order_file import OrderRow, future_deliveries, read_order_file
from app.order_goods import NewLine, chosen_goods, find_goods
from app.services import Services
from app.step_forms import references
from domain.engine.process import Process
from domain.language.forms import Form
from domain.language.orders import NewOrder, Order
from domain.language.spellings import plain_code, spellings
from store.db.clock import utc_now
from store.intake.records import OrderGoods

CSV: Final = "text/csv"


class ImportOutcome(StrEnum):
    """What becomes of the order of a row."""

    ADDED = auto()
    REPLACED = auto()


@dataclass(frozen=True)
class ImportedRow:
    """A row of a file: its line there, what it is about, and what becomes of its order."""

    row: int
    order: str
    line: str
    outcome: ImportOutcome


@dataclass(frozen=True)
class OrderImport:
    """What an import did; in a dry run, what it would do."""

    dry_run: bool
    orders: int
    rows: tuple[ImportedRow, ...]


class NamedGoods(Protocol):
    """What a start says of the goods that it is about."""

    @property
    def order(self) -> str | None: ...

    @property
    def product(self) -> str | None: ...

    @property
    def lines(self) -> Sequence[NewLine] | None: ...

    @property
    def order_may_be_unread(self) -> bool: ...


async def put_order(services: Services, caller: Principal, id: str, new: NewOrder) -> Order:
    """Write an order; one with the same id, however it is spelt, is replaced.

    Raises:
        Forbidden: only systems and administrators may.
        OrdersElsewhere: another system has the orders.
        Unacceptable: a line was delivered on a day that is still to come.
        StoreDown
    """
    check_put_orders(caller)
    services.orders.check_writable()
    if faults := future_deliveries(new, _today(services)):
        raise Unacceptable(*faults)
    await services.store.orders.put(caller.tenant, caller.source, [(id, new)])
    return Order(**dict(new), id=id, source=caller.source)


async def find_order(services: Services, caller: Principal, id: str) -> Order:
    """Return the order with this id.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
        OrdersDown, StoreDown
    """
    order = await services.orders.find(caller.tenant, id)
    return check_order(caller, order, named=await _is_named(services, caller, order))


async def find_orders(services: Services, caller: Principal, text: str) -> list[Order]:
    """Return the orders with this number, else those with a unit of this serial number.

    Raises:
        OrdersDown, StoreDown
    """
    order = await services.orders.find(caller.tenant, text)
    found = [order] if order else await services.orders.find_by_serial(caller.tenant, text)
    seen = [(each, await _is_named(services, caller, each)) for each in found]
    return [order for order, named in seen if sees_order(caller, order, named=named)]


async def refuse_serial(services: Services, caller: Principal, text: str) -> None:
    """Refuse the serial number of a unit where the number of its order belongs.

    While nobody can look orders up, what is typed is taken as it is.

    Raises:
        Unacceptable: names the orders that have such a unit.
    """
    found: list[Order] = []
    with suppress(OrdersDown):
        found = await find_orders(services, caller, text)
    names = [each.id for each in found]
    if names and plain_code(text) not in map(plain_code, names):
        detail = f"This is the serial number of a unit of the order {', '.join(names)}."
        raise invalid("/order", "serial_of_order", detail, orders=names)


async def goods_of_start(
    services: Services,
    caller: Principal,
    process: Process,
    form: Form,
    named: NamedGoods,
) -> OrderGoods | None:
    """Return what a start is about: goods of its order, and units by the numbers read on them.

    None if it names neither an order that is known nor, where units are claimed, a unit.

    Raises:
        Unacceptable: the order does not have what is named, or is none.
        OrdersDown: the order cannot be read now.
    """
    goods = await find_goods(
        services.orders,
        caller.tenant,
        named.order,
        named.lines,
        may_be_unread=named.order_may_be_unread,
        claimed=process.claims_units,
    )
    if named.order is not None and goods is None:
        await refuse_serial(services, caller, named.order)
    if not process.claims_units:
        return goods
    if named.order is None:
        goods = await goods_of_unit(services, caller, form, named.product)
    serials = tuple(references(form, "unit").values())
    if not serials:
        return goods
    goods = goods or OrderGoods(order=named.order, goods=(), claimed=True)
    return goods.model_copy(update={"serials": serials, "product": named.product})


async def goods_of_unit(
    services: Services, caller: Principal, form: Form, product: str | None
) -> OrderGoods | None:
    """Return the unit of an order that a form names by its serial number, to be claimed.

    None unless exactly one order that the caller sees has it, of this product if one is named;
    also while nobody can look orders up.
    """
    for serial in references(form, "unit").values():
        found: list[Order] = []
        with suppress(OrdersDown):
            found = await find_orders(services, caller, serial)
        units = [
            (order, line)
            for order in found
            for line in order.lines
            if plain_code(serial) in map(plain_code, line.serials)
            and (product is None or plain_code(product) == plain_code(line.product))
        ]
        if len(units) == 1:
            order, line = units[0]
            goods = chosen_goods(order, [NewLine(line=line.line, serials=(serial,))])
            return OrderGoods(order=order.id, goods=goods, claimed=True, total=order.total)
    return None


async def import_orders(
    services: Services, caller: Principal, body: bytes, *, dry_run: bool
) -> OrderImport:
    """Write all orders of a CSV file, or none; in a dry run only say what would be done.

    Raises:
        Forbidden: only systems and administrators may.
        OrdersElsewhere: another system has the orders.
        Unacceptable: with a fault for each wrong row.
        StoreDown
    """
    check_put_orders(caller)
    services.orders.check_writable()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("not_utf8") from None
    rows, orders = read_order_file(text, _today(services))
    known = await services.store.orders.known(caller.tenant, orders)
    if not dry_run:
        await services.store.orders.put(caller.tenant, caller.source, orders.items())
    return OrderImport(dry_run, len(orders), tuple(_imported(row, known) for row in rows))


def _today(services: Services) -> date:
    return utc_now().astimezone(services.business_zone).date()


def _imported(row: OrderRow, known: set[str]) -> ImportedRow:
    is_known = plain_code(row.order) in known
    outcome = ImportOutcome.REPLACED if is_known else ImportOutcome.ADDED
    return ImportedRow(row.row, row.order, row.line, outcome)


async def _is_named(services: Services, caller: Principal, order: Order | None) -> bool:
    """Say whether a case that the caller sees names the order, where that matters."""
    if order is None or (reach := reach_of(caller)) is None:
        return False
    written = spellings(order.id)
    found = await services.store.case_search.by_reference(caller.tenant, written, 1, reach)
    return bool(found["order"])
