"""What is handed in while something is repaired (manual A 1.1, 7.2.3)."""

from datetime import datetime
from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cases.common.classification import Classified
from cases.common.forms import Intake
from cases.common.offers import Answer, Offer
from cases.common.policy import ZONE
from domain.language.categories import CategoryCode
from domain.language.forms import ADDED, Form
from domain.language.values import Code, Day, Instant, Money, Note, Text, in_zone, refers_to

from .figures import FARTHEST_VISIT, LONGEST_VALIDITY, LONGEST_WINDOW

MOST_LINES = 50
"""How many lines a quote may have."""

WHOLE = 100
"""Per cent."""

Place = Annotated[int, Field(strict=True, ge=1, le=MOST_LINES)]


class Mode(StrEnum):
    """How the thing and the repairer come together (上门, 送修, 寄修)."""

    ON_SITE = auto()
    CARRIED_IN = auto()
    SENT_IN = auto()


class Side(StrEnum):
    """Who moved an appointment, or was not there."""

    CUSTOMER = auto()
    US = auto()


class Warranty(StrEnum):
    """Who pays, as the warranty says: void has a cause, goodwill a share; or nobody can mend it."""

    COVERED = auto()
    CHARGEABLE = auto()
    VOID = auto()
    GOODWILL = auto()
    HOPELESS = auto()


class Cost(StrEnum):
    """What a line of a quote is for."""

    PART = auto()
    LABOUR = auto()
    FEE = auto()


class Application(Intake):
    """The application as raised (维修申请): the fault, and of the product what is known."""

    model: Code | None = None
    serial: Annotated[Code | None, ADDED, refers_to("unit")] = None
    mode: Annotated[Mode | None, ADDED] = None


class Classification(Classified):
    """The class of repair with impact, urgency and hardness; `mode` goes before the customer's."""

    category: CategoryCode
    mode: Annotated[Mode | None, ADDED] = None


class TakenJob(Form):
    """The repairer takes the job (接单)."""

    note: Note = ""


class DeclinedJob(Form):
    """The repairer cannot take it: why."""

    reason: Text


class Appointment(Form):
    """From when to when the repairer comes, as agreed with the customer, and who moved it if so."""

    starts_at: Instant
    ends_at: Instant
    moved_by: Side | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _comes(self, info: ValidationInfo) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("upside_down", "the window ends before it begins")
        at = (info.context or {}).get("at")
        if at is not None and self.ends_at <= at:
            raise PydanticCustomError("window_in_the_past", "this window is over")
        if at is not None and self.ends_at > at + FARTHEST_VISIT:
            raise PydanticCustomError("window_too_far", "this window is too far ahead")
        if at is not None and self.ends_at - self.starts_at > LONGEST_WINDOW:
            raise PydanticCustomError("window_too_long", "nobody waits so long for a visit")
        return self


class Missed(Form):
    """Who was not there at the appointment, and what was tried."""

    outcome: Side
    note: Text


class Arrival(Form):
    """The thing is before the repairer, visited, carried in or sent in, with its accessories.

    Where the serial number is another one than expected, `note` says why it is the thing all the
    same.
    """

    model: Code | None = None
    serial: Code | None = None
    accessories: Note = ""
    note: Note = ""


class Diagnosis(Form):
    """What is wrong, why, and who pays (检测).

    `share` is how much of the price we bear out of goodwill, in per cent. Where that is all of it
    nothing is quoted: `estimate` says what it will cost us.
    """

    outcome: Warranty
    finding: Text
    cause: Note = ""
    evidence: Note = ""
    share: Annotated[int, Field(strict=True, ge=0, le=WHOLE)] | None = None
    estimate: Annotated[Money | None, ADDED] = None

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if self.outcome is Warranty.VOID and not self.cause.strip():
            raise PydanticCustomError("cause_missing", "say what makes the warranty void")
        if self.outcome is Warranty.VOID and not self.evidence.strip():
            raise PydanticCustomError("evidence_missing", "say what shows that it is void")
        if (self.outcome is Warranty.GOODWILL) != bool(self.share):
            raise PydanticCustomError(
                "share_of_goodwill", "goodwill, and only that, has a share of more than 0 per cent"
            )
        return self

    @model_validator(mode="after")
    def _estimated(self, info: ValidationInfo) -> Self:
        is_stored = (info.context or {}).get("stored")
        if not is_stored and (self.estimate is not None) != (self.share == WHOLE):
            raise PydanticCustomError(
                "estimate_of_all", "what we bear as a whole, and only that, has an estimate"
            )
        return self


class QuoteLine(BaseModel):
    """One line of a quote, or of a vendor's bill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost: Cost
    work: Text
    price: Money


def _for_a_while(until: datetime, info: ValidationInfo) -> datetime:
    at = (info.context or {}).get("at")
    if at is not None and until <= at:
        raise PydanticCustomError("validity_in_the_past", "this moment is over")
    if at is not None and until > at + LONGEST_VALIDITY:
        raise PydanticCustomError("validity_too_long", "no quote is valid for so long")
    return until


class Quote(Offer):
    """What the repair would cost (报价单), line by line; `price` is what the customer would pay.

    `valid_until` is the moment from which it is too late for a yes; left out, that is when it
    lapses.
    """

    price: Money
    work: Text
    lines: Annotated[tuple[QuoteLine, ...], Field(min_length=1, max_length=MOST_LINES)]
    valid_until: Annotated[Annotated[Instant, AfterValidator(_for_a_while)] | None, ADDED] = None

    @model_validator(mode="after")
    def _in_one_currency(self) -> Self:
        if len({self.price.currency, *(line.price.currency for line in self.lines)}) > 1:
            raise PydanticCustomError("several_currencies", "all amounts are in one currency")
        return self


class ChosenLine(BaseModel):
    """A line of the quote, counted from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Place


class QuoteAcceptance(Answer):
    """Yes to a quote: to all of it, or to these lines and no others."""

    lines: Annotated[tuple[ChosenLine, ...], Field(max_length=MOST_LINES)] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({each.line for each in self.lines}) < len(self.lines):
            raise PydanticCustomError("line_twice", "name each line once")
        return self


class Recall(Form):
    """Why a quote is taken back before it was answered; another one is made."""

    reason: Text


class PartsOrder(Form):
    """Parts that the repair waits for, and when they are expected: the customer hears of it."""

    parts: Text
    expected_on: Day

    @model_validator(mode="after")
    def _comes(self, info: ValidationInfo) -> Self:
        at = (info.context or {}).get("at")
        if at is not None and self.expected_on < in_zone(at, ZONE).date():
            raise PydanticCustomError("day_in_the_past", "this day is over")
        return self


class PartsHere(Form):
    """The parts are here."""

    note: Note = ""


class Work(Form):
    """What was done, and how many parts it took."""

    work: Text
    parts: Note = ""


class GivenUp(Form):
    """Why it cannot be repaired after all."""

    reason: Text


class GivenBack(Form):
    """What is beyond repair goes back to the customer, who wants nothing in its place: why."""

    reason: Text


class Trial(Form):
    """Whether it works now."""

    passed: bool
    note: Note = ""


class Handover(Form):
    """The thing is with the customer, or goes out to them."""

    note: Note = ""


class Charge(Handover):
    """The same, with what the customer was charged for the repair, if anything."""

    charged: Money | None = None
