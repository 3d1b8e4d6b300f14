"""`/v1/kinds`: what sorts of cases there are, and how each goes; read off the process tables."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import JsonValue

from api.http.schemas import Answer
from api.http.security import Caller
from app.errors import NotFound
from app.step_forms import form_schema
from app.texts import tag
from cases import CURRENT
from domain.engine.process import Process
from domain.language.table import State, Step
from domain.mining.diagrams import mermaid
from i18n.labels import LOCALES, label

router = APIRouter(prefix="/v1/kinds", tags=["kinds"])

Labels = dict[str, str]


class KindLine(Answer):
    """A kind in the list."""

    kind: str
    prefix: str
    version: int
    labels: Labels


class KindList(Answer):
    """The kinds of cases."""

    items: list[KindLine]


class StepAnswer(Answer):
    """A step: who may take it, with which form, and where it leads for each outcome."""

    name: str
    labels: Labels
    by: list[str]
    leads_to: dict[str, str]
    after_hours: float | None
    until_hours: float | None
    form: dict[str, Any]


class StateAnswer(Answer):
    """A state: its stage, whom it waits on and for what, and its steps."""

    name: str
    labels: Labels
    stage: str
    stage_labels: Labels
    waits_on: str
    waits_for: str
    outcome: str | None
    steps: list[StepAnswer]


class KindAnswer(KindLine):
    """A kind with its whole table, the schema of its opening form, and a diagram (mermaid)."""

    opens_with: dict[str, JsonValue]
    states: list[StateAnswer]
    diagram: str


@router.get("", operation_id="list_kinds", summary="List the kinds of cases")
async def list_kinds(_caller: Caller) -> KindList:
    """Every kind that a case can be started with."""
    return KindList(items=[KindLine(**_line(process)) for process in CURRENT.values()])


@router.get("/{kind}", operation_id="get_kind", summary="Read how a kind goes")
async def get_kind(_caller: Caller, kind: str) -> KindAnswer:
    """States, stages, steps with who may take them and their forms, labels, and a diagram."""
    process = CURRENT.get(kind)
    if process is None:
        raise NotFound
    return KindAnswer(
        **_line(process),
        opens_with=process.opens_with.model_json_schema(),
        states=[_state(process, state) for state in process.states],
        diagram=mermaid(process),
    )


def _line(process: Process) -> Mapping[str, Any]:
    return {
        "kind": process.kind,
        "prefix": process.prefix,
        "version": process.version,
        "labels": _labels(process, f"kind.{process.kind}"),
    }


def _state(process: Process, state: State) -> StateAnswer:
    return StateAnswer(
        name=state.name.value,
        labels=_labels(process, f"state.{state.name.value}"),
        stage=state.stage.value,
        stage_labels=_labels(process, f"stage.{state.stage.value}"),
        waits_on=state.waits_on.value,
        waits_for=state.waits_for,
        outcome=state.outcome,
        steps=[_step(process, step) for step in state.steps],
    )


def _step(process: Process, step: Step) -> StepAnswer:
    return StepAnswer(
        name=step.name,
        labels=_labels(process, f"step.{step.name}"),
        by=list(step.by),
        leads_to={_outcome(outcome): dest for outcome, dest in step.arrows.items()},
        after_hours=step.after.total_seconds() / 3600 if step.after else None,
        until_hours=step.until.total_seconds() / 3600 if step.until else None,
        form=form_schema(process.kind, step.form),
    )


def _outcome(outcome: object) -> str:
    if outcome is None:
        return "*"
    return str(outcome).lower() if isinstance(outcome, bool) else str(outcome)


def _labels(process: Process, name: str) -> Labels:
    return {tag(locale): label(name, locale, process.kind) for locale in LOCALES}
