"""Goods: the lines of an order that a case is about, and each unit of them as a case sees it."""

from datetime import date
from enum import StrEnum, auto
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.language.values import Money


def _stored_money(value: object) -> object:
    return value if value is None or isinstance(value, Money) else Money.stored(value)


StoredMoney = Annotated[Money | None, BeforeValidator(_stored_money)]
"""Money that was checked when it came in, and is read back as it is kept."""


class Goods(BaseModel):
    """One line of an order, as the order had it when the case was opened.

    `quantity` is how many units the case is about, `ordered` how many the line had; `unit_price` is
    what the customer paid for one, `serials` are those of the units as far as they are known, and
    `channel` is where it was sold.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    line: str
    product: str
    name: str | None = None
    quantity: Annotated[int, Field(ge=1)] = 1
    ordered: Annotated[int, Field(ge=1)] | None = None
    serials: tuple[str, ...] = ()
    unit_price: StoredMoney = None
    delivered_on: date | None = None
    channel: str | None = None
    product_line: str | None = None
    warranty_until: date | None = None


class Whereabouts(StrEnum):
    """Where a unit is: with the customer until a review takes it, and says how it comes to us."""

    WITH_CUSTOMER = auto()
    NOT_REQUIRED = auto()
    AWAITED = auto()
    IN_TRANSIT = auto()
    RECEIVED = auto()
    WRONG_ITEM = auto()
    SHORT = auto()
    LOST = auto()
    LAPSED = auto()


class Decision(StrEnum):
    """What was decided on a unit."""

    UNDECIDED = auto()
    NEEDS_A_PERSON = auto()
    ACCEPTED = auto()
    GOODWILL = auto()
    REFUSED = auto()


class Settlement(StrEnum):
    """How a unit was settled with the customer."""

    NONE = auto()
    REFUND_PENDING = auto()
    REFUNDED = auto()
    REPLACEMENT_PENDING = auto()
    REPLACED = auto()
    RETURN_PENDING = auto()
    RETURNED = auto()
    SCRAP_PENDING = auto()
    SCRAPPED = auto()


class UnitView(BaseModel):
    """One unit of the goods as a case sees it: where it is, what was decided, how it was settled.

    `place` counts the units of a line from 1; `freight` is who bears it, as said or as it follows.
    """

    model_config = ConfigDict(frozen=True)

    line: str
    place: int
    product: str
    serial: str | None = None
    goods: Whereabouts
    decision: Decision
    settlement: Settlement
    grade: str | None = None
    amount: Money | None = None
    freight: str | None = None
