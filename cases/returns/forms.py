"""What is handed in while a return is handled (manual A 4)."""

from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_core import PydanticCustomError

from cases.common.classification import Classified
from cases.common.forms import Intake
from cases.common.policy import ZONE
from domain.language.forms import ADDED, Form
from domain.language.values import Code, Day, Money, Note, not_after_today

OverrideReason = Annotated[
    Note,
    ADDED,
    Field(validation_alias=AliasChoices("override_reason", "beyond"), serialization_alias="beyond"),
]
"""Why a manager pays back more than the limit; histories keep it as `beyond`."""


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


class Grade(StrEnum):
    """In what condition the goods came back (ours)."""

    A = "A"
    B = "B"
    C = "C"
    UNSALEABLE = auto()


class Application(Intake):
    """The application as raised (退换货申请)."""


class Classification(Classified):
    """The ground with impact, urgency and hardness."""

    category: Ground


class Review(Form):
    """The application held against its ground (审核); what was not found out is left open.

    `amount` is refunded, `paid` is what the customer paid for the goods (实付金额): in sum no more
    is paid back, unless a manager says in `override_reason` why.
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
    paid: Annotated[Money | None, ADDED] = None
    override_reason: OverrideReason = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ruling is Ruling.REFUSED:
            if not self.reason.strip():
                raise PydanticCustomError("refusal_reason_missing", "a refusal needs its reason")
        elif self.freight is None:
            raise PydanticCustomError("freight_missing", "say who bears the freight")
        if self.ruling is Ruling.REFUND and self.amount is None:
            raise PydanticCustomError("amount_missing", "say how much is refunded")
        return self


class Shipment(Form):
    """The customer sent the goods (寄回)."""

    tracking: Code


class GoodsReceipt(Form):
    """The goods are here (已收货)."""

    serial: Code | None = None


class Inspection(Form):
    """The goods looked at (验货): the grade, and whether they are taken back."""

    grade: Grade
    passed: bool
    finding: Note = ""
    amount: Money | None = None
    override_reason: OverrideReason = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.passed and not self.finding.strip():
            raise PydanticCustomError(
                "finding_missing", "goods that are not taken back need a finding"
            )
        return self


class RefundOrder(Form):
    """Another attempt to pay, or paying instead of exchanging."""

    amount: Money
    override_reason: OverrideReason = ""


class Retry(Form):
    """Another attempt to exchange."""

    note: Note = ""


class SettledByHand(Form):
    """Somebody paid or exchanged in another way: under which reference, and what was paid."""

    reference: Code
    amount: Annotated[Money | None, ADDED] = None
    override_reason: OverrideReason = ""
