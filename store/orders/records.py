"""Which units a case is about, as they are claimed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.language.goods import Goods
from domain.language.spellings import plain_code


@dataclass(frozen=True)
class LineClaim:
    """Units of one line of an order; all names are in their plain spelling.

    Of a unit that no order knows there is only the serial number that somebody read on it: its
    order is `UNKNOWN_ORDER`, its line the number itself.

    Args:
        order: the order.
        line: the line.
        ordered: how many units the line has.
        quantity: how many of them are claimed.
        serials: the serial numbers of those of which it is known.
        product: what it is, as far as that is known.
    """

    order: str
    line: str
    ordered: int
    quantity: int
    serials: tuple[str, ...] = ()
    product: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """The serial numbers by which its units are known."""
        return (self.line,) if self.is_read else self.serials

    @property
    def names(self) -> tuple[str, ...]:
        """What another claim of the same units has in common with it."""
        return self.numbers if self.is_read else (self.order, *self.numbers)

    @property
    def is_read(self) -> bool:
        """Whether it is of a unit of which only the serial number is known, as it was read."""
        return self.order == UNKNOWN_ORDER


UNKNOWN_ORDER: Final = ""
"""The order of units that no order knows."""

MOST_ALIKE: Final = 100
"""How many things of different products may have one serial number at a time."""


def claims_of(
    order: str | None,
    goods: Iterable[Goods],
    serials: Iterable[str] = (),
    product: str | None = None,
) -> tuple[LineClaim, ...]:
    """Return what a case claims, in the order in which it is claimed.

    Args:
        order: the order of the goods.
        goods: the lines of it that the case is about.
        serials: of what units people read the serial numbers; those of the goods are among them
            or not.
        product: what the case says that it is about.
    """
    claims = _claims_of_goods(order, goods) if order is not None else []
    known = {serial for claim in claims for serial in claim.serials}
    read = sorted({plain_code(serial) for serial in serials} - known)
    claims += [
        LineClaim(
            order=UNKNOWN_ORDER,
            line=serial,
            ordered=MOST_ALIKE,
            quantity=1,
            product=plain_code(product) if product else None,
        )
        for serial in read
    ]
    # All cases claim in one order, so that two transactions never wait for each other.
    return tuple(sorted(claims, key=lambda claim: (claim.order, claim.line)))


def _claims_of_goods(order: str, goods: Iterable[Goods]) -> list[LineClaim]:
    return [
        LineClaim(
            order=plain_code(order),
            line=plain_code(each.line),
            ordered=each.ordered or each.quantity,
            quantity=each.quantity,
            serials=tuple(plain_code(serial) for serial in each.serials),
            product=plain_code(each.product),
        )
        for each in goods
    ]
