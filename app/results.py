"""What use cases return of cases and tasks: the lines of lists, and all that belongs to one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.engine.holds import Hold
from domain.language.roles import Actor
from domain.read_models.past import ClockReading, Moment
from domain.read_models.projection import CaseView, TaskView
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
    """The customer's record; `names` are all that were given, as people share telephones."""

    ref: str
    name: str | None
    contacts: list[ContactPoint]
    names: list[str] = []


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
    """A task in a list, with the customer's words, and how many of their messages are unread."""

    words: str | None
    unread_customer_messages: int = 0


class ShownComment(Result):
    """A comment on a case's page; `unread` while nobody on the staff has read the customer's."""

    id: str
    number: str
    at: datetime
    author: Actor
    visibility: str
    body: str
    unread: bool


class CaseDetails(Result):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` are its promises about time, each instance for itself; `hold` tells staff why its task
    is on hold; `children` are the cases that came of it, as far as the caller sees them, a hundred
    at most. With `as_of` it is the case as it was then, as far as its entries tell: without the
    customer's record, comments, children and offers.

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
    comments: list[ShownComment] = []
    unread_customer_messages: int = 0


class TaskDetails(Result):
    """A task, its case, and what this caller may do."""

    task: TaskListItem
    case: CaseView
    offers: list[Offer]
    task_actions: list[str]
