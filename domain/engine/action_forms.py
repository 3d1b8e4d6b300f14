"""The forms of what is done with a task or a case beside its table: claim, hold, rewind …"""

from enum import StrEnum, auto
from typing import Annotated

from pydantic import Field

from domain.engine.side_forms import (
    SUBMITTED,
    ApprovalRequest,
    AssistanceRequest,
    Attachment,
    Chase,
)
from domain.language.forms import Empty, Form
from domain.language.values import Code, Instant, Note, Priority, Text, refers_to


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

    assignee: Annotated[Code, refers_to("staff")]
    team: Annotated[Code, refers_to("team")] | None = None
    reason: Note = ""
    limit: Instant | None = None


class Limiting(Form):
    """Give the case a limit of its own (本单时限): when it is to be resolved."""

    limit: Instant
    reason: Note = ""


class Prioritising(Form):
    """Give the case another priority than its classification does; nothing else follows from it."""

    priority: Priority
    reason: Text


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


class Hearing(Form):
    """The customer wrote while the case waits for them: what comes next is ours.

    `message` is the comment with the text.
    """

    message: Code
    written_at: Instant


class Awaiting(Form):
    """What the customer wrote needs no answer: the case waits for them again."""

    note: Note = ""


SAYING = Notifying | ApprovalRequest | AssistanceRequest | Chase | Attachment
"""What is said and moves nothing: it needs room, and is not said twice in a minute."""


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
    """Return what callers submit: all but roles and teams, which are looked up."""
    return AssignmentRequest if form is Assignment else SUBMITTED.get(form, form)
