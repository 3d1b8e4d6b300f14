"""Which cases and tasks a list has, counts of them, and their hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from domain.engine.side_tasks import SideSort
from domain.language.values import Code, Duration, ExternalRef, Instant
from domain.read_models.projection import CaseView, ClockView


class DueFilter(BaseModel):
    """Which promises: those that are overdue, or not, and those due within a time from now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overdue: bool | None = Field(
        None,
        description="Only what is overdue, or is not; with `due_within`, `false` leaves out what "
        "is overdue already.",
    )
    due_within: Duration | None = Field(
        None, ge=timedelta(), le=timedelta(days=366), description="ISO 8601: PT2H, P1D."
    )

    @property
    def asks_what_is_due(self) -> bool:
        """Whether it matters when something is due."""
        return bool(self.overdue) or self.due_within is not None

    def due_by(self, now: datetime) -> datetime | None:
        """Return the moment by which a promise must be due, None if that does not matter."""
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
    order: Code | None = None
    product: Code | None = Field(None, description="Of the case or among its goods.")
    serial: Code | None = Field(None, description="The serial number of a unit of its goods.")
    customer: Code | None = None
    channel: Code | None = None
    outcome: Code | None = None
    open: bool | None = None
    received_from: Instant | None = Field(
        None, description="Received then or later, e.g. `2026-03-05T00:00:00+08:00`."
    )
    received_to: Instant | None = Field(
        None, description="Received before then; `received_to` itself is left out."
    )
    on_hold: bool | None = Field(None, description="Only those whose task is on hold, or is not.")
    chased: bool | None = Field(None, description="Only those that somebody chased, or nobody.")


class CaseFilter(CaseWhere):
    """Which cases."""

    kind: Code | None = None


@dataclass(frozen=True)
class RequestsFor:
    """The open requests that somebody may answer: taken by them, or offered to one of these.

    Their own are not among them.
    """

    person: str
    candidates: tuple[str, ...]


class InboxFilter(CaseFilter):
    """Which cases a view of the inbox has; a case must match every filter that is set.

    `heard_closed` are those that are closed and whose customer wrote since and waits for an answer;
    `in_hand` are they and all that is open. `to_do` are those with an open task that is not on
    hold, or whose customer wrote since; `roles` are the reader's: a case matches if its open task
    is offered to any of them. `requests` are those beside the case's own task that the reader may
    answer.
    """

    waits_on: Code | None = None
    in_hand: bool | None = None
    heard_closed: bool | None = None
    to_do: bool | None = None
    unassigned: bool | None = None
    teams: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    escalated: bool | None = None
    unread: bool | None = None
    requests: RequestsFor | None = None


class TaskWhere(DueFilter):
    """Which open tasks, whosever they are."""

    kind: Code | None = None
    stage: Code | None = None
    state: Code | None = None
    priority: Code | None = None
    request: SideSort | None = Field(None, description="Only requests to others, of this sort.")
    on_hold: bool | None = Field(
        None,
        description="Only those on hold, or only the others; where the customer wrote and nobody "
        "read it, a task counts among the others, too. If it is not said, what is on hold is left "
        "out, but not where it is asked what is overdue or due: that runs on.",
    )


class TaskFilter(TaskWhere):
    """Which open tasks, and whose; a task must match every filter that is set.

    `roles` are the reader's: a task matches if any of them is among its candidates or leads.
    `not_asked_by` leaves out the requests of a person, who may not answer them.
    """

    assignee: Code | None = None
    teams: tuple[str, ...] | None = None
    unassigned: bool | None = None
    roles: tuple[str, ...] | None = None
    not_asked_by: Code | None = None


@dataclass(frozen=True)
class Reach:
    """Which cases and tasks somebody sees who does not see all.

    Those that they hold, and nobody's in these states, each named with its kind; and those that
    they have worked on, unless they were closed before the moment `worked_since`.
    """

    holder: str
    states: frozenset[tuple[str, str]]
    worked_since: datetime | None = None

    def covers(self, row: CaseView, *, worked: bool = False) -> bool:
        """Say whether a case is among them; `worked`: they have worked on it."""
        if worked and (row.closed_at is None or self._is_recent(row.closed_at)):
            return True
        if row.assignee is not None:
            return row.assignee == self.holder
        return (row.kind, row.state) in self.states

    def _is_recent(self, closed_at: datetime) -> bool:
        return self.worked_since is not None and closed_at > self.worked_since


@dataclass(frozen=True)
class MeasuredCase:
    """A case with a measure to be checked; `last_seq` tells one state of it from the next."""

    number: str
    kind: str
    last_seq: int
    closed: bool


class RankedCase(CaseView):
    """A case with its place among those that are open: when it is due, less its head start."""

    rank: Instant


@dataclass(frozen=True)
class InboxRecord:
    """A case as the inbox lists it, with all its clocks; `task` is the seq of its open task."""

    case: RankedCase
    task: int | None
    clocks: tuple[ClockView, ...]
    words: str | None
    unread: int


@dataclass(frozen=True)
class ClockCount:
    """The number of clocks of one name in one state."""

    clock: str
    state: str
    n: int


@dataclass(frozen=True)
class CaseCount:
    """The number of cases of one kind in one state."""

    kind: str
    stage: str
    state: str
    n: int


@dataclass(frozen=True)
class TaskCount:
    """The number of open tasks of one kind in one stage, claimed or not; `on_hold` of them wait."""

    kind: str
    stage: str
    claimed: bool
    n: int
    on_hold: int = 0


class HashedEntry(NamedTuple):
    """An entry as verification reads it: the hash that it carries, and that of its content."""

    number: str
    seq: int
    prev: str | None
    hash: str


@dataclass(frozen=True)
class CaseHashes:
    """A range of cases, read at one moment: their entries, and their hashes in the audit log.

    `last` is the number of entries that each case's row counts; `sealed` and `waiting` are the
    hashes in the audit log, by case and seq.
    """

    entries: list[HashedEntry]
    last: dict[str, int]
    sealed: dict[str, dict[int, str]]
    waiting: dict[str, dict[int, str]]
