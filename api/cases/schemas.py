"""Cases in requests and responses."""

from typing import Annotated

from pydantic import Field, JsonValue

from api.http.schemas import CaseSummary, ProblemDetails, RequestModel, ResponseModel
from api.steps.schemas import Offer
from api.tasks.schemas import Task
from domain.engine.holds import Hold
from domain.language.entries import Entry
from domain.read_models.past import ClockReading, Moment

MAX_BULK = 100


class BulkStart(RequestModel):
    """Many cases; each is checked on its own, so that one wrong one does not stop the rest."""

    cases: Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=MAX_BULK)]


class CreatedCase(ResponseModel):
    """A case that is recorded: a read finds it."""

    case: CaseSummary


class AcceptedCase(ResponseModel):
    """A case that is durable and not recorded yet: a read finds it soon."""

    number: str


class BulkStartItem(ResponseModel):
    """What became of one case: its number, or a problem."""

    index: int
    status: int
    number: str | None = None
    problem: ProblemDetails | None = None


class BulkStartResult(ResponseModel):
    """What became of each case, in the order they were sent."""

    results: list[BulkStartItem]


class CaseListItem(CaseSummary):
    """A case in a list, with the customer's words."""

    words: str | None


class CasePage(ResponseModel):
    """A page of cases, the newest first; `next` is the cursor of the next one.

    `left_out` are the numbers of cases whose rows are damaged and so not among the items; each can
    be read by itself.
    """

    items: list[CaseListItem]
    next: str | None
    left_out: list[str] = []


class ContactPoint(ResponseModel):
    """One way to reach a customer."""

    kind: str
    value: str


class Customer(ResponseModel):
    """The customer's record."""

    ref: str
    name: str | None
    contacts: list[ContactPoint]


class CaseDetails(ResponseModel):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` has each clock's instances; `hold` tells staff why its task
    is on hold; `children` are the cases that came of it, as far as the caller sees them, a hundred
    at most. With `as_of` it is the case as it was then, as far as its entries tell: without the
    customer's record, children and offers.
    """

    as_of: Moment | None = None
    case: CaseSummary
    clocks: list[ClockReading]
    words: str | None
    proposal: dict[str, JsonValue]
    customer: Customer | None
    task: Task | None
    hold: Hold | None
    offers: list[Offer]
    task_actions: list[str]
    children: list[CaseListItem]


class CaseHistory(ResponseModel):
    """A case's entries; `next` is the `after` of those that follow."""

    items: list[Entry]
    next: int | None
