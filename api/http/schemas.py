"""What the bodies of several nouns are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.language.forms import Instant
from domain.read_models.projection import CaseView


class Answer(BaseModel):
    """The base of answers; reads the store's records by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class CaseSummary(CaseView):
    """A case as lists and answers show it; `etag` is the entry that moved it or its task last.

    `since` is when the case came into its state, `next_due` the soonest moment that an open clock
    is, or was, due. While its task is on hold, `on_hold_until` says until when.
    """

    model_config = ConfigDict(from_attributes=True)

    held_until: Instant | None = Field(default=None, serialization_alias="on_hold_until")


class FieldError(Answer):
    """One thing wrong with what was sent: where it is (a JSON pointer), and what."""

    pointer: str
    code: str
    detail: str


class ProblemAnswer(Answer):
    """A problem (RFC 9457): `code` is for programs, `detail` is a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any]
    trace_id: str
    errors: list[FieldError] = []


class Body(BaseModel):
    """The base of bodies."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FormBody = Annotated[dict[str, JsonValue], Field(description="The form of the step.")]
