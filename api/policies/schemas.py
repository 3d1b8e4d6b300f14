"""Policies in requests and responses."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from api.http.schemas import FieldError, RequestModel, ResponseModel
from app.policy import Standing
from domain.language.values import Text

MAX_DOCUMENT = 256 * 1024


class NewPolicy(RequestModel):
    """A policy to be published: its text, in YAML or JSON, and why it is."""

    document: Annotated[str, Field(max_length=MAX_DOCUMENT, description="Its text, YAML or JSON.")]
    reason: Text


class Why(RequestModel):
    """Why something is done; it is written down."""

    reason: Text


class Policy(ResponseModel):
    """A policy, and where it stands; who published it is null for the program's own."""

    version: str
    title: str
    standing: Standing
    hash: str | None
    at: AwareDatetime | None
    by: str | None
    reason: str | None


class PolicyRelease(ResponseModel):
    """From when on a policy was in force for new cases, by whose word and why."""

    version: str
    at: AwareDatetime
    by: str
    reason: str


class PolicyList(ResponseModel):
    """The policies, the one for new cases, and which one was in force, the newest first."""

    in_force: str
    items: list[Policy]
    history: list[PolicyRelease]


class PublishedPolicy(ResponseModel):
    """A policy that is published and waits for somebody else to put it in force.

    `warnings` are what somebody should see to: a team or a role that nobody is in.
    """

    version: str
    title: str
    hash: str
    at: AwareDatetime
    by: str
    reason: str
    warnings: list[FieldError]


class PolicyText(ResponseModel):
    """A published policy as cases carry it."""

    version: str
    title: str
    hash: str
    document: dict[str, Any]
