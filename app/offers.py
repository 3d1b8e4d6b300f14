"""What a caller may do with a case now, as the engine says, so that buttons match its answers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from api.steps.schemas import Offer
from app.step_forms import schema_for
from domain.engine import task_actions
from domain.engine.action_forms import Assignment, Release
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.forms import Empty, Form
from domain.language.roles import Actor
from domain.language.table import Step
from i18n.labels import label

SOMEBODY = Assignment(assignee="-", roles=("-",))
"""An assignment to nobody in particular: whether the caller may assign at all."""


def offers(process: Process, case: Case, actor: Actor, at: datetime, locale: str) -> list[Offer]:
    """The steps this actor may take now, as buttons with their forms."""
    now = _settled(process, case, at)
    return [
        Offer(
            name=step.name,
            label=label(f"step.{step.name}", locale, process.kind),
            form=schema_for(process.kind, step.form),
            default=_default(step.form, now.opening.proposal) if step.name == "classify" else None,
        )
        for step in _allowed(process, now, actor, at)
    ]


def task_acts(process: Process, case: Case, actor: Actor, at: datetime) -> list[str]:
    """What this actor may do with the open task, or without one: hold it, write to the customer."""
    now = _settled(process, case, at)
    state, candidate_rules = process.state_of(now), process.candidate_rules(now)
    trials: Mapping[str, Callable[[], object]] = {
        "claim": lambda: process.check(now, Command(step="claim"), actor, at),
        "release": lambda: task_actions.check_act(
            now, state, actor, Release(), candidate_rules, at
        ),
        "assign": lambda: task_actions.check_act(now, state, actor, SOMEBODY, candidate_rules, at),
        "limit": lambda: process.check(now, _sooner(at), actor, at),
        "hold": lambda: process.check(now, _held(at), actor, at),
        "resume": lambda: process.check(now, Command(step="resume"), actor, at),
        "notify": lambda: process.check(now, Command(step="notify", form={"text": "-"}), actor, at),
    }
    return [name for name, trial in trials.items() if _passes(trial)]


def _sooner(at: datetime) -> Command:
    """A limit that is over in no time: whether the caller may set any."""
    return Command(step="limit", form={"limit": (at + timedelta(seconds=1)).isoformat()})


def _held(at: datetime) -> Command:
    """A hold that is over in no time: whether the caller may put the task on any."""
    until = (at + timedelta(seconds=1)).isoformat()
    return Command(step="hold", form={"reason": "-", "until": until})


def _settled(process: Process, case: Case, at: datetime) -> Case:
    """A copy in which time has done what is due by now, as it will before any step."""
    now = case.copy()
    process.settle(now, at)
    return now


def _allowed(process: Process, case: Case, actor: Actor, at: datetime) -> list[Step]:
    state, candidate_rules = process.state_of(case), process.candidate_rules(case)

    def works(step: Step) -> bool:
        trial = SOMEBODY if step.form is Assignment else Empty()
        return _passes(lambda: task_actions.check_work(case, state, actor, trial, candidate_rules))

    return [step for step in process.offers(case, actor, at) if works(step)]


def _passes(trial: Callable[[], object]) -> bool:
    try:
        trial()
    except Refusal:
        return False
    return True


def _default(form: type[Form], proposal: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    known = {name: value for name, value in proposal.items() if name in form.model_fields}
    return known or None
