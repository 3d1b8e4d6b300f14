"""What callers send: the bodies of requests, strict about what they do not know."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from cases.common.forms import Channel
from domain.engine.messages import MAX_DEEDS
from domain.language.forms import Code, Form, Instant, Note, Text
from store.customers.records import ContactKind

MAX_BATCH = 100
MAX_CONTACTS = 10

Ref = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[\w.:/+-]+$",
        description="A reference of the caller's own, such as the number of an order or a review. "
        "No personal data (no e-mail address, no phone number): it becomes part of the history.",
    ),
]

FormBody = Annotated[dict[str, JsonValue], Field(description="The form of the step.")]


class Body(BaseModel):
    """The base of bodies."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactBody(Body):
    """One way to reach a customer."""

    kind: ContactKind
    value: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class CustomerBody(Body):
    """A customer we know, by reference, or what is known of one."""

    ref: Code | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    contacts: Annotated[tuple[ContactBody, ...], Field(max_length=MAX_CONTACTS)] = ()

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.ref is not None and (self.name is not None or self.contacts):
            raise PydanticCustomError(
                "not_both", "give a reference, or a name and contacts, not both"
            )
        return self


class NewCase(Body):
    """A case to be started."""

    kind: Code
    channel: Channel
    received_at: AwareDatetime | None = None
    form: dict[str, JsonValue]
    external_ref: Ref | None = None
    customer: CustomerBody | None = None
    order: Code | None = None
    product: Code | None = None
    parent: Code | None = None


class Batch(Body):
    """Many cases; each is checked on its own, so that one wrong one does not stop the rest."""

    cases: Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=MAX_BATCH)]


class StepBody(Body):
    """One of several steps."""

    step: Code
    form: FormBody = {}


class StepsBody(Body):
    """Several steps at once: all of them, or none."""

    steps: Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=MAX_DEEDS)]


class Handing(Form):
    """To whom a task is handed; the person's roles are looked up.

    `limit` is when the case is to be resolved, if not when the policy says.
    """

    assignee: Code
    team: Code | None = None
    reason: Note = ""
    limit: Instant | None = None


class NewComment(Body):
    """Something said about a case that does not move it."""

    body: Text
    visibility: Annotated[str, Field(pattern="^(internal|public)$")] | None = None


class Reasoned(Body):
    """Something done to the system; the reason is written down with it."""

    reason: Note = ""


class NewStaff(Reasoned):
    """A new colleague."""

    id: Code
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    teams: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class StaffChange(Reasoned):
    """Other roles, other teams, out or in again; what is left out stays as it is."""

    active: bool | None = None
    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)] | None = None
    teams: Annotated[tuple[Code, ...], Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.active is None and self.roles is None and self.teams is None:
            raise PydanticCustomError("nothing_to_change", "say what is to change")
        return self


class NewTeam(Reasoned):
    """A new team."""

    id: Code
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewKey(Reasoned):
    """A key for a system, or for one of the staff."""

    system: Code | None = None
    staff: Code | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.system is None) == (self.staff is None):
            raise PydanticCustomError(
                "one_owner", "say whose key it is: a system's or one of the staff's"
            )
        return self
