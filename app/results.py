"""What use cases return of cases and tasks: the lines of lists, and all that belongs to one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.engine.holds import Hold
from domain.language.goods import Goods, UnitView
from domain.language.playbook import PlaybookCheck
from domain.language.roles import Actor
from domain.read_models.past import ClockReading, Moment
from domain.read_models.projection import CaseView, TaskView
from domain.read_models.side_tasks import SideTaskView
from store.db.pages import Cursor

T = TypeVar("T")


@dataclass(frozen=True)
class Listed(Generic[T]):
    """A part of a list; `next` is where it goes on, None at its end.

    `left_out` names what belongs here but cannot be read, since its row is corrupt.
    """

    items: tuple[T, ...]
    next: Cursor | None
    left_out: list[str]


class Result(BaseModel):
    """The base of results; reads the store's records by their attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ContactPoint(Result):
    """One way to reach a customer."""

    kind: str
    value: str


class Customer(Result):
    """Whom a case is for; `names` are all that were given, the first one first."""

    ref: str
    name: str | None
    contacts: list[ContactPoint]
    names: list[str] = []
    type: str | None = None
    tier: str | None = None
    preferred_channel: str | None = None


class CustomerRecord(Customer):
    """All that is known of a customer; `merged` are the other references that lead to this one.

    `former_contacts` were taken out by a correction. Of a channel that is not in `consent` nothing
    is known.
    """

    former_contacts: list[ContactPoint]
    consent: dict[str, str]
    merged: list[str]
    version: int


class Offer(Result):
    """A step that the caller may take now: what it is called, and the JSON Schema of its form."""

    name: str
    label: str
    form: dict[str, Any]
    default: dict[str, JsonValue] | None = None


class CaseListItem(CaseView):
    """A case in a list, with the customer's words, and how many of their messages are unread."""

    words: str | None
    unread_customer_messages: int = 0


class TaskListItem(TaskView):
    """A task in a list, with the customer's words, and how many of their messages are unread.

    `asks` is what a request to others asks, or why.
    """

    words: str | None
    unread_customer_messages: int = 0
    asks: str | None = None


class ShownComment(Result):
    """A comment on a case's page; `unread` while nobody on the staff has read the customer's."""

    id: str
    number: str
    at: datetime
    author: Actor
    visibility: str
    body: str
    unread: bool


class SideTaskItem(SideTaskView):
    """A request beside the case's own task, with what this caller may do with it now."""

    actions: list[str] = []


class PlaybookItem(PlaybookCheck):
    """One thing of the playbook to look at, and what it is called."""

    label: str


class ProposalReason(Result):
    """Why a value is proposed: the words of the customer by which it was found.

    Without words it is what is usual, or follows from the others.
    """

    field: str
    field_label: str
    value: str
    value_label: str
    words: list[str]


class Guidance(Result):
    """How cases of a category are handled: what it is called, how, and what is proposed.

    A text is empty where the case's policy says nothing of it.
    """

    category: str
    label: str
    text: str
    solution: str


class CaseDetails(Result):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` are its promises about time, each instance for itself; `hold` tells staff why its task
    is on hold; `children` are the cases that came of it, as far as the caller sees them, a hundred
    at most. With `as_of` it is the case as it was then, as far as its entries tell: without the
    customer's record, comments, children, offers and playbook. `goods` are the lines of the order
    that it is about, `units` says of each unit how it stands, if the kind looks at units.
    `requests` are those to others beside the case's own task, settled ones too, each with what this
    caller may do. `merged_into` is the case that goes on for it, if it is merged; `joined` are
    those that are merged into it, as far as the caller sees them. `playbook` is what our
    staff look at in a case of this category, and `guidance` how it is handled, as its policy says;
    `proposal_reasons` is why something is proposed, until it is classified. Those outside are not
    shown them.

    `comments` are the newest that the caller may read, the oldest of them first;
    `unread_customer_messages` counts what the customer wrote and nobody on the staff has read.
    """

    as_of: Moment | None = None
    case: CaseView
    clocks: list[ClockReading]
    words: str | None
    proposal: dict[str, JsonValue]
    customer: Customer | None
    task: TaskListItem | None
    hold: Hold | None
    offers: list[Offer]
    task_actions: list[str]
    children: list[CaseListItem]
    goods: list[Goods] = []
    units: list[UnitView] = []
    playbook: list[PlaybookItem] = []
    guidance: Guidance | None = None
    proposal_reasons: list[ProposalReason] = []
    requests: list[SideTaskItem] = []
    merged_into: str | None = None
    joined: list[CaseListItem] = []
    comments: list[ShownComment] = []
    unread_customer_messages: int = 0


class TaskDetails(Result):
    """A task, its case, and what this caller may do."""

    task: TaskListItem
    case: CaseView
    offers: list[Offer]
    task_actions: list[str]
