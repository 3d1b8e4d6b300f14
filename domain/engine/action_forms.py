"""The forms of what is done with a task or a case beside its table: claim, hold, rewind …"""

from enum import StrEnum, auto
from typing import Annotated

from pydantic import Field

from domain.language.forms import Empty, Form
from domain.language.values import Code, Instant, Note, Text


class Claim(Empty):
    """Take the task oneself."""


class Release(Form):
    """Put the task back for others."""

    reason: Note = ""


class Assignment(Form):
    """Assign the task to a person, with their roles of the day; the team may change with it.

    `limit` is when the case is to be resolved (本单时限), if not when the policy says.
    """

    assignee: Code
    roles: Annotated[tuple[Code, ...], Field(min_length=1)]
    team: Code | None = None
    reason: Note = ""
    limit: Instant | None = None


class AssignmentRequest(Form):
    """To whom a task is assigned; the person's roles are looked up.

    `limit` is when the case is to be resolved, if not when the policy says.
    """

    assignee: Code
    team: Code | None = None
    reason: Note = ""
    limit: Instant | None = None


class Limiting(Form):
    """Give the case a limit of its own (本单时限): when it is to be resolved."""

    limit: Instant
    reason: Note = ""


class Holding(Form):
    """Put the task on hold until a moment, for a reason. The clocks run on."""

    reason: Text
    until: Instant


class Resuming(Form):
    """Take up the task again before its time."""

    reason: Note = ""


class Notifying(Form):
    """Write a message to the customer; it moves nothing."""

    text: Text


class CompensationMethod(StrEnum):
    """What makes up for an effect: its port reverses it, people did by hand, or it is accepted.

    A message is reversed by another one that corrects it.
    """

    REVERSE = auto()
    BY_HAND = auto()
    ACCEPT = auto()


class ClockMode(StrEnum):
    """What becomes of the clocks that ran then.

    They go on as they are now, count as they did then, or start again with the whole budget. A
    breach stays a breach in any case.
    """

    GO_ON = auto()
    AS_THEN = auto()
    RESTART = auto()


class Compensation(Form):
    """What makes up for an effect, which is named by its place in the plan; a note says how."""

    effect: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    how: CompensationMethod
    note: Note = ""


class Rewinding(Form):
    """Take the case back to where it was after the entry `to`; nothing is erased."""

    to: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    reason: Text
    clocks: ClockMode
    compensations: Annotated[tuple[Compensation, ...], Field(max_length=1000)] = ()


def request_form(form: type[Form]) -> type[Form]:
    """Return what callers submit: of an assignment all but the roles, which are looked up."""
    return AssignmentRequest if form is Assignment else form
