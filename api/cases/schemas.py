"""Cases in requests and responses."""

from typing import Annotated

from pydantic import Field, JsonValue

from api.cases.comments import Comment
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
    """A case that was started; without `case` it is durable and not recorded yet.

    A repetition gets the same number, and once the case is recorded, the case.
    """

    number: str
    case: CaseSummary | None


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
    """A case in a list, with the customer's words; staff see how many messages are unread."""

    words: str | None
    unread_customer_messages: int = 0


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
    """The customer's record; `names` are all that were given, as people share telephones.

    A system is shown what it gave with this case.
    """

    ref: str
    name: str | None
    contacts: list[ContactPoint]
    names: list[str] = []


class CaseDetails(ResponseModel):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` has each clock's instances; `hold` tells staff why its task is on hold; `children` are
    the cases that came of it, as far as the caller sees them, a hundred at most; `comments` are the
    newest twenty that the caller may read, and `unread_customer_messages` says how many of the
    customer's nobody on the staff has read. With `as_of` it is the case as it was then, as far as
    its entries tell: without the
    customer's record, comments, children and offers.
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
    comments: list[Comment] = []
    unread_customer_messages: int = 0


class CaseHistory(ResponseModel):
    """A case's entries; `next` is the `after` of those that follow."""

    items: list[Entry]
    next: int | None
