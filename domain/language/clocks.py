"""Clocks: promises about time with a budget, as values that a case's entries change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from functools import cached_property

from domain.language.calendars import ALWAYS, Calendar, Span, due_at, worked
from domain.language.entries import EntryType


class ClockState(StrEnum):
    """The state of a clock. A breach stays, whatever happens after it."""

    RUNNING = auto()
    PAUSED = auto()
    MET = auto()
    BREACHED = auto()
    MET_LATE = auto()
    CANCELLED = auto()


@dataclass(frozen=True)
class Clock:
    """A clock as tables name it.

    Args:
        name: stable.
        from_receipt: whether its first instance counts from the receipt of the case, not from the
            state that starts it.
        repeats: whether it starts again whenever the customer hears from us; it is never breached.
        by_policy: whether a policy says what is promised for it, not the law or a kind.
    """

    name: str
    from_receipt: bool = True
    repeats: bool = False
    by_policy: bool = True


@dataclass(frozen=True)
class Milestone:
    """What happens once for each instance of a clock when so much of its budget is used up.

    Args:
        name: stable, as histories keep it.
        type: the entry it makes.
        share: of the budget, in the clock's own time.
        later: elapsed time on top of that.
        tells: the roles that are notified; "assignee" is whoever holds the case, or the lead while
            nobody does.
        raises: by how many tiers it raises who may take the case.
    """

    name: str
    type: EntryType
    share: float = 1.0
    later: timedelta = timedelta()
    tells: tuple[str, ...] = ()
    raises: int = 0


class Retarget(StrEnum):
    """From when a new target counts for a clock that runs already.

    From its start; from the moment the target is given, so that the whole new budget is left; or
    so that the same share of the new budget is left as was left of the old one.
    """

    FROM_START = auto()
    FROM_NOW = auto()
    REMAINING_RATIO = auto()


@dataclass(frozen=True)
class Target:
    """What a policy promises for a case: the budget, when time counts, the milestones."""

    budget: timedelta
    calendar: Calendar = ALWAYS
    milestones: tuple[Milestone, ...] = ()
    retarget: Retarget = Retarget.FROM_START

    def promises_as(self, other: "Target") -> bool:
        """Return whether the same is promised, however a change of it would count."""
        return replace(self, retarget=other.retarget) == other

    def is_due_as(self, other: "Target") -> bool:
        """Return whether it is due when the other one is; milestones may differ."""
        return (self.budget, self.calendar) == (other.budget, other.calendar)


@dataclass(frozen=True)
class TargetOverride:
    """A budget that a person gave one case for a clock (本单时限), in the clock's own time.

    It may also be what another case promised that was merged into this one. `seq` is the entry that
    says by whom and why; `before` is what holds again if that case is separated.
    """

    clock: str
    budget: timedelta
    seq: int
    before: "TargetOverride | None" = None


@dataclass(frozen=True)
class ClockInstance:
    """One instance of a clock: since when it counts, when it was paused, what it set off.

    `number` counts the instances of a clock from 1, `fired` names the milestones that are past,
    and `stated` is the target as it was given, if `target` was moved to count from the start.
    `breach_holder` is who held the case when the breach was seen.
    """

    clock: Clock
    number: int
    started_at: datetime
    target: Target
    pauses: tuple[Span, ...] = ()
    paused_at: datetime | None = None
    fired: tuple[str, ...] = ()
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled: bool = False
    stated: Target | None = None
    breach_holder: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all other instances of a case's clocks."""
        return self.clock.name, self.number

    @property
    def stated_target(self) -> Target:
        """The target as it was given; the budget in `target` counts from the start."""
        return self.stated or self.target

    @property
    def state(self) -> ClockState:
        """Its state."""
        if self.breached_at is not None:
            met = self.ended_at is not None and not self.cancelled
            return ClockState.MET_LATE if met else ClockState.BREACHED
        if self.ended_at is not None:
            return ClockState.CANCELLED if self.cancelled else ClockState.MET
        return ClockState.PAUSED if self.paused_at is not None else ClockState.RUNNING

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @cached_property
    def due(self) -> datetime | None:
        """When it is, or was, due; unknown while it is paused."""
        if self.breached_at is not None:
            return self.breached_at
        return None if self.paused_at is not None and self.open else self.at_share(1.0)

    def at_share(self, share: float) -> datetime:
        """Return when this share of the budget is used up, if it is not paused again."""
        return due_at(
            self.target.calendar, self.started_at, self.target.budget * share, self.pauses
        )

    def spent(self, at: datetime) -> timedelta:
        """Return how much of its own time it has used by then."""
        until = min(at, self.ended_at or at, self.paused_at or at)
        return worked(self.target.calendar, self.started_at, until, self.pauses)

    def pause(self, at: datetime) -> "ClockInstance":
        """Pause it; after a breach that mends nothing."""
        return replace(self, paused_at=at) if self.open and self.paused_at is None else self

    def resume(self, at: datetime) -> "ClockInstance":
        """Let it run on."""
        if self.paused_at is None:
            return self
        return replace(self, pauses=(*self.pauses, (self.paused_at, at)), paused_at=None)

    def end(self, at: datetime, *, cancelled: bool = False) -> "ClockInstance":
        """End it: the promise is kept, or cancelled."""
        return replace(self.resume(at), ended_at=at, cancelled=cancelled) if self.open else self

    def fire(
        self, milestones: Iterable[str], breached_at: datetime | None, holder: str | None = None
    ) -> "ClockInstance":
        """Mark milestones as fired; the moment of a breach is kept for good, with who held it."""
        fired = replace(self, fired=(*self.fired, *milestones))
        if self.breached_at is not None or breached_at is None:
            return fired
        return replace(fired, breached_at=breached_at, breach_holder=holder)

    def retarget(self, target: Target, at: datetime) -> "ClockInstance":
        """Count under another target, given at this moment; a breach stays."""
        if not self.open:
            return self
        moved = replace(self, target=target, stated=target)
        budget = target.budget
        if target.is_due_as(self.stated_target):
            budget = self.target.budget
        elif target.retarget is Retarget.FROM_NOW:
            budget += moved.spent(at)
        elif target.retarget is Retarget.REMAINING_RATIO:
            left = max(1 - self.spent(at) / self.target.budget, 0.0)
            budget = moved.spent(at) + target.budget * left
        return replace(moved, target=replace(target, budget=budget))

    def budget_until(self, due: datetime, at: datetime) -> timedelta:
        """Return the budget that makes it due then, seen at `at`, if it is not paused again."""
        return self.spent(at) + worked(self.target.calendar, at, due)

    @cached_property
    def coming_milestones(self) -> Sequence[tuple[datetime, Milestone]]:
        """The milestones that are still to come, in order of time.

        After a breach they come even while the clock is paused.
        """
        if not self.open or (self.paused_at is not None and self.breached_at is None):
            return ()
        coming = (
            milestone for milestone in self.target.milestones if milestone.name not in self.fired
        )
        moments = ((self._moment(milestone), milestone) for milestone in coming)
        return tuple(sorted(moments, key=lambda pair: pair[0]))

    def _moment(self, milestone: Milestone) -> datetime:
        reached = (
            self.breached_at if self.breached_at is not None else self.at_share(milestone.share)
        )
        return reached + milestone.later
