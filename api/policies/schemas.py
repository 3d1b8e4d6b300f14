"""Policies in requests and responses."""

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from api.http.schemas import FieldError, RequestModel, ResponseModel
from app.policy import Standing
from app.policy_diff import MAX_CLOSED
from cases.common.decisions import AuthorityDecision, ClockDecision, Decision, Decisions
from cases.common.policy_effects import Breach
from domain.language.values import Code, Duration, Text

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


class PolicyQuestion(RequestModel):
    """Which policy is compared, by its version or its text, and with how many closed cases.

    A page looks at up to `limit` cases; the next one goes on at `cursor`.
    """

    policy: Code | None = None
    document: Annotated[str | None, Field(max_length=MAX_DOCUMENT)] = None
    closed: Annotated[int, Field(ge=0, le=MAX_CLOSED, description="The cases closed last.")] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str | None, Field(max_length=1000)] = None

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        if (self.policy is None) == (self.document is None):
            raise PydanticCustomError("policy_or_document", "give a policy's version or its text")
        return self


class Change(ResponseModel):
    """A value before and after; null is that there is none."""

    before: str | None
    after: str | None


class ClockEffect(ResponseModel):
    """A clock that is due at another time; null is that nothing is promised, or it is paused."""

    clock: str
    instance: int
    due_before: AwareDatetime | None
    due_after: AwareDatetime | None
    breach: Breach | None


class AuthorityEffect(ResponseModel):
    """How much somebody in a role may give out of a pot without another's approval."""

    pot: str
    role: str
    amount: Change


class PolicyEffect(ResponseModel):
    """What a policy would change in a case: an open one from now on, a closed one as it went."""

    number: str
    kind: str
    closed: bool
    clocks: list[ClockEffect]
    priority: Change | None
    team: Change | None
    head_start: Change | None
    authority: list[AuthorityEffect]


class PolicyDiff(ResponseModel):
    """A page: how many cases were looked at, and what would change in those that change.

    `total` is how many there are to look at, on the first page; `left_out` cannot be read.
    """

    policy: str
    looked_at: int
    total: int | None
    items: list[PolicyEffect]
    next: str | None
    left_out: list[str]


class DecidedBy(ResponseModel):
    """By which row (from 1) of which table something was decided, and because of which values.

    Without a row nothing of the table decided: the case is not classified yet, say.
    """

    table: str
    row: int | None
    because: dict[str, str]


class DecidedValue(DecidedBy):
    """A priority or a team, and by which row."""

    value: str | None


class DecidedLength(DecidedBy):
    """By how much sooner than it is due a case stands in lists, and by which row."""

    value: Duration | None


class DecidedClock(DecidedBy):
    """What is promised for a clock: null promises nothing.

    `due_at` is there if the clock counts from the receipt of the case.
    """

    clock: str
    budget: Duration | None
    due_at: AwareDatetime | None


class DecidedAuthority(DecidedBy):
    """How much somebody in a role may give out of a pot; above it somebody else approves."""

    pot: str
    role: str
    amount: str


class Preview(ResponseModel):
    """What a policy would decide for a case, and who would work on it.

    `classification` is what it was asked with: given, or proposed; null where there is none.
    """

    policy: str
    kind: str
    state: str
    classification: dict[str, JsonValue] | None
    priority: DecidedValue
    team: DecidedValue
    head_start: DecidedLength
    candidates: list[str]
    leads: list[str]
    clocks: list[DecidedClock]
    currency: str
    authority: list[DecidedAuthority]


def preview_of(decided: Decisions) -> dict[str, Any]:
    """Return what was decided as a preview has it."""
    return {
        "priority": _value(decided.priority),
        "team": _value(decided.team),
        "head_start": DecidedLength(value=decided.head_start.value, **_by(decided.head_start)),
        "clocks": [_clock(each) for each in decided.clocks],
        "currency": decided.currency,
        "authority": [_authority(each) for each in decided.authority],
    }


def _by(decision: Decision) -> dict[str, Any]:
    return {"table": decision.table, "row": decision.row, "because": dict(decision.because)}


def _value(decision: Decision) -> DecidedValue:
    return DecidedValue(value=decision.value, **_by(decision))


def _clock(each: ClockDecision) -> DecidedClock:
    by = _by(each.budget)
    return DecidedClock(clock=each.clock, budget=each.budget.value, due_at=each.due_at, **by)


def _authority(each: AuthorityDecision) -> DecidedAuthority:
    by = _by(each.amount)
    return DecidedAuthority(pot=each.pot, role=each.role, amount=str(each.amount.value), **by)
