"""Which units a case is about, as they are claimed."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.language.goods import Goods
from domain.language.spellings import plain_code


@dataclass(frozen=True)
class LineClaim:
    """Units of one line of an order; all names are in their plain spelling.

    Args:
        order: the order.
        line: the line.
        ordered: how many units the line has.
        quantity: how many of them are claimed.
        serials: the serial numbers of those of which it is known.
    """

    order: str
    line: str
    ordered: int
    quantity: int
    serials: tuple[str, ...] = ()


def claims_of(order: str | None, goods: Iterable[Goods]) -> tuple[LineClaim, ...]:
    """Return what a case about these goods claims, in the order in which it is claimed."""
    if order is None:
        return ()
    claims = [
        LineClaim(
            order=plain_code(order),
            line=plain_code(each.line),
            ordered=each.ordered or each.quantity,
            quantity=each.quantity,
            serials=tuple(plain_code(serial) for serial in each.serials),
        )
        for each in goods
    ]
    # All cases claim in one order, so that two transactions never wait for each other.
    return tuple(sorted(claims, key=lambda claim: claim.line))
