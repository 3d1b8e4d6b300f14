"""What is handed in while a return is handled (manual A 4)."""

from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cases.common.classification import Classified
from cases.common.forms import Intake
from cases.common.policy import ZONE
from domain.language.categories import CategoryCode
from domain.language.forms import ADDED, Form
from domain.language.values import Code, Day, Money, Note, Text, not_after_today

OverrideReason = Annotated[
    Note,
    ADDED,
    Field(validation_alias=AliasChoices("override_reason", "beyond"), serialization_alias="beyond"),
]
"""Why a manager pays back more than the limit; histories keep it as `beyond`."""


DeductionReason = Annotated[Note, ADDED]
"""Why less is paid than was decided on."""


DeliveryDay = Annotated[Day, not_after_today(ZONE)]
"""When the goods were delivered: a day that is over or goes on, where the law's days count."""


class Ground(StrEnum):
    """Why the customer wants to return the goods (A 4.1)."""

    QUALITY = auto()
    NOT_AS_DESCRIBED = auto()
    TRANSPORT_DAMAGE = auto()
    PERSONAL = auto()
    OTHER = auto()


class Ruling(StrEnum):
    """What the review brings the customer."""

    REFUND = auto()
    EXCHANGE = auto()
    REFUSED = auto()


class Payer(StrEnum):
    """Who bears the freight."""

    CUSTOMER = auto()
    MERCHANT = auto()


FREIGHT = {
    Ground.QUALITY: Payer.MERCHANT,
    Ground.NOT_AS_DESCRIBED: Payer.MERCHANT,
    Ground.TRANSPORT_DAMAGE: Payer.MERCHANT,
    Ground.PERSONAL: Payer.CUSTOMER,
}
"""Who bears the freight: defects go at the seller's cost, a change of mind at the buyer's (law)."""


class Grade(StrEnum):
    """In what condition the goods came back (ours)."""

    A = "A"
    B = "B"
    C = "C"
    UNSALEABLE = auto()


class Wish(StrEnum):
    """What the customer wants (退 / 换, A 4.2.2); the ruling is ours."""

    REFUND = auto()
    EXCHANGE = auto()


class Arrived(StrEnum):
    """What came in a parcel."""

    AS_EXPECTED = auto()
    WRONG_ITEM = auto()


class Rest(StrEnum):
    """What becomes of units that were expected and did not come with the others."""

    AWAITED = auto()
    SHORT = auto()
    LOST = auto()


class Unclaimed(StrEnum):
    """Why goods are scrapped instead of given back."""

    NOT_WANTED_BACK = auto()
    STORAGE_OVER = auto()


class Application(Intake):
    """The application as raised (退换货申请), with what the customer wants."""

    wish: Annotated[Wish | None, ADDED] = None


class _Line(BaseModel):
    """A part of a form that is about units of one line of the order.

    `quantity` is how many of the line's units are meant; all that fit, if it is left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Code
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None


class LineRuling(_Line):
    """The ruling on units of a line, where it differs from that of the review.

    `amount` is paid back for these units in sum; left out, it is what was paid for them.
    """

    ground: Ground
    ruling: Ruling
    faulty: bool | None = None
    differs: bool | None = None
    impaired: bool | None = None
    damaged: bool | None = None
    delivered_on: DeliveryDay | None = None
    keeps_goods: bool = False
    freight: Payer | None = None
    amount: Money | None = None
    reason: Note = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.ruling is Ruling.REFUSED and not self.reason.strip():
            raise PydanticCustomError("refusal_reason_missing", "a refusal needs its reason")
        return self

    @property
    def payer(self) -> Payer | None:
        """Who bears the freight: as said, or else as it follows from the ground."""
        return self.freight or FREIGHT.get(self.ground)


class LineReceipt(BaseModel):
    """Units of a line that came in; `serial` is read from the one unit that it is of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Code | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    serial: Code | None = None
    arrived: Arrived = Arrived.AS_EXPECTED
    accessories: Note = ""


