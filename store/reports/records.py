"""What is counted for the board and for charts, and of which cases."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import NamedTuple

from domain.read_models.projection import CaseView, ClockView


@dataclass(frozen=True)
class Scope:
    """Which cases are counted: all, or those of a kind, of a team, or of both.

    `prefix` is what the kind's numbers begin with: by it clocks are told without their cases.
    """

    kind: str | None = None
    team: str | None = None
    prefix: str | None = None


class Split(StrEnum):
    """By what a count is split."""

    KIND = auto()
    TEAM = auto()


class Span(NamedTuple):
    """A time from `since` until before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class BoardMoments:
    """When the board counts: now, the moments until which cases are due, and today by the hour."""

    now: datetime
    soon: tuple[datetime, ...]
    hours: tuple[Span, ...]

    @property
    def today(self) -> Span:
        """The day that the hours make."""
        return Span(self.hours[0].since, self.hours[-1].until)


@dataclass(frozen=True)
class OpenCount:
    """The open cases of one kind, stage, priority and holder.

    `overdue` are those whose soonest promise is past; `due` counts, for each of the board's
    moments, those that are due by then, the overdue ones included. `unassigned` wait for one of
    the staff and are nobody's.
    """

    kind: str
    stage: str
    priority: str | None
    assignee: str | None
    open: int
    on_hold: int
    unassigned: int
    overdue: int
    due: tuple[int, ...]


@dataclass(frozen=True)
class Breach:
    """A promise that was broken, with its case as it is now; None if that cannot be read."""

    clock: ClockView
    case: CaseView | None


@dataclass(frozen=True)
class BoardCounts:
    """What the board shows, all of one moment.

    `breached` counts today's breaches, of which `breaches` has the newest; `unread` counts the
    customers' unread messages by holder; `arrived` and `closed` count cases by hour.
    """

    open: list[OpenCount]
    oldest_unassigned: CaseView | None
    breached: int
    breaches: list[Breach]
    unread: dict[str, int]
    arrived: list[int]
    closed: list[int]


class SplitCount(NamedTuple):
    """How many in the span at this place; `key` is the kind or team, None if it is not split."""

    place: int
    key: str | None
    n: int


class ClockCount(NamedTuple):
    """How many promises of a clock were met, or broken, in the span at this place.

    `key` is that of a `SplitCount`; for a kind it is what the kind's numbers begin with.
    """

    place: int
    clock: str
    n: int
    key: str | None = None


class DurationCount(NamedTuple):
    """How long it took in the span at this place, in seconds; `key` as in a `ClockCount`."""

    place: int
    n: int
    median: float
    p90: float
    key: str | None = None


class RatingCount(NamedTuple):
    """How many customers said this in the span at this place; `key` as in a `SplitCount`."""

    place: int
    satisfaction: str | None
    nps: int | None
    n: int
    key: str | None = None
