"""The goods that a start names: lines of an order, how many units, which serial numbers."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.errors import FieldFault, OrdersDown, Unacceptable, invalid
from app.order_source import OrderSource
from domain.language.goods import Goods
from domain.language.orders import MAX_LINES, MAX_SERIALS, MAX_UNITS, Order, OrderLine, some_lines
from domain.language.spellings import plain_code
from domain.language.values import Code
from store.intake.records import OrderGoods


class NewLine(BaseModel):
    """A line of the order that a new case is about.

    Without `quantity` it is about as many units as it names `serials`, else about the whole line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Code
    quantity: Annotated[int | None, Field(ge=1, le=MAX_UNITS, strict=True)] = None
    serials: Annotated[tuple[Code, ...], Field(max_length=MAX_SERIALS)] = ()


NewLines = Annotated[
    tuple[NewLine, ...],
    Field(max_length=MAX_LINES, json_schema_extra={"minItems": 1}),
    AfterValidator(some_lines),
]


async def find_goods(
    source: OrderSource,
    tenant: str,
    id: str | None,
    lines: Sequence[NewLine] | None,
    *,
    may_be_unread: bool,
    claimed: bool,
) -> OrderGoods | None:
    """Return the goods of a start, as their order has them now; None if no order is known.

    Args:
        source: where the order is looked up.
        tenant: whose order it is.
        id: the order that the start names.
        lines: the lines that it names; without any it is about the only line, if there is one.
        may_be_unread: whether it goes on while nobody can read the order.
        claimed: whether other cases may not be about the same units.

    Raises:
        Unacceptable: the order does not have what is named; says what it has.
        OrdersDown: the order cannot be read now.
    """
    if id is None:
        if lines:
            raise invalid("/order", "lines_without_order", "Lines need the order they are of.")
        return None
    try:
        order = await source.find(tenant, id)
    except OrdersDown:
        if may_be_unread and not lines:
            return None
        raise
    if order is None:
        if lines:
            raise invalid("/order", "unknown_order", "This order is not known, so it has no lines.")
        return None
    goods = chosen_goods(order, lines)
    return OrderGoods(order=order.id, goods=goods, claimed=claimed, total=order.total)


def chosen_goods(order: Order, lines: Sequence[NewLine] | None) -> tuple[Goods, ...]:
    """Return the goods that are named; without lines the only line, whole.

    Raises:
        Unacceptable: the order does not have what is named; says what it has.
    """
    if not lines:
        return (order.goods(order.lines[0], *_whole(order.lines[0])),) if _is_single(order) else ()
    chosen = [(new, order.find_line(new.line)) for new in lines]
    faults = [
        fault
        for place, (new, line) in enumerate(chosen)
        for fault in _faults(order, f"/lines/{place}", new, line)
    ]
    names = [plain_code(new.line) for new in lines]
    faults += [
        FieldFault(f"/lines/{place}/line", "repeated", "It is there twice.")
        for place, name in enumerate(names)
        if name in names[:place]
    ]
    if faults:
        raise Unacceptable(*faults)
    return tuple(order.goods(line, *_units(new, line)) for new, line in chosen if line)


def _is_single(order: Order) -> bool:
    return len(order.lines) == 1


def _whole(line: OrderLine) -> tuple[int, tuple[str, ...]]:
    return line.quantity, line.serials


def _units(new: NewLine, line: OrderLine) -> tuple[int, tuple[str, ...]]:
    """Return how many units are meant, and which serial numbers are known of them."""
    named = {plain_code(serial) for serial in new.serials}
    quantity = new.quantity or len(named) or line.quantity
    if quantity == line.quantity:
        return _whole(line)
    return quantity, tuple(each for each in line.serials if plain_code(each) in named)


def _faults(
    order: Order, pointer: str, new: NewLine, line: OrderLine | None
) -> Iterator[FieldFault]:
    if line is None:
        names = [each.line for each in order.lines]
        detail = f"The order has the lines {', '.join(names)}."
        yield FieldFault(f"{pointer}/line", "unknown_line", detail, {"lines": names})
        return
    if new.quantity is not None and new.quantity > line.quantity:
        detail = f"The line has {line.quantity} units."
        bound = {"max": line.quantity}
        yield FieldFault(f"{pointer}/quantity", "too_many_units", detail, bound)
    if new.quantity is not None and new.quantity < len(new.serials):
        detail = "There are more serial numbers than units."
        bound = {"max": new.quantity}
        yield FieldFault(f"{pointer}/serials", "more_serials", detail, bound)
    yield from _wrong_serials(f"{pointer}/serials", new, line)


def _wrong_serials(pointer: str, new: NewLine, line: OrderLine) -> Iterator[FieldFault]:
    of_line = {plain_code(serial) for serial in line.serials}
    seen = set[str]()
    for place, serial in enumerate(map(plain_code, new.serials)):
        if serial not in of_line:
            known = list(line.serials)
            detail = f"The line has the serial numbers {', '.join(known) or '-'}."
            bound = {"serials": known or ["-"]}
            yield FieldFault(f"{pointer}/{place}", "unknown_serial", detail, bound)
        elif serial in seen:
            yield FieldFault(f"{pointer}/{place}", "repeated", "It is there twice.")
        seen.add(serial)
