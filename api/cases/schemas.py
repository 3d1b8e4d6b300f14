"""Cases in requests and responses."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from api.cases.comments import Comment
from api.http.schemas import CaseSummary, ProblemDetails, RequestModel, ResponseModel
from api.steps.schemas import Offer
from api.tasks.schemas import Task
from app.import_cases import DEFAULT_SOURCE, MAX_LINES, ImportStatus
from domain.engine.holds import Hold
from domain.engine.side_tasks import SideSort, SideState
from domain.language.entries import Entry
from domain.language.values import Code, Instant
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


class CaseImport(RequestModel):
    """Cases of another system, whose name is `source`; each is checked on its own."""

    source: Code = DEFAULT_SOURCE
    dry_run: bool = Field(False, description="Only say what would be done.")
    cases: Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=MAX_LINES)]


class ImportedLine(ResponseModel):
    """What became of one case, by its place from 1: its number, or a problem."""

    line: int
    external_ref: str | None
    status: ImportStatus
    number: str | None = None
    problem: ProblemDetails | None = None


class ImportReport(ResponseModel):
    """What an import did, in a dry run what it would do: how many came to what, and each case."""

    source: str
    dry_run: bool
    totals: dict[ImportStatus, int]
    lines: list[ImportedLine]


class CaseListItem(CaseSummary):
    """A case in a list, with the customer's words; staff see how many messages are unread."""

    words: str | None
    unread_customer_messages: int = 0


class CasePage(ResponseModel):
    """A page of cases, the newest first; `next` is the cursor of the next one.

    `left_out` are the numbers of cases whose rows are damaged and so not among the items; each can
    be read by itself.
    """

    ordered_by: Literal["received_at, newest first"] = "received_at, newest first"
    items: list[CaseListItem]
    next: str | None
    left_out: list[str] = []


class ContactPoint(ResponseModel):
    """One way to reach a customer."""

    kind: str
    value: str


class Customer(ResponseModel):
    """Whom the case is for; `names` are all that were given, the first one first.

    A system is shown what it gave with this case.
    """

    ref: str
    name: str | None
    contacts: list[ContactPoint]
    names: list[str] = []
    type: str | None = None
    tier: str | None = None
    preferred_channel: str | None = None


class Price(ResponseModel):
    """An amount, as text, with its currency."""

    amount: Decimal
    currency: str


class CaseGoods(ResponseModel):
    """A line of the order that a case is about, as it was when the case was started.

    `quantity` units of those `ordered`; `unit_price` was paid for one; `channel` is where it was
    sold.
    """

    line: str
    product: str
    name: str | None
    quantity: int
    ordered: int | None
    serials: list[str]
    unit_price: Price | None
    delivered_on: date | None
    channel: str | None
    product_line: str | None
    warranty_until: date | None


class CaseUnit(ResponseModel):
    """A unit as the case sees it, in the kind's own words: where it is, what was decided, settled.

    `place` counts the units of a line from 1; `freight` is who bears it, as said or as it follows.
    """

    line: str
    place: int
    product: str
    serial: str | None
    goods: str
    decision: str
    settlement: str
    grade: str | None
    amount: Price | None
    freight: str | None


class ProposalReason(ResponseModel):
    """Why a value is proposed: the words of the customer by which it was found.

    Without words it is what is usual, or follows from the others.
    """

    field: str
    field_label: str
    value: str
    value_label: str
    words: list[str]


class Guidance(ResponseModel):
    """How cases of a category are handled: what it is called, how, and what is proposed.

    A text is empty where the case's policy says nothing of it.
    """

    category: str
    label: str
    text: str
    solution: str


class PlaybookItem(ResponseModel):
    """One thing to look at in a case of this sort, and what it is called.

    `required`: the case does not go on before it is done.
    """

    name: str
    label: str
    required: bool
    done: bool


class CaseRequest(ResponseModel):
    """A request to others beside the case's own task, and what became of it.

    `id` is the task's; `words` are the reason or the question, `answer` what was said to it;
    `granted` is what was approved. `overdue`: its limit passed while it waited. `actions` are what
    this caller may do with it now.
    """

    seq: int
    id: str
    sort: SideSort
    state: SideState
    asked_by: str
    asked_at: Instant
    words: str
    amount: Price | None
    team: str | None
    candidates: list[str]
    due_at: Instant | None
    overdue: bool
    assignee: str | None
    answered_by: str | None
    answered_at: Instant | None
    answer: str
    granted: Price | None
    actions: list[str] = []


class CaseRequests(ResponseModel):
    """The requests of a case, the oldest first."""

    items: list[CaseRequest]


class CaseDetails(ResponseModel):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` has each clock's instances; `hold` tells staff why its task is on hold; `children` are
    the cases that came of it, as far as the caller sees them, a hundred at most; `comments` are the
    newest twenty that the caller may read, and `unread_customer_messages` says how many of the
    customer's nobody on the staff has read. With `as_of` it is the case as it was then, as far as
    its entries tell: without the
    customer's record, comments, children, offers and playbook. `goods` are the lines of the order
    that it is about, as they were when it was started; `units` says of each unit, by the kind's own
    words, where it is, what was decided, how it was settled. `requests` are those to others beside
    the case's own task, settled ones too. `merged_into` is the case that goes on for it, if it is
    merged; `joined` are those that are merged into it, as far as the caller sees them. `playbook`
    is what the kind has our staff look at in a case of this sort; those outside are not shown it.
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
    goods: list[CaseGoods] = []
    units: list[CaseUnit] = []
    playbook: list[PlaybookItem] = []
    guidance: Guidance | None = None
    proposal_reasons: list[ProposalReason] = []
    requests: list[CaseRequest] = []
    merged_into: str | None = None
    joined: list[CaseListItem] = []
    comments: list[Comment] = []
    unread_customer_messages: int = 0


class CaseHistory(ResponseModel):
    """A case's entries; `next` is the `after` of those that follow."""

    items: list[Entry]
    next: int | None
