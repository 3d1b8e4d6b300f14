"""The forms of what is done with a task or a case beside its table: claim, hold, rewind …"""

from enum import StrEnum, auto
from typing import Annotated

from pydantic import Field

from domain.language.forms import Code, Empty, Form, Instant, Note, Text


class Claim(Empty):
    """Take the task oneself."""


class Release(Form):
    """Put the task back for others."""

    reason: Note = ""


class Assignment(Form):
    """Hand the task to a person, whose roles are those on the day; the team may change with it.

    `limit` is when the case is to be resolved (本单时限), if it is to be another time than the
    policy's.
    """

    assignee: Code
    roles: Annotated[tuple[Code, ...], Field(min_length=1)]
    team: Code | None = None
    reason: Note = ""
    limit: Instant | None = None


class Limiting(Form):
    """Give the case a limit of its own (本单时限): when it is to be resolved."""

    limit: Instant
    reason: Note = ""


class Holding(Form):
    """Put the task aside until a moment, for a reason. What was promised runs on."""

    reason: Text
    until: Instant


class Resuming(Form):
    """Take up the task again before its time."""

    reason: Note = ""


class Notifying(Form):
    """Tell the customer something; it moves nothing."""

    text: Text


class CompensationMethod(StrEnum):
    """What makes up for an effect: the port takes it back, people did, or it stays as it is.

    A message is taken back by another one that corrects it.
    """

    REVERSE = auto()
    BY_HAND = auto()
    ACCEPT = auto()


class ClockMode(StrEnum):
    """What becomes of the clocks that ran then.

    They go on as they are now, count as they did then, or start again with the whole budget. A
    breach stays one in any case.
    """

    GO_ON = auto()
    AS_THEN = auto()
    RESTART = auto()


class Compensation(Form):
    """What makes up for an effect, which is meant by its place in the plan; people say how."""

    effect: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    how: CompensationMethod
    note: Note = ""


class Rewinding(Form):
    """Take the case back to where it was after the entry `to`; nothing is erased."""

    to: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    reason: Text
    clocks: ClockMode
    compensations: Annotated[tuple[Compensation, ...], Field(max_length=1000)] = ()
