"""Starting a case once: what is handed in, and what came of it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import JsonValue

from store.customers.records import CustomerGiven


@dataclass(frozen=True, kw_only=True)
class Identified:
    """A start by what makes it the same when it is tried again.

    Args:
        digest: the hash of the request's body.
        now: when it came in.
        key: the client and its Idempotency-Key.
        ref: the source and its own reference for the case.
    """

    digest: str
    now: datetime
    key: tuple[str, str] | None = None
    ref: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Reservation(Identified):
    """A case that is about to be started.

    Args:
        prefix: the kind's two letters.
        day: the business day, as the number shows it.
        source: who brings it in; what is said of the customer is kept as said by it.
        customer: what is known of the customer.
    """

    prefix: str
    day: date
    source: str
    customer: CustomerGiven = field(default_factory=CustomerGiven)


@dataclass(frozen=True)
class Answer:
    """What was answered to a start, kept so that it can be said again."""

    status: int
    body: JsonValue


@dataclass(frozen=True)
class Reserved:
    """The number that a start has, now or since it was first tried.

    `in_progress`: another request is at it and has not answered yet. Not new, not answered and not
    in progress means that an earlier try broke off: start the workflow again under this number.
    """

    number: str
    customer: str | None
    new: bool
    answered: Answer | None = None
    in_progress: bool = False


@dataclass(frozen=True)
class Acknowledged:
    """A start that was answered: the case must exist."""

    number: str
    status: int
