"""Parts of lists: pages, which rows they are made of, and counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.language.forms import Code, ExternalRef

T = TypeVar("T")

Cursor = tuple[str, ...]
"""Where a page ended: the sort key of its last row, as text."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list; `next` is where it goes on, None at its end.

    `corrupt` are the numbers of cases whose rows should be in this part, but cannot be read.
    """

    items: tuple[T, ...]
    next: Cursor | None
    corrupt: tuple[str, ...] = ()


class DueFilter(BaseModel):
    """Which promises: those that are overdue, or due within a time from now (ISO 8601)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overdue: bool | None = Field(None, description="Only what is overdue.")
    due_within: timedelta | None = Field(
        None, ge=timedelta(), le=timedelta(days=366), description="ISO 8601: PT2H, P1D."
    )

    @property
    def asks_what_is_due(self) -> bool:
        """Whether it matters when something is due."""
        return bool(self.overdue) or self.due_within is not None

    def due_by(self, now: datetime) -> datetime | None:
        """Return the moment by which it must be due; None if it does not matter."""
        if self.due_within is not None:
            return now + self.due_within
        return now if self.overdue else None


# The one list of filters: the store's conditions, the API's parameters and the command line's words
# come from these classes.
class CaseWhere(DueFilter):
    """Which cases of a kind; all filters are optional, `received_to` itself is left out."""

    state: Code | None = None
    stage: Code | None = None
    priority: Code | None = None
    assignee: Code | None = None
    team: Code | None = None
    source: Code | None = None
    external_ref: ExternalRef | None = None
    parent: Code | None = None
    customer: Code | None = None
    channel: Code | None = None
    outcome: Code | None = None
    open: bool | None = None
    received_from: AwareDatetime | None = None
    received_to: AwareDatetime | None = None
    on_hold: bool | None = Field(None, description="Only those whose task is on hold, or is not.")


class CaseFilter(CaseWhere):
    """Which cases."""

    kind: Code | None = None


class TaskWhere(DueFilter):
    """Which open tasks, whosever they are."""

    kind: Code | None = None
    stage: Code | None = None
    state: Code | None = None
    priority: Code | None = None
    on_hold: bool | None = Field(
        None,
        description="Only those on hold, or only the others. If it is not said, what is on hold is "
        "left out, but not where it is asked what is overdue or due: that runs on.",
    )


class TaskFilter(TaskWhere):
    """Which open tasks, and whose; all that is given must fit.

    `roles` are those of whoever asks: a task fits if any is among its candidates or leads.
    """

    assignee: Code | None = None
    teams: tuple[str, ...] | None = None
    unassigned: bool | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ClockCount:
    """How many clocks of a name are in a state."""

    clock: str
    state: str
    n: int


@dataclass(frozen=True)
class CaseCount:
    """How many cases of a kind are in a state."""

    kind: str
    stage: str
    state: str
    n: int


@dataclass(frozen=True)
class TaskCount:
    """How many open tasks of a kind wait in a stage, held by somebody or not; some are on hold."""

    kind: str
    stage: str
    claimed: bool
    n: int
    on_hold: int = 0
