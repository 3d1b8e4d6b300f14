"""Parts of lists: pages, which rows they are made of, and counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

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


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Which cases; what is None does not matter. `received_to` itself is left out.

    `due_by`: an open promise is due then or was due before. `on_hold`: its task is on hold, or not.
    """

    kind: str | None = None
    state: str | None = None
    stage: str | None = None
    priority: str | None = None
    assignee: str | None = None
    team: str | None = None
    source: str | None = None
    external_ref: str | None = None
    parent: str | None = None
    customer: str | None = None
    channel: str | None = None
    outcome: str | None = None
    open: bool | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    due_by: datetime | None = None
    on_hold: bool | None = None


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """Which open tasks; all that is given must fit.

    `roles` are those of whoever asks: a task fits if any is among its candidates or leads.
    `on_hold`: it is on hold, or not.
    """

    assignee: str | None = None
    teams: tuple[str, ...] | None = None
    unassigned: bool = False
    roles: tuple[str, ...] | None = None
    kind: str | None = None
    stage: str | None = None
    state: str | None = None
    priority: str | None = None
    due_by: datetime | None = None
    on_hold: bool | None = None


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
