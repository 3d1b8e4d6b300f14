"""What the schemas of several nouns are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.language.values import Instant
from domain.read_models.projection import CaseView


class ResponseModel(BaseModel):
    """The base of responses; reads records and results by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class CaseSummary(CaseView):
    """A case as lists and answers show it; `etag` is the entry that moved it or its task last.

    `since` is when the case came into its state, `next_due` the soonest moment that an open clock
    is, or was, due, `head_start` by how much sooner it stands in lists. While its task is on hold,
    `on_hold_until` says until when.
    """

    model_config = ConfigDict(from_attributes=True)

    held_until: Instant | None = Field(default=None, serialization_alias="on_hold_until")


class FieldError(ResponseModel):
    """A wrong part of the request: where it is (a JSON pointer), and what is wrong.

    `params` has what the sentence tells: a bound, or the values there are.
    """

    pointer: str
    code: str
    detail: str
    params: dict[str, Any] = {}


class ProblemDetails(ResponseModel):
    """A problem (RFC 9457): `code` is for programs, `detail` is a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any]
    trace_id: str
    errors: list[FieldError] = []


class RequestModel(BaseModel):
    """The base of request bodies; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FormData = Annotated[dict[str, JsonValue], Field(description="The form of the step.")]
