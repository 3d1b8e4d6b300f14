"""What callers get: the bodies of answers."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, computed_field

from domain.engine.holds import Hold
from domain.engine.messages import Receipt
from domain.language.entries import Entry
from domain.read_models.past import ClockReading, Moment
from domain.read_models.projection import CaseView, TaskView, task_id


class Answer(BaseModel):
    """The base of answers; reads the store's records by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class FieldError(Answer):
    """One thing wrong with what was sent: where it is (a JSON pointer), and what."""

    pointer: str
    code: str
    detail: str


class ProblemAnswer(Answer):
    """A problem (RFC 9457): `code` is for programs, `detail` is a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any]
    trace_id: str
    errors: list[FieldError] = []


class Started(Answer):
    """The case, recorded: a read finds it."""

    case: CaseView


class Accepted(Answer):
    """The case's number: it is durable, a read finds it soon."""

    number: str


class BatchResult(Answer):
    """What became of one case of a batch."""

    index: int
    status: int
    number: str | None = None
    problem: ProblemAnswer | None = None


class BatchAnswer(Answer):
    """What became of each, in the order they were sent."""

    results: list[BatchResult]


class CaseLine(CaseView):
    """A case in a list, with the customer's words."""

    words: str | None


class CasePage(Answer):
    """A page of cases, the newest first; `next` is the cursor of the next one.

    `left_out` are the numbers of cases whose rows are damaged and so not among the items; each can
    be read by itself.
    """

    items: list[CaseLine]
    next: str | None
    left_out: list[str] = []


class ContactAnswer(Answer):
    """One way to reach a customer."""

    kind: str
    value: str


class CustomerAnswer(Answer):
    """The customer's record."""

    ref: str
    name: str | None
    contacts: list[ContactAnswer]


class Offer(Answer):
    """A step that the caller may take now: what it is called, and the JSON Schema of its form."""

    name: str
    label: str
    form: dict[str, Any]
    default: dict[str, JsonValue] | None = None


class TaskLine(TaskView):
    """A task in a list, with its id and the customer's words."""

    words: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """The task's id, as in paths."""
        return task_id(self.number, self.seq)


class TaskPage(Answer):
    """A page of open tasks, the oldest first; `left_out` as for cases."""

    items: list[TaskLine]
    next: str | None
    left_out: list[str] = []


class WholeCase(Answer):
    """A case with all that a person at work on it needs.

    `offers` are the steps, `acts` what may be done besides, both by this caller, now; `clocks` are
    its promises about time, each instance for itself; `hold` tells staff why its task is put aside;
    `children` are the cases that came of it, as far as the caller sees them, a hundred at most.
    With `as_of` it is the case as it was then, as far as its entries tell: without the customer's
    record, children and offers.
    """

    as_of: Moment | None = None
    case: CaseView
    clocks: list[ClockReading]
    words: str | None
    proposal: dict[str, JsonValue]
    customer: CustomerAnswer | None
    task: TaskLine | None
    hold: Hold | None
    offers: list[Offer]
    acts: list[str]
    children: list[CaseLine]


class WholeTask(Answer):
    """A task, its case, and what this caller may do."""

    task: TaskLine
    case: CaseView
    offers: list[Offer]
    acts: list[str]


class History(Answer):
    """A case's entries; `next` is the `after` of those that follow."""

    items: list[Entry]
    next: int | None


class Done(Answer):
    """What a request brought about. Without a receipt it is durable and not recorded yet."""

    receipt: Receipt | None
    case: CaseView | None


class AuthorAnswer(Answer):
    """Who said it."""

    kind: str
    id: str


class CommentAnswer(Answer):
    """A comment."""

    id: str
    number: str
    at: AwareDatetime
    author: AuthorAnswer
    visibility: str
    body: str


class Comments(Answer):
    """What was said, in order."""

    items: list[CommentAnswer]


class Me(Answer):
    """Whose key it is."""

    tenant: str
    kind: str
    id: str
    name: str | None
    roles: list[str]
    teams: list[str]


class StaffAnswer(Answer):
    """One of our people."""

    id: str
    name: str
    roles: list[str]
    teams: list[str]
    active: bool


class StaffList(Answer):
    """Our people."""

    items: list[StaffAnswer]


class TeamAnswer(Answer):
    """People who share tasks."""

    id: str
    name: str


class TeamList(Answer):
    """Our teams."""

    items: list[TeamAnswer]


class KeyMade(Answer):
    """A new key, shown this once; we keep only its hash."""

    id: str
    key: Annotated[str, Field(description="`bj_<id>_<secret>`")]


class KeyOwnerAnswer(Answer):
    """Whose key it is."""

    kind: str
    id: str


class KeyAnswer(Answer):
    """A key as lists show it, without the key."""

    id: str
    owner: KeyOwnerAnswer
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class KeyList(Answer):
    """The keys that were given out."""

    items: list[KeyAnswer]


class Alive(Answer):
    """The process answers."""

    status: str


class Ready(Answer):
    """`ready`; `degraded`: steps work, the store does not; `down`: nothing can be moved."""

    status: str
    store: str
    engine: str
