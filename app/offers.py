"""What a caller may do with a case now; the engine says it, so that buttons match its answers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from app.results import Offer
from app.step_forms import form_schema
from domain.engine import task_actions as actions
from domain.engine.action_forms import Assignment, Release
from domain.engine.capacity import refuse_when_full
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.forms import Empty, Form
from domain.language.roles import Actor
from domain.language.table import Step
from i18n.labels import label

ANYBODY = Assignment(assignee="-", roles=("-",))
"""An assignment to nobody in particular: whether the caller may assign at all."""


def offers(process: Process, case: Case, actor: Actor, at: datetime, locale: str) -> list[Offer]:
    """Return the steps that this actor may take at this moment, as buttons with their forms."""
    settled = _settled(process, case, at)
    return [
        Offer(
            name=step.name,
            label=label(f"step.{step.name}", locale, process.kind),
            form=form_schema(process.kind, step.form),
            default=_default(step, settled.opening.proposal),
        )
        for step in _allowed_steps(process, settled, actor, at)
    ]


def task_actions(process: Process, case: Case, actor: Actor, at: datetime) -> list[str]:
    """Return what this actor may do besides: with the open task, or write to the customer."""
    settled = _settled(process, case, at)
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
        "hold": check("hold", reason="-", until=soon),
        "resume": check("resume"),
        "notify": check("notify", text="-"),
    }
    return [action for action, check in checks.items() if _passes(check)]


def _settled(process: Process, case: Case, at: datetime) -> Case:
    """Return a copy in which time has done what is due by now, as it will before any step."""
    settled = case.copy()
    process.settle(settled, at)
    return settled


def _allowed_steps(process: Process, case: Case, actor: Actor, at: datetime) -> list[Step]:
    state, rules = process.state_of(case), process.candidate_rules(case)

    def may_work(step: Step) -> bool:
        form = ANYBODY if step.form is Assignment else Empty()
        return _passes(lambda: actions.check_work(case, state, actor, form, rules))

    def has_room(step: Step) -> bool:
        return _passes(lambda: refuse_when_full(process, case, step.arrows.values()))

    offered = process.offers(case, actor, at)
    return [step for step in offered if may_work(step) and has_room(step)]


def _passes(check: Callable[[], object]) -> bool:
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
