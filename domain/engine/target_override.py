"""A case's own limit (本单时限): shorter for whoever assigns it, longer only by a manager."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeGuard

from domain.engine.action_forms import Assignment, Limiting
from domain.engine.case import Case
from domain.engine.merged import JOIN, Joining, Parting
from domain.engine.messages import Inherited, PendingCall
from domain.engine.task_actions import CandidateRules
from domain.errors import LimitPast, LimitTooFar, LimitTooLong, NoPromise, ReasonMissing
from domain.language.calendars import due_at, worked
from domain.language.clocks import Clock, ClockInstance, Target, TargetOverride
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Actor

TargetOf = Callable[[Case, Clock], Target | None]

FARTHEST_LIMIT = timedelta(days=366)
"""How far ahead a limit may lie (ours)."""


def check_limit(
    case: Case, clock: Clock | None, actor: Actor, form: Form, rules: CandidateRules, at: datetime
) -> None:
    """Refuse a limit that may not be set now, or not by this actor.

    Args:
        case: whose limit it is.
        clock: the one that a limit is for, if the kind has any.
        actor: who sets it.
        form: an assignment or a limiting; any other has no limit.
        rules: who may give the case more time.
        at: now.

    Raises:
        NoPromise, LimitPast, LimitTooFar, LimitTooLong, ReasonMissing
    """
    if not isinstance(form, Assignment | Limiting) or form.limit is None:
        return
    instance = case.clocks.get(clock.name) if clock else None
    if instance is None or not instance.open or instance.breached_at is not None:
        raise NoPromise("The case has no open promise that could be given another limit.")
    if worked(instance.target.calendar, at, min(form.limit, at + FARTHEST_LIMIT)) <= timedelta():
        raise LimitPast(
            "A limit must lie in the future, with working time until then.",
            limit=form.limit.isoformat(),
        )
    if form.limit > at + FARTHEST_LIMIT:
        raise LimitTooFar("A limit lies within a year.", limit=form.limit.isoformat())
    if instance.budget_until(form.limit, at) > instance.target.budget:
        _check_longer(actor, form.reason, rules, instance)


def override_after(
    case: Case, clock: Clock | None, entry: Entry, form: Form | None
) -> TargetOverride | None:
    """Return the override after an entry: the one it sets, or the one that was in force."""
    if clock is not None and isinstance(form, Joining) and form.due is not None:
        return _joined(case, clock, form.due)
    if isinstance(form, Parting):
        return _without(case, case.target_override, form.number)
    if clock is None or not isinstance(form, Assignment | Limiting) or form.limit is None:
        return case.target_override
    budget = case.clocks[clock.name].budget_until(form.limit, entry.at)
    return TargetOverride(clock.name, budget, entry.seq)


def with_promise(case: Case, clock: Clock | None, asked: PendingCall) -> PendingCall:
    """Return the call that asks another case to go on, with when this one's promise is due.

    As of when it was asked: until that is answered time does nothing. What is paused is due as if
    it ran on from then; what is kept or broken is promised no more.
    """
    instance = case.clocks.get(clock.name) if clock else None
    if asked.template != JOIN or not _can_be_kept(instance):
        return asked
    target, at = instance.target, case.entries[asked.seq - 1].at
    left = max(target.budget - instance.spent(at), timedelta())
    due = due_at(target.calendar, at, left)
    return asked.model_copy(update={"params": {**asked.params, "due": due.isoformat()}})


def _can_be_kept(instance: ClockInstance | None) -> TypeGuard[ClockInstance]:
    return instance is not None and instance.open and instance.breached_at is None


def _joined(case: Case, clock: Clock, due: datetime) -> TargetOverride | None:
    """Return the override once a case goes on for another that was promised to be done by `due`.

    The earlier of the two promises holds; one that fell due while this case was asked is due now.
    """
    own, instance = case.target_override, case.clocks.get(clock.name)
    if not _can_be_kept(instance):
        return own
    budget = instance.budget_until(due, case.last.at)
    is_earlier = timedelta() < budget < instance.target.budget
    return TargetOverride(clock.name, budget, case.last.seq, own) if is_earlier else own


def kept_overrides(
    case: Case, clock: Clock | None, target_of: TargetOf, to: int
) -> TargetOverride | None:
    """Return the override of a case that was taken back to the entry `to`.

    It still goes on for the cases that joined it since then: what they were promised holds.
    """
    instance = case.clocks.get(clock.name) if clock else None
    if clock is None or not _can_be_kept(instance):
        return case.target_override
    trial = replace(case.copy(), target_override=case.target_override)
    for entry in case.entries[to:]:
        promise = Joining.lenient(entry.form) if entry.type is EntryType.JOINED else None
        if promise is None or not promise.stays or promise.number not in case.joined:
            continue
        target = target_of(trial, clock)
        budget = instance.budget_until(promise.due, case.last.at) if promise.due else timedelta()
        if target is not None and timedelta() < budget < target.budget:
            own = trial.target_override
            trial.target_override = TargetOverride(clock.name, budget, entry.seq, own)
    return trial.target_override


def _without(case: Case, own: TargetOverride | None, number: str) -> TargetOverride | None:
    """Return an override without what a case promised that is separated from this one."""
    if own is None:
        return None
    before, entry = _without(case, own.before, number), case.entries[own.seq - 1]
    if entry.type is EntryType.JOINED and entry.form.get("number") == number:
        return before
    return replace(own, before=before)


def inherited_override(
    target_of: TargetOf, case: Case, clock: Clock | None
) -> TargetOverride | None:
    """Return the override a new case has from the case it came of: due at the same moment."""
    limit, target = case.opening.limit, target_of(case, clock) if clock else None
    if limit is None or clock is None or target is None:
        return None
    budget = worked(target.calendar, case.opening.received_at, limit.due)
    return TargetOverride(clock.name, budget, 1) if budget > timedelta() else None


def inherited_limit(case: Case, clock: Clock | None) -> Inherited | None:
    """Return the own limit that a case which comes of this one takes over, if its clock is open."""
    own, instance = case.target_override, case.clocks.get(clock.name) if clock else None
    if own is None or instance is None or own.clock != instance.clock.name or not instance.open:
        return None
    entry, inherited = case.entries[own.seq - 1], case.opening.limit
    if own.seq == 1 and inherited is not None:
        return inherited.model_copy(update={"due": instance.at_share(1.0)})
    return Inherited(due=instance.at_share(1.0), by=entry.actor.id, at=entry.at)


def _check_longer(
    actor: Actor, reason: str, rules: CandidateRules, instance: ClockInstance
) -> None:
    if not actor.stands_for & rules.managers:
        due = instance.due
        raise LimitTooLong(
            f"Only {rules.managers} may give a case more time than it has.",
            takes=list(rules.managers),
            due=due.isoformat() if due else None,
        )
    if not reason.strip():
        raise ReasonMissing("Say why the case gets more time.")
