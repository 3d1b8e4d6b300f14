"""What use cases return of cases and tasks: the lines of lists, and all that belongs to one."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.engine.holds import Hold
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
    """The customer's record."""

    ref: str
    name: str | None
    contacts: list[ContactPoint]


class Offer(Result):
    """A step that the caller may take now: what it is called, and the JSON Schema of its form."""

    name: str
    label: str
    form: dict[str, Any]
    default: dict[str, JsonValue] | None = None


class CaseListItem(CaseView):
    """A case in a list, with the customer's words."""

    words: str | None


class TaskListItem(TaskView):
    """A task in a list, with the customer's words."""

    words: str | None


class CaseDetails(Result):
    """A case with all that a person at work on it needs.

    `offers` are the steps and `task_actions` what may be done besides, both by this caller, now;
    `clocks` are its promises about time, each instance for itself; `hold` tells staff why its task
    is on hold; `children` are the cases that came of it, as far as the caller sees them, a hundred
    at most. With `as_of` it is the case as it was then, as far as its entries tell: without the
    customer's record, children and offers.
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


class TaskDetails(Result):
    """A task, its case, and what this caller may do."""

    task: TaskListItem
    case: CaseView
    offers: list[Offer]
    task_actions: list[str]
