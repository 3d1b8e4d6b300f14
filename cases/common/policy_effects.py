"""What another policy would change in a case: for an open one from now on, for a closed one then.

An open case is given the policy on a copy, by the same step as it will be. A closed one is looked
at as if it had been handled under the policy from the start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto

from cases.common.decisions import AuthorityDecision, decisions_of
from domain.engine.case import Case
from domain.engine.kept_policy import CHANGE_POLICY, PolicyChange
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.errors import Conflict
from domain.language.clocks import ClockInstance
from domain.language.roles import Actor
from domain.language.values import iso_length


class Breach(StrEnum):
    """What becomes of a breach: one comes that was not, or one is not that was."""

    COMES = auto()
    GOES = auto()


@dataclass(frozen=True)
class Changed:
    """A value, before and after; None is that there is none."""

    before: str | None
    after: str | None


@dataclass(frozen=True)
class ClockEffect:
    """A clock that is due at another time, or that would come to run or cease to."""

    clock: str
    instance: int
    due_before: datetime | None
    due_after: datetime | None
    breach: Breach | None = None


@dataclass(frozen=True)
class AuthorityEffect:
    """How much somebody in a role may give out of a pot without another's approval."""

    pot: str
    role: str
    amount: Changed


@dataclass(frozen=True)
class PolicyEffect:
    """What another policy changes in a case; empty if it changes nothing."""

    number: str
    kind: str
    closed: bool
    clocks: tuple[ClockEffect, ...] = ()
    priority: Changed | None = None
    team: Changed | None = None
    head_start: Changed | None = None
    authority: tuple[AuthorityEffect, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is another."""
        named = self.priority or self.team or self.head_start
        return bool(self.clocks or named or self.authority)


def policy_effect(
    process: Process, case: Case, change: PolicyChange, actor: Actor, at: datetime
) -> PolicyEffect:
    """Return what another policy changes in a case."""
    if process.state_of(case).closed:
        return _closed_effect(process, case, change)
    before, after = case.copy(), case.copy()
    process.settle(before, at)
    process.settle(after, at)
    try:
        process.take(after, Command(step=CHANGE_POLICY, form=change.canonical()), actor, at)
    except Conflict:  # it keeps the policy already, or was just merged
        return PolicyEffect(case.opening.number, process.kind, closed=False)
    process.settle(after, at)
    return PolicyEffect(
        case.opening.number,
        process.kind,
        closed=False,
        clocks=tuple(_clock_effects(_by_key(before), _by_key(after))),
        priority=_changed(
            process.shown_facts(before).priority, process.shown_facts(after).priority
        ),
        team=_changed(before.team, after.team),
        head_start=_changed(*(iso_length(process.head_start(each)) for each in (before, after))),
        authority=tuple(_authority_effects(process, before, after)),
    )


def _closed_effect(process: Process, case: Case, change: PolicyChange) -> PolicyEffect:
    after = replace(case.copy(), changed_policy=change.kept)
    own = {key: each for key, each in _by_key(case).items() if not each.cancelled}
    return PolicyEffect(
        case.opening.number,
        process.kind,
        closed=True,
        clocks=tuple(_clock_effects(own, _as_if_kept(process, after, own))),
        priority=_changed(process.shown_facts(case).priority, process.shown_facts(after).priority),
        team=_changed(process.called_team(case), process.called_team(after)),
        authority=tuple(_authority_effects(process, case, after)),
    )


ByKey = Mapping[tuple[str, int], ClockInstance]


def _by_key(case: Case) -> ByKey:
    return {each.key: each for each in case.clock_instances()}


def _as_if_kept(process: Process, case: Case, own: ByKey) -> ByKey:
    """Return the clocks of a closed case as they would stand under the policy that it is given."""
    kept: dict[tuple[str, int], ClockInstance] = {}
    for key, instance in own.items():
        target = process.target_of(case, instance.clock)
        if target is not None:
            judged = replace(instance, target=target, stated=target, breached_at=None)
            kept[key] = _judged(judged)
    ran = {name for name, _ in own}
    for clock in process.clocks:
        if clock.name not in ran and clock.by_policy:
            demanded = process.as_if_demanded(case, clock)
            if demanded is not None and not demanded.cancelled:
                kept[demanded.key] = _judged(replace(demanded, breached_at=None))
    return kept


def _judged(instance: ClockInstance) -> ClockInstance:
    """Return an instance with the breach that it would have had."""
    due, ended = instance.at_share(1.0), instance.ended_at
    is_late = ended is not None and due < ended and not instance.clock.repeats
    return replace(instance, breached_at=due) if is_late else instance


def _clock_effects(before: ByKey, after: ByKey) -> Iterator[ClockEffect]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        due_before, due_after = _due(old), _due(new)
        breach = _breach(old, new)
        if due_before != due_after or breach is not None:
            yield ClockEffect(*key, due_before, due_after, breach)


def _due(instance: ClockInstance | None) -> datetime | None:
    """Return when a clock is or was due; None if it is not, or nothing is promised any more."""
    return None if instance is None or instance.cancelled else instance.due


def _breach(old: ClockInstance | None, new: ClockInstance | None) -> Breach | None:
    was = old is not None and old.breached_at is not None
    is_now = new is not None and new.breached_at is not None
    if was == is_now:
        return None
    return Breach.COMES if is_now else Breach.GOES


def _authority_effects(process: Process, before: Case, after: Case) -> Iterator[AuthorityEffect]:
    old, new = (_amounts(decisions_of(process, each).authority) for each in (before, after))
    for pot, role in sorted({*old, *new}):
        if changed := _changed(old.get((pot, role)), new.get((pot, role))):
            yield AuthorityEffect(pot, role, changed)


def _amounts(authority: tuple[AuthorityDecision, ...]) -> dict[tuple[str, str], str]:
    return {(each.pot, each.role): f"{each.amount.value.normalize():f}" for each in authority}


def _changed(before: str | None, after: str | None) -> Changed | None:
    return Changed(before, after) if before != after else None
