"""The names and sentences that a kind's catalogues must have, and may have."""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import chain
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from app.authorization import STAFF
from app.start_case import NewCase
from cases import record_of
from cases.common.measures import Standing
from cases.common.money_record import MoneyEvent
from cases.common.policy import Policy
from cases.common.roles import STAFF_ROLES
from domain.engine.clock_events import ASSIGNEE, MILESTONE_TYPES
from domain.engine.definition import MERGE_NOTICES
from domain.engine.merged import REFUSALS, CommonEnd
from domain.engine.process import Process
from domain.engine.side_tasks import SideSort, SideState
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal, refusals
from domain.language.categories import terms_of
from domain.language.channels import Channel
from domain.language.clocks import ClockState, Milestone
from domain.language.effects import Call, Effect
from domain.language.entries import EntryType
from domain.language.goods import Decision, Settlement, Whereabouts
from domain.language.roles import NOT_STAFF
from domain.language.table import Stage
from domain.language.values import Priority
from domain.read_models.likeness import Shared
from i18n.labels import COMMON, labels
from policies.documents import policies
from store.audit.records import AUDIT_EVENTS
from store.customers.records import Consent, CustomerType, Tier, VersionKind
from store.outbox.outbox import NO_CONTACT
from store.outbox.records import CUSTOMER_MESSAGE, LOCAL_MAILBOX, TEAM
from tests.support.form_faults import fault_codes
from web.forms.fields import ChoiceField, walk
from web.forms.schema import read_schema
from web.forms.words import names_of

LINES = ("from", "arrivals", "closed", "backlog", "met", "breached", "median", "p90", "nps")
"""The lines of the board and of charts."""

OF_CLOCKS = ("clock", "instance", "rungs", "tells", "raises", "breach", "old_due", "new_due")
"""What the entries say that the engine makes for clocks."""

OF_REQUESTS = ("request_overdue", "request_answered", "chased")
OF_ENUMS: Mapping[str, type[Enum]] = {
    "shared": Shared,
    "stage": Stage,
    "channel": Channel,
    "priority": Priority,
    "clock_state": ClockState,
    "entry": EntryType,
    "request": SideSort,
    "request_state": SideState,
    "standing": Standing,
    "goods": Whereabouts,
    "decision": Decision,
    "settlement": Settlement,
    "money": MoneyEvent,
    "customer_type": CustomerType,
    "tier": Tier,
    "consent": Consent,
    "customer_version": VersionKind,
}
"""What is shown by the values of enums, by the sort of name."""


@cache
def of_all() -> frozenset[str]:
    """Return the names that are needed whatever the kinds are."""
    return frozenset({*_of_the_engine(), *_of_forms(), *_of_pages()})


def _of_the_engine() -> Iterator[str]:
    for sort, values in OF_ENUMS.items():
        yield from (f"{sort}.{each.value}" for each in values)
    yield f"channel.{LOCAL_MAILBOX}"
    yield from (f"role.{name}" for name in (STAFF_ROLES | NOT_STAFF))
    yield from (f"role.{name}" for name in (ASSIGNEE, TEAM, STAFF))
    yield from (f"step.{name}" for name in TASK_ACTIONS)
    yield from (f"notice.clock_{type.value}" for type in MILESTONE_TYPES)
    yield from (f"notice.{name}" for name in (CUSTOMER_MESSAGE, *OF_REQUESTS))
    yield from (f"notice.{name}" for name in MERGE_NOTICES.values())
    yield from (f"{sort}.{CommonEnd.MERGED.value}" for sort in ("state", "outcome"))
    yield from (f"merge_refused.{reason}" for reason in REFUSALS)
    yield from chain.from_iterable(_sentences(refusal) for refusal in refusals_of("common"))
    yield from (f"fault.{code}" for code in fault_codes("cases/common/"))
    yield f"reason.{NO_CONTACT}"


def _of_forms() -> Iterator[str]:
    for form, _ in TASK_ACTIONS.values():
        yield from _fields(form)
        yield from _parts(form.model_json_schema())
    yield from (f"field.{name}" for name in OF_CLOCKS)
    yield from _parts(NewCase.model_json_schema())


def _of_pages() -> Iterator[str]:
    for policy in policies().values():
        yield from (f"rung.{each.name}" for each in _milestones(policy))
    yield from (f"line.{name}" for name in LINES)
    yield from (f"audit.{name}" for name in AUDIT_EVENTS)


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
        *(f"team.{team}" for team in process.teams),
        *(f"state.{state.name.value}" for state in process.states),
        *(f"clock.{clock.name}" for state in process.states for clock in state.starts),
        *(f"outcome.{state.outcome}" for state in process.states if state.outcome),
        *(f"step.{step.name}" for step in steps),
        *(f"record.{step.name}" for step in steps if step.name in record_of(process.kind)),
        *(f"role.{name}" for step in steps for name in step.by),
        *(_text(effect) for effect in effects),
        *(f"notice.{name}" for name in process.reasoned_notices),
        *chain.from_iterable(_fields(form) for form in forms),
        *chain.from_iterable(_parts(form.model_json_schema()) for form in forms),
        *chain.from_iterable(_sentences(refusal) for refusal in refusals_of(process.kind)),
        *(f"fault.{code}" for code in fault_codes(f"cases/{process.kind}/")),
        *(f"category.{each.code}" for each in process.categories.built_in),
        *(f"check.{check.code}" for check in terms_of(process.categories.built_in, "check")),
    }


def refusals_of(kind: str) -> list[type[Refusal]]:
    """Return the kind's own refusals, or those that several kinds share."""
    return [each for each in refusals().values() if each.__module__ == f"cases.{kind}.errors"]


def _milestones(policy: Policy) -> Iterator[Milestone]:
    return chain.from_iterable(policy.milestones.values())


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


def _parts(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the names of all parts of a form as pages show it: the longest that there is."""
    for field in walk(read_schema(schema)):
        codes = field.codes if isinstance(field, ChoiceField) else ()
        for sort, code in [("field", ""), *(("", code) for code in codes)]:
            names = [*names_of(sort, field.path, code)]
            yield from [name for name in names if name in labels(COMMON, "en")][:1] or names[-1:]


def _types(annotation: Any) -> Iterator[type]:
    if get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _types(option)
    elif get_origin(annotation) is Annotated:
        yield from _types(get_args(annotation)[0])
    elif isinstance(annotation, type):
        yield annotation
