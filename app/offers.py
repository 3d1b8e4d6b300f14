"""What a caller may do with a case now; the engine says it, so that buttons match its answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from app.errors import AppError
from app.expected_errors import refused
from app.results import Offer
from app.step_forms import AUTOMATIC_ROLES, form_schema
from domain.engine import task_actions as actions
from domain.engine.action_forms import Assignment, Release
from domain.engine.capacity import refuse_when_full
from domain.engine.case import Case
from domain.engine.merged import MERGE, UNMERGE
from domain.engine.messages import Command
from domain.engine.preconditions import refuse_role
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.channels import Channel
from domain.language.forms import Empty, Form
from domain.language.roles import Actor
from domain.language.table import Step
from domain.language.values import Priority
from i18n.labels import label
from store.people.records import Staff

ANYBODY = Assignment(assignee="-", roles=("-",))
"""An assignment to nobody in particular: whether the caller may assign at all."""


def offers(process: Process, case: Case, actor: Actor, at: datetime, locale: str) -> list[Offer]:
    """Return the steps that this actor may take at this moment, as buttons with their forms."""
    settled = settled_case(process, case, at)
    return [
        Offer(
            name=step.name,
            label=label(f"step.{step.name}", locale, process.kind),
            form=form_schema(process.kind, step.form, case.policy),
            default=_default(step, settled.opening.proposal),
        )
        for step in _allowed_steps(process, settled, actor, at)
    ]


def withheld_steps(
    process: Process, case: Case, actor: Actor, at: datetime
) -> list[tuple[str, AppError]]:
    """Return the steps that people take from here but not this actor now, each with why."""
    settled = settled_case(process, case, at)
    return [
        (step.name, refused(refusal, process.kind))
        for step in process.steps(settled, at)
        if step.by.names - AUTOMATIC_ROLES
        if (refusal := _why_not(process, settled, step, actor)) is not None
    ]


def task_actions(process: Process, case: Case, actor: Actor, at: datetime) -> list[str]:
    """Return what this actor may do besides: with the open task, or write to the customer."""
    settled = settled_case(process, case, at)
    soon = (at + timedelta(seconds=1)).isoformat()

    def check(action: str, **form: JsonValue) -> Callable[[], object]:
        return lambda: process.check(settled, Command(step=action, form=form), actor, at)

    def check_action(form: Form) -> Callable[[], object]:
        state, rules = process.state_of(settled), process.candidate_rules(settled)

        def check() -> None:
            refuse_when_full(process, settled, ())
            actions.check_action(settled, state, actor, form, rules, at)

        return check

    # The forms are the least that the engine takes: whether the caller may do it at all.
    checks: Mapping[str, Callable[[], object]] = {
        "claim": check("claim"),
        "release": check_action(Release()),
        "assign": check_action(ANYBODY),
        "limit": check("limit", limit=soon),
        "prioritise": check("prioritise", priority=Priority.P1.value, reason="-"),
        "hold": check("hold", reason="-", until=soon),
        "resume": check("resume"),
        "notify": check("notify", text="-"),
        actions.AWAIT: check(actions.AWAIT),
        "ask_approval": check("ask_approval", amount={"amount": "1"}, reason="-"),
        "ask_assistance": check("ask_assistance", team="-", question="-", due_at=soon),
        "chase": check("chase", channel=Channel.PHONE.value),
        MERGE: check(MERGE, into=f"{process.prefix}-", reason="-"),
        UNMERGE: check(UNMERGE, reason="-"),
    }
    return [action for action, check in checks.items() if passes(check)]


def assignable(
    process: Process, case: Case, actor: Actor, at: datetime, staff: Sequence[Staff]
) -> list[Staff]:
    """Return those of the staff to whom this actor may assign the case now."""
    settled = settled_case(process, case, at)

    def assign_to(person: Staff) -> Callable[[], object]:
        form: dict[str, JsonValue] = {"assignee": person.id, "roles": [*person.roles]}
        return lambda: process.check(settled, Command(step="assign", form=form), actor, at)

    return [person for person in staff if person.roles and passes(assign_to(person))]


def settled_case(process: Process, case: Case, at: datetime) -> Case:
    """Return a copy in which time has done what is due by now, as it will before any step."""
    settled = case.copy()
    process.settle(settled, at)
    return settled


def _allowed_steps(process: Process, case: Case, actor: Actor, at: datetime) -> list[Step]:
    steps = process.steps(case, at)
    return [step for step in steps if _why_not(process, case, step, actor) is None]


def _why_not(process: Process, case: Case, step: Step, actor: Actor) -> Refusal | None:
    """Return why an actor may not take a step now, whatever its form says; None if they may."""
    form = ANYBODY if step.form is Assignment else Empty()
    state, rules = process.state_of(case), process.candidate_rules(case)
    try:
        refuse_role(step, actor)
        if not step.reports:
            actions.check_work(case, state, actor, form, rules)
        refuse_when_full(process, case, step.arrows.values())
    except Refusal as refusal:
        return refusal
    return None


def passes(check: Callable[[], object]) -> bool:
    """Say whether the engine refuses nothing."""
    try:
        check()
    except Refusal:
        return False
    return True


def _default(step: Step, proposal: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return what the form is filled with: of a classification what was proposed at intake."""
    if step.name != "classify":
        return None
    return {
        name: value for name, value in proposal.items() if name in step.form.model_fields
    } or None
