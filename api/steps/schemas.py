"""Steps in requests and responses."""

from typing import Annotated, Any

from pydantic import Field, JsonValue

from api.http.schemas import CaseSummary, FormData, RequestModel, ResponseModel
from domain.engine.messages import MAX_COMMANDS, Receipt
from domain.language.values import Code


class StepRequest(RequestModel):
    """One of several steps."""

    step: Code
    form: FormData = {}


class StepsRequest(RequestModel):
    """Several steps at once: all of them, or none."""

    steps: Annotated[tuple[StepRequest, ...], Field(min_length=1, max_length=MAX_COMMANDS)]


class Offer(ResponseModel):
    """A step that the caller may take now: what it is called, and the JSON Schema of its form."""

    name: str
    label: str
    form: dict[str, Any]
    default: dict[str, JsonValue] | None = None


class StepResult(ResponseModel):
    """What came of submitted steps; without a receipt they are durable and not recorded yet."""

    receipt: Receipt | None
    case: CaseSummary | None
