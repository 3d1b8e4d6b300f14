"""Starting a case once: the start, and what came of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.language.goods import Goods, StoredMoney
from store.customers.records import CustomerInput
from store.orders.records import LineClaim, claims_of

RECORDED: Final = 201
DURABLE: Final = 202
"""The status of a stored response: the case is recorded, or only durable yet."""


@dataclass(frozen=True, kw_only=True)
class StartIdentity:
    """What makes a start the same when it is tried again.

    Args:
        digest: the hash of the request's body.
        now: when the request came in.
        key: the client and its Idempotency-Key.
        ref: the source and its own reference for the case.
    """

    digest: str
    now: datetime
    key: tuple[str, str] | None = None
    ref: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Reservation(StartIdentity):
    """A case that is about to be started.

    Args:
        prefix: the kind's two letters.
        day: the business day that the number shows.
        source: who brings the case in; the customer's data is stored as given by it.
        customer: the customer's data.
        order_goods: the order and its goods that the case is about.
        instead_of: the case that this one goes on for: the units that it has claimed go over.
    """

    prefix: str
    day: date
    source: str
    customer: CustomerInput = field(default_factory=CustomerInput)
    order_goods: "OrderGoods | None" = None
    instead_of: str | None = None


class OrderGoods(BaseModel):
    """The goods of an order that a case is about, as they were when its start was first tried.

    There are none if it may be about any of them; `total` is what was paid for all of the order.
    `serials` are those that people read on the units of a `product`, whether an order knows them or
    not; then there may be no order. `claimed`: while the case is open, no other one may be about
    the same units.
    """

    model_config = ConfigDict(frozen=True)

    order: str | None
    goods: tuple[Goods, ...]
    claimed: bool
    total: StoredMoney = None
    serials: tuple[str, ...] = ()
    product: str | None = None

    @property
    def claims(self) -> tuple[LineClaim, ...]:
        """The units that are claimed."""
        if not self.claimed:
            return ()
        return claims_of(self.order, self.goods, self.serials, self.product)


@dataclass(frozen=True)
class StoredResponse:
    """The response to a start, stored so that a repetition gets the same one.

    That a case is durable is no final response: once it is recorded, a repetition hears that.
    """

    status: int
    body: JsonValue

    @property
    def is_final(self) -> bool:
        """Whether every repetition gets this response."""
        return self.status != DURABLE


@dataclass(frozen=True)
class Reserved:
    """The number that a start has, now or since it was first tried.

    `answered` is the final response, if there is one. `acknowledged`: an earlier request was told
    that the case is durable. `in_progress`: another request is working on it and has not answered
    yet. If it is none of these and not new, an earlier try broke off: start the workflow again
    under this number. `order_goods` are those of the first try.
    """

    number: str
    customer: str | None
    new: bool
    answered: StoredResponse | None = None
    in_progress: bool = False
    acknowledged: bool = False
    order_goods: OrderGoods | None = None


@dataclass(frozen=True)
class AnsweredStart:
    """A start that was answered, so that the case must exist."""

    number: str
    status: int
