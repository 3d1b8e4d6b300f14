"""Refusals that come before a step is looked at closer: strangers, wrong roles, stale requests."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.engine.action_forms import SAYING, Limiting, Prioritising, Rewinding
from domain.engine.case import Case
from domain.engine.messages import Receipt, Request
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import (
    NotYourCase,
    RequestReused,
    Stale,
    StepJustDone,
    StepNotAllowed,
    StepNotOffered,
    TaskDone,
)
from domain.language.entries import MOVES, Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Actor, ActorKind
from domain.language.table import Step

REPEATABLE_AFTER = timedelta(minutes=1)
"""How soon a step that leaves the case where it is may be repeated without looking first."""


def refuse_stranger(case: Case, actor: Actor, tenant: str | None = None) -> None:
    """Refuse a system that did not bring the case in, and another tenant's actor.

    Raises:
        NotYourCase
    """
    if tenant is not None and tenant != case.opening.tenant:
        raise NotYourCase("There is no such case.")
    if actor.kind is ActorKind.SYSTEM and actor.id != case.opening.source:
        raise NotYourCase("The case came in through another system.")


def refuse_role(step: Step, actor: Actor) -> None:
    """Refuse an actor whose roles the step does not name.

    Raises:
        StepNotAllowed
    """
    if not step.by & actor.stands_for:
        raise StepNotAllowed(
            f"'{step.name}' is for {step.by}.", step=step.name, takes=list(step.by)
        )


def refuse_repeated(
    case: Case, name: str, step: Step | None, form: Form, request: Request, at: datetime
) -> None:
    """Refuse what somebody did a moment ago and what nothing else would stop.

    Raises:
        StepJustDone
    """
    if step is not None:
        refuse_hasty(case, step, form, request, at)
    elif isinstance(form, Limiting | Prioritising | Rewinding | SAYING):
        refuse_again(case, name, form, request, at)


def receipt_of(case: Case, request: Request, entries: Sequence[Entry]) -> Receipt:
    """Return the receipt for a request that made these entries, now or before.

    Raises:
        RequestReused: it made them with another body.
    """
    if entries[0].cause.digest != request.digest:
        raise RequestReused("This request id was used before with another body.")
    return Receipt(
        number=case.opening.number,
        request=request.id,
        digest=request.digest,
        first=entries[0].seq,
        last=entries[-1].seq,
        state=entries[-1].led_to,
        etag=next(e.seq for e in reversed(case.entries[: entries[-1].seq]) if e.type in MOVES),
        attempt=request.attempt,
    )


def refuse_hasty(case: Case, step: Step, form: Form, request: Request, at: datetime) -> None:
    """Refuse staff a step that leaves the case where it is and that was taken a moment ago.

    Nothing else would stop twenty people, or one impatient finger, from taking it twenty times.
    Whoever says something else than before goes on at once, and so does whoever says by `if_match`
    that they have seen the other's step. What two people say of the work itself replaces each
    other, so there the second looks first, whatever they say.

    Raises:
        StepJustDone: naming who was first.
    """
    stays = step.arrows.get(step.decide(case, form)) == case.state
    if not stays or not request.actor.is_staff or request.if_match is not None:
        return
    last = _just_done(case, step, form, request.actor.id, at)
    if last is not None:
        raise StepJustDone(
            f"{last.actor.id} did '{step.name}' at {last.at.isoformat()}; look again, then repeat.",
            step=step.name,
            by=last.actor.id,
            at=last.at.isoformat(),
        )


def _just_done(case: Case, step: Step, form: Form, by: str, at: datetime) -> Entry | None:
    """Return the entry of a moment ago that a step would only repeat, or replace unseen."""
    since = case.entries[case.entered :]
    recent = [e for e in since if e.step == step.name and at - e.at < REPEATABLE_AFTER]
    said = form.canonical()
    if step.reports:
        return next((entry for entry in reversed(recent) if entry.form == said), None)
    last = recent[-1] if recent else None
    return last if last and (last.form == said or last.actor.id != by) else None


def refuse_again(case: Case, action: str, form: Form, request: Request, at: datetime) -> None:
    """Refuse a task action that somebody did a moment ago with the same form, and nothing since.

    An action that moves nothing does not change the ETag, so there `if_match` does not help.

    Raises:
        StepJustDone: naming who was first.
    """
    type = TASK_ACTIONS[action][1]
    last = next(e for e in reversed(case.entries) if e.type in MOVES or e.type is type)
    is_same = last.type is type and last.form == form.canonical()
    moves = type in MOVES
    if is_same and at - last.at < REPEATABLE_AFTER and not (moves and request.if_match is not None):
        raise StepJustDone(
            f"{last.actor.id} did just this at {last.at.isoformat()}; look again, then repeat.",
            step=action,
            by=last.actor.id,
            at=last.at.isoformat(),
            **({} if moves else {"why": "said" if type is EntryType.NOTIFIED else "beside"}),
        )


def refuse_late(case: Case, request: Request) -> None:
    """Refuse a request that was made for a task or a version of the case that is past.

    Raises:
        TaskDone, Stale
    """
    if request.task is not None and request.task != case.task_opened:
        raise _task_done(case, request.task)
    if not _is_for_version(request, case.etag):
        last = case.last
        raise Stale(
            f"The case has moved on: {last.actor.id} was last at {last.at.isoformat()}.",
            etag=case.etag,
            state=case.state,
            by=last.actor.id,
            at=last.at.isoformat(),
        )


def not_offered(case: Case, name: str) -> StepNotOffered:
    """Return the refusal of a step that does not start here; it names who took it before."""
    last = next((e for e in reversed(case.entries) if e.step == name), None)
    by = {"by": last.actor.id, "at": last.at.isoformat()} if last else {}
    who = f" {last.actor.id} did it at {last.at.isoformat()}." if last else ""
    return StepNotOffered(
        f"'{name}' cannot be done while the case is {case.state}.{who}",
        step=name,
        state=case.state,
        **by,
    )


def _task_done(case: Case, task: int) -> TaskDone:
    """Return the refusal that names who moved the case away from the task."""
    left = next((entry for entry in case.arrivals() if entry.seq > task), None)
    if left is None:
        return TaskDone("There is no such task.", state=case.state)
    at = left.at.isoformat()
    return TaskDone(
        f"{left.actor.id} was first, at {at}; the case is {case.state} now.",
        state=case.state,
        by=left.actor.id,
        at=at,
    )


def _is_for_version(request: Request, version: int) -> bool:
    if request.if_match is None or isinstance(request.if_match, int):
        return request.if_match in (None, version)
    return version in request.if_match
