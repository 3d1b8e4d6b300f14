"""A case's own limit (本单时限): shorter for who hands it out, longer only by a manager."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.engine.action_forms import Assignment, Limiting
from domain.engine.case import Case
from domain.engine.messages import Inherited
from domain.engine.task_actions import CandidateRules
from domain.errors import LimitPast, LimitTooFar, LimitTooLong, NoPromise, ReasonMissing
from domain.language.calendars import worked
from domain.language.clocks import Clock, ClockInstance, Target, TargetOverride
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor

TermsOf = Callable[[Case, Clock], Target | None]

FARTHEST = timedelta(days=366)
"""How far ahead a limit may lie (ours)."""


def check_limit(
    case: Case,
    clock: Clock | None,
    actor: Actor,
    form: Form,
    candidate_rules: CandidateRules,
    at: datetime,
) -> None:
    """Refuse a limit that may not be set now, or not by this actor.

    Args:
        case: whose limit it is.
        clock: the one that a limit is for, if the kind has any.
        actor: who sets it.
        form: an assignment or a limiting; any other has no limit.
        candidate_rules: who may give the case more time.
        at: now.

    Raises:
        NoPromise, LimitPast, LimitTooFar, LimitTooLong, ReasonMissing
    """
    if not isinstance(form, Assignment | Limiting) or form.limit is None:
        return
    reading = case.clocks.get(clock.name) if clock else None
    if reading is None or not reading.open or reading.breached_at is not None:
        raise NoPromise("The case has no open promise that could be given another limit.")
    if worked(reading.target.calendar, at, min(form.limit, at + FARTHEST)) <= timedelta():
        raise LimitPast(
            "A limit must lie in the future, with working time until then.",
            limit=form.limit.isoformat(),
        )
    if form.limit > at + FARTHEST:
        raise LimitTooFar("A limit lies within a year.", limit=form.limit.isoformat())
    if reading.budget_until(form.limit, at) > reading.target.budget:
        _check_longer(actor, form.reason, candidate_rules, reading)


def override_after(
    case: Case, clock: Clock | None, entry: Entry, form: Form | None
) -> TargetOverride | None:
    """The limit that stands after an entry: the one it sets, or the one that stood."""
    if clock is None or not isinstance(form, Assignment | Limiting) or form.limit is None:
        return case.target_override
    budget = case.clocks[clock.name].budget_until(form.limit, entry.at)
    return TargetOverride(clock.name, budget, entry.seq)


def inherited_override(terms: TermsOf, case: Case, clock: Clock | None) -> TargetOverride | None:
    """The limit that a new case has from the one it came of: due at the same moment."""
    limit, promised = case.opening.limit, terms(case, clock) if clock else None
    if limit is None or clock is None or promised is None:
        return None
    budget = worked(promised.calendar, case.opening.received_at, limit.due)
    return TargetOverride(clock.name, budget, 1) if budget > timedelta() else None


def inherited_limit(case: Case, clock: Clock | None) -> Inherited | None:
    """What a case that comes of this one takes over: the own limit, if its promise stands."""
    own, reading = case.target_override, case.clocks.get(clock.name) if clock else None
    if own is None or reading is None or own.clock != reading.clock.name or not reading.open:
        return None
    entry, given = case.entries[own.seq - 1], case.opening.limit
    if own.seq == 1 and given is not None:
        return given.model_copy(update={"due": reading.at_share(1.0)})
    return Inherited(due=reading.at_share(1.0), by=entry.actor.id, at=entry.at)


def _check_longer(
    actor: Actor, reason: str, candidate_rules: CandidateRules, reading: ClockInstance
) -> None:
    if not actor.stands_for & candidate_rules.managers:
        due = reading.due
        raise LimitTooLong(
            f"Only {candidate_rules.managers} may give a case more time than it has.",
            takes=list(candidate_rules.managers),
            due=due.isoformat() if due else None,
        )
    if not reason.strip():
        raise ReasonMissing("Say why the case gets more time.")
