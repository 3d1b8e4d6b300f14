"""`/v1/kinds`: the kinds of cases and their processes, read from the process tables."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter

from api.http.dependencies import ServicesDep
from api.http.security import Caller
from api.kinds.schemas import KindDetails, KindList, KindState, KindStep, KindSummary, Labels
from app.errors import NotFound
from app.policy import policy_in_force
from app.step_forms import form_schema
from app.texts import tag
from cases import CURRENT
from domain.engine.kept_policy import KeptPolicy
from domain.engine.process import Process
from domain.language.table import State, Step
from domain.mining.diagrams import mermaid
from i18n.labels import LOCALES, label
from store.errors import StoreDown

router = APIRouter(prefix="/v1/kinds", tags=["kinds"])


@router.get("", operation_id="list_kinds", summary="List the kinds of cases")
async def list_kinds(_caller: Caller) -> KindList:
    """Return every kind that a case can be started with."""
    return KindList(items=[KindSummary(**_summary(process)) for process in CURRENT.values()])


@router.get("/{kind}", operation_id="get_kind", summary="Read how a kind goes")
async def get_kind(caller: Caller, services: ServicesDep, kind: str) -> KindDetails:
    """Return states, stages, steps with who may take them and their forms, labels, a diagram.

    The categories in the forms are those of new cases: a case keeps those of its policy.
    """
    process = CURRENT.get(kind)
    if process is None:
        raise NotFound
    policy = KeptPolicy(services.policy_version)
    with suppress(StoreDown):
        policy = await policy_in_force(services, caller.tenant)
    return KindDetails(
        **_summary(process),
        opens_with=process.opens_with.model_json_schema(),
        states=[_state(process, state, policy) for state in process.states],
        diagram=mermaid(process),
    )


def _summary(process: Process) -> Mapping[str, Any]:
    return {
        "kind": process.kind,
        "prefix": process.prefix,
        "version": process.version,
        "labels": _labels(process, f"kind.{process.kind}"),
    }


def _state(process: Process, state: State, policy: KeptPolicy) -> KindState:
    return KindState(
        name=state.name.value,
        labels=_labels(process, f"state.{state.name.value}"),
        stage=state.stage.value,
        stage_labels=_labels(process, f"stage.{state.stage.value}"),
        waits_on=state.waits_on.value,
        waits_for=state.waits_for,
        outcome=state.outcome,
        steps=[_step(process, step, policy) for step in state.steps],
    )


def _step(process: Process, step: Step, policy: KeptPolicy) -> KindStep:
    return KindStep(
        name=step.name,
        labels=_labels(process, f"step.{step.name}"),
        by=list(step.by),
        leads_to={_outcome(outcome): dest for outcome, dest in step.arrows.items()},
        after_hours=step.after.usual.total_seconds() / 3600 if step.after else None,
        until_hours=step.until.usual.total_seconds() / 3600 if step.until else None,
        form=form_schema(process.kind, step.form, policy),
    )


def _outcome(outcome: object) -> str:
    if outcome is None:
        return "*"
    return str(outcome).lower() if isinstance(outcome, bool) else str(outcome)


def _labels(process: Process, name: str) -> Labels:
    return {tag(locale): label(name, locale, process.kind) for locale in LOCALES}
