"""Kinds in responses."""

from typing import Any

from pydantic import JsonValue

from api.http.schemas import ResponseModel

Labels = dict[str, str]


class KindSummary(ResponseModel):
    """A kind in the list."""

    kind: str
    prefix: str
    version: int
    labels: Labels


class KindList(ResponseModel):
    """The kinds of cases."""

    items: list[KindSummary]


class KindStep(ResponseModel):
    """A step: who may take it, with which form, and where it leads for each outcome."""

    name: str
    labels: Labels
    by: list[str]
    leads_to: dict[str, str]
    after_hours: float | None
    until_hours: float | None
    form: dict[str, Any]


class KindState(ResponseModel):
    """A state: its stage, whom it waits on and for what, and its steps."""

    name: str
    labels: Labels
    stage: str
    stage_labels: Labels
    waits_on: str
    waits_for: str
    outcome: str | None
    steps: list[KindStep]


class KindDetails(KindSummary):
    """A kind with its whole table, the schema of its opening form, and a diagram (mermaid)."""

    opens_with: dict[str, JsonValue]
    states: list[KindState]
    diagram: str
