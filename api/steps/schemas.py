"""Steps as they come in and go out."""

from typing import Annotated, Any

from pydantic import Field, JsonValue

from api.http.schemas import Answer, Body, CaseSummary, FormBody
from domain.engine.messages import MAX_COMMANDS, Receipt
from domain.language.forms import Code


class StepBody(Body):
    """One of several steps."""

    step: Code
    form: FormBody = {}


class StepsBody(Body):
    """Several steps at once: all of them, or none."""

    steps: Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=MAX_COMMANDS)]


class Offer(Answer):
    """A step that the caller may take now: what it is called, and the JSON Schema of its form."""

    name: str
    label: str
    form: dict[str, Any]
    default: dict[str, JsonValue] | None = None


class Done(Answer):
    """What a request brought about. Without a receipt it is durable and not recorded yet."""

    receipt: Receipt | None
    case: CaseSummary | None
