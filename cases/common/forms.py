"""The forms of the front and the tail that every kind shares."""

from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from domain.language.forms import Empty, Form
from domain.language.values import Code, Note, Text


class Intake(Form):
    """What the customer raised, in the customer's own words."""

    words: Text


class Acceptance(Form):
    """A responsible person accepts the case (受理)."""

    note: Note = ""


class Withdrawal(Form):
    """The customer does not want it pursued (撤销)."""

    reason: Note = ""


class Told(Form):
    """The outcome reached the customer's channel."""

    message: Code
    channel: Code


class NotTold(Form):
    """The outcome could not be sent; `reason` is a code."""

    reason: Code


class Arranged(Form):
    """The world did what it was asked for; `reference` is its own (of a payment, of a parcel)."""

    reference: Code


class NotArranged(Form):
    """The world refused what it was asked for; `reason` is a code."""

    reason: Code


class ToldByHand(Form):
    """How somebody told the customer in person, or why that was given up."""

    how: Text


class Satisfaction(StrEnum):
    """非常满意/满意/一般/不满意 (P)."""

    VERY_SATISFIED = auto()
    SATISFIED = auto()
    NEUTRAL = auto()
    DISSATISFIED = auto()


class Confirmation(Form):
    """The customer's word on the outcome: solved or not, satisfaction, NPS 0-10."""

    solved: bool
    satisfaction: Satisfaction | None = None
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    words: Note = ""


class FollowUp(Form):
    """A call back (回访): reached or not; if reached, solved or not, and the rating."""

    reached: bool
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _solved_when_reached(self) -> Self:
        if self.reached and self.solved is None:
            raise PydanticCustomError(
                "solved_missing", "say whether it is solved when the customer was reached"
            )
        answers = (self.solved, self.satisfaction, self.nps)
        if not self.reached and any(answer is not None for answer in answers):
            raise PydanticCustomError(
                "answers_of_nobody", "an attempt that reached nobody has no answers"
            )
        return self


class Reopening(Form):
    """Why a closed case is reopened."""

    reason: Text


class Lapse(Empty):
    """The time for something is over."""
