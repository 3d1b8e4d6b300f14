"""The units of a return: where each is, what was decided on it, how it is settled (A 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.engine.case import Case
from domain.language.goods import Decision, Goods, Settlement, UnitView, Whereabouts
from domain.language.values import Money

from . import forms_v2
from .forms import Grade, LineRuling, Payer, Review, Ruling

ONLY_LINE = "1"
"""The line of a return that came without an order: one thing, of an unknown price."""


TAKEN = frozenset({Decision.ACCEPTED, Decision.GOODWILL})
HERE = frozenset({Whereabouts.RECEIVED, Whereabouts.WRONG_ITEM})
COMING = frozenset({Whereabouts.AWAITED, Whereabouts.IN_TRANSIT})
GONE = frozenset({Settlement.REPLACED, Settlement.RETURNED, Settlement.SCRAPPED})
"""Settlements after which we owe nothing for goods that came, or have them no more."""


@dataclass(frozen=True)
class Unit:
    """One unit of the goods of a return.

    Args:
        goods: the line of the order that it is of.
        place: which of the line's units it is, from 1.
        serial: its own, as sold or as it was read when it came.
        whereabouts: where it is.
        decision: what was decided.
        ruling: what an accepted one brings the customer.
        approved: what is paid back for it.
        grade: in what condition it came.
        settlement: how it was settled.
        freight: who bears the freight.
    """

    goods: Goods
    place: int
    serial: str | None = None
    whereabouts: Whereabouts = Whereabouts.WITH_CUSTOMER
    decision: Decision = Decision.UNDECIDED
    ruling: Ruling | None = None
    approved: Money | None = None
    grade: Grade | None = None
    settlement: Settlement = Settlement.NONE
    freight: Payer | None = None

    @property
    def line(self) -> str:
        """The line that it is of."""
        return self.goods.line

    @property
    def is_here_uninspected(self) -> bool:
        """Whether it is here and nobody has looked at it."""
        return self.is_with_us and self.grade is None

    @property
    def is_due_refund(self) -> bool:
        """Whether it is here to be paid back, or was."""
        if self.settlement in (Settlement.REFUND_PENDING, Settlement.REFUNDED):
            return True
        taken = self.decision in TAKEN and self.ruling is Ruling.REFUND
        return taken and self.is_here_uninspected

    @property
    def is_open(self) -> bool:
        """Whether a review may still decide on it: its money was not paid back."""
        return self.settlement is not Settlement.REFUNDED

    @property
    def is_with_us(self) -> bool:
        """Whether we have it, and owe the customer something for it."""
        return self.whereabouts in HERE and self.settlement not in GONE

    @property
    def is_given_twice(self) -> bool:
        """Whether new goods go out, or went, while the customer keeps the old ones."""
        exchanged = (Settlement.REPLACED, Settlement.REPLACEMENT_PENDING)
        return self.settlement in exchanged and self.whereabouts is Whereabouts.NOT_REQUIRED

    def view(self) -> UnitView:
        """Return what pages and callers are shown."""
        return UnitView(
            line=self.line,
            place=self.place,
            product=self.goods.product,
            serial=self.serial,
            goods=self.whereabouts,
            decision=self.decision,
            settlement=self.settlement,
            grade=self.grade,
            amount=self.approved,
            freight=self.freight,
        )


Units = tuple[Unit, ...]


def goods_of(case: Case) -> Sequence[Goods]:
    """Return the lines that a return is about; without an order one line of one thing."""
    product = case.opening.product or "-"
    return case.opening.goods or (Goods(line=ONLY_LINE, product=product),)


def delivered_on(review: Review | LineRuling | forms_v2.Review, goods: Goods) -> date | None:
    """Return when a line was delivered: as the order says, or else as the review does."""
    return goods.delivered_on or review.delivered_on


def pending(units: Iterable[Unit], settlement: Settlement) -> list[Unit]:
    """Return the units that wait for this settlement."""
    return [unit for unit in units if unit.settlement is settlement]


def sum_of(units: Iterable[Unit]) -> Money | None:
    """Return what is paid back for the units in sum; None if nothing was approved for any."""
    amounts = [unit.approved for unit in units if unit.approved]
    if not amounts:
        return None
    total = sum((money.amount for money in amounts), Decimal())
    return amounts[0].model_copy(update={"amount": total})
