"""The names and sentences that a kind's catalogues must have, and may have."""

from collections.abc import Iterator
from enum import Enum
from itertools import chain
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from app.authorization import STAFF
from cases import record_of
from cases.common.classification import Priority
from cases.common.forms import Channel
from cases.common.roles import STAFF_ROLES
from domain.engine.clock_events import ASSIGNEE, MILESTONE_TYPES
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal, refusals
from domain.language.clocks import ClockState
from domain.language.effects import Call, Effect
from domain.language.entries import EntryType
from domain.language.roles import NOT_STAFF
from domain.language.table import Stage
from store.outbox.outbox import NO_CONTACT
from store.outbox.records import CUSTOMER_MESSAGE, LOCAL_MAILBOX, TEAM
from tests.support.form_faults import fault_codes


def of_all() -> set[str]:
    """Return the names that are needed whatever the kinds are."""
    return {
        *(f"stage.{stage.value}" for stage in Stage),
        *(f"channel.{channel.value}" for channel in Channel),
        f"channel.{LOCAL_MAILBOX}",
        *(f"priority.{priority.value}" for priority in Priority),
        *(f"role.{name}" for name in (STAFF_ROLES | NOT_STAFF)),
        f"role.{ASSIGNEE}",
        f"role.{TEAM}",
        f"role.{STAFF}",
        *(f"step.{name}" for name in TASK_ACTIONS),
        *(f"clock_state.{state.value}" for state in ClockState),
        *(f"notice.clock_{type.value}" for type in MILESTONE_TYPES),
        f"notice.{CUSTOMER_MESSAGE}",
        *chain.from_iterable(_fields(form) for form, _ in TASK_ACTIONS.values()),
        *chain.from_iterable(_sentences(refusal) for refusal in refusals_of("common")),
        *(f"fault.{code}" for code in fault_codes("cases/common/")),
        *(f"entry.{type.value}" for type in EntryType),
        f"reason.{NO_CONTACT}",
    }


def of_kind(process: Process) -> set[str]:
    """Return the names that this kind needs."""
    steps = [step for state in process.states for step in state.steps]
    effects = [
        *(effect for state in process.states for effect in state.does),
        *(effect for step in steps for effect in step.does),
    ]
    forms = [process.opens_with, *process.forms.values()]
    return {
        f"kind.{process.kind}",
        f"team.{process.team}",
        *(f"state.{state.name.value}" for state in process.states),
        *(f"clock.{clock.name}" for state in process.states for clock in state.starts),
        *(f"outcome.{state.outcome}" for state in process.states if state.outcome),
        *(f"step.{step.name}" for step in steps),
        *(f"record.{step.name}" for step in steps if step.name in record_of(process.kind)),
        *(f"role.{name}" for step in steps for name in step.by),
        *(_text(effect) for effect in effects),
        *chain.from_iterable(_fields(form) for form in forms),
        *chain.from_iterable(_sentences(refusal) for refusal in refusals_of(process.kind)),
        *(f"fault.{code}" for code in fault_codes(f"cases/{process.kind}/")),
    }


def refusals_of(kind: str) -> list[type[Refusal]]:
    """Return the kind's own refusals, or those that several kinds share."""
    return [each for each in refusals().values() if each.__module__ == f"cases.{kind}.errors"]


def _sentences(refusal: type[Refusal]) -> Iterator[str]:
    yield f"refusal.{refusal.code}"
    yield f"refusal.{refusal.code}.title"


def _text(effect: Effect) -> str:
    return f"{'call' if isinstance(effect, Call) else 'notice'}.{effect.template}"


def _fields(form: type[BaseModel]) -> Iterator[str]:
    for name, field in form.model_fields.items():
        yield f"field.{name}"
        for kind in _types(field.annotation):
            if issubclass(kind, Enum):
                yield from (f"{name}.{each.value}" for each in kind)
            elif issubclass(kind, BaseModel):
                yield from _fields(kind)


def _types(annotation: Any) -> Iterator[type]:
    if get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _types(option)
    elif get_origin(annotation) is Annotated:
        yield from _types(get_args(annotation)[0])
    elif isinstance(annotation, type):
        yield annotation