class LineInspection(BaseModel):
    """Units of a line that were looked at, where they differ from the others.

    `amount` is paid back for these units in sum, if it is less than what was approved.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Code | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    serial: Code | None = None
    grade: Grade
    passed: bool
    accessories: Note = ""
    finding: Note = ""
    amount: Money | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.passed and not self.finding.strip():
            raise PydanticCustomError(
                "finding_missing", "goods that are not taken back need a finding"
            )
        return self


class Classification(Classified):
    """The ground with impact, urgency and hardness."""

    category: CategoryCode


class Review(Form):
    """The application held against its ground (审核); what was not found out is left open.

    `amount` is refunded, `paid` is what the customer paid for the goods (实付金额): in sum no more
    is paid back, unless a manager says in `override_reason` why. Where the order says what was paid
    and when it was delivered, both may be left out. `lines` rules some units otherwise than the
    rest; `keeps_goods` says that the customer need not send them.
    """

    ground: Ground
    ruling: Ruling
    faulty: bool | None = None
    differs: bool | None = None
    impaired: bool | None = None
    damaged: bool | None = None
    delivered_on: DeliveryDay | None = None
    reason: Note = ""
    freight: Payer | None = None
    amount: Money | None = None
    paid: Money | None = None
    keeps_goods: bool = False
    override_reason: OverrideReason = ""
    lines: Annotated[tuple[LineRuling, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ruling is Ruling.REFUSED and not self.reason.strip():
            raise PydanticCustomError("refusal_reason_missing", "a refusal needs its reason")
        if self.ruling is not Ruling.REFUSED and self.freight is None and not self.payer:
            raise PydanticCustomError("freight_missing", "say who bears the freight")
        return self

    @property
    def payer(self) -> Payer | None:
        """Who bears the freight: as said, or else as it follows from the ground."""
        return self.freight or FREIGHT.get(self.ground)


class Shipment(Form):
    """The customer sent the goods (寄回)."""

    tracking: Code


class GoodsReceipt(Form):
    """The goods are here (已收货): all that were awaited, or those that `lines` names.

    `rest` says what becomes of units that were awaited and did not come.
    """

    serial: Code | None = None
    lines: Annotated[tuple[LineReceipt, ...], Field(max_length=100)] = ()
    rest: Rest = Rest.AWAITED


class Inspection(Form):
    """The goods looked at (验货): the grade, and whether they are taken back.

    It is for all units that are here and were not looked at, but for those that `lines` names.
    `not_wanted_back` is what the customer said of those that are not taken back: a manager decides
    whether they are scrapped.
    """

    grade: Grade
    passed: bool
    finding: Note = ""
    amount: Money | None = None
    override_reason: OverrideReason = ""
    lines: Annotated[tuple[LineInspection, ...], Field(max_length=100)] = ()
    not_wanted_back: Annotated[bool, ADDED] = False

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.passed and not self.finding.strip():
            raise PydanticCustomError(
                "finding_missing", "goods that are not taken back need a finding"
            )
        return self


class Scrapping(Form):
    """Goods are scrapped (报废): nobody wants them back, or nobody came for them in time."""

    unclaimed: Unclaimed
    reason: Text


class Keeping(Form):
    """Goods are not scrapped: they are given back, and why."""

    reason: Text


class RefundOrder(Form):
    """Another attempt to pay, or paying instead of exchanging."""

    amount: Money
    override_reason: OverrideReason = ""
    deduction_reason: DeductionReason = ""


class Choice(Form):
    """What the customer takes instead of an exchange that is not to be had: money, or a wait."""

    instead: Wish
    note: Note = ""


class Retry(Form):
    """Another attempt to exchange."""

    note: Note = ""


class SettledByHand(Form):
    """Somebody paid or exchanged in another way: under which reference, and what was paid."""

    reference: Code
    amount: Annotated[Money | None, ADDED] = None
    override_reason: OverrideReason = ""
    deduction_reason: DeductionReason = ""
