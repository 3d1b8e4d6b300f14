"""What is handed in under tables of versions 1 and 2: a return is one thing."""

from typing import Annotated, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from domain.language.forms import ADDED, Form
from domain.language.values import Code, Money, Note

from .forms import DeliveryDay, Grade, Ground, OverrideReason, Payer, Ruling


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
