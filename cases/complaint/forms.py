"""What is handed in while a complaint is handled (manual A 3, 7.2.4, 11.3; M 3.4)."""

from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cases.common.classification import Classified, Severity
from cases.common.forms import Intake
from cases.common.offers import Offer
from cases.common.policy import ZONE
from domain.language.categories import CategoryCode, CheckCode
from domain.language.forms import ADDED, Form
from domain.language.values import Code, Day, Money, Note, Text, not_after_today


class CauseOf(StrEnum):
    """Where it came from: design, production, service (A 3.2), logistics, other."""

    DESIGN = auto()
    PRODUCTION = auto()
    SERVICE = auto()
    LOGISTICS = auto()
    OTHER = auto()


class Remedy(StrEnum):
    """What a solution is; the last but one three are paid out as money."""

    APOLOGY = auto()
    EXCHANGE = auto()
    REFUND = auto()
    GOODWILL = auto()
    LIABILITY = auto()
    OTHER = auto()


PAID_OUT = frozenset({Remedy.REFUND, Remedy.GOODWILL, Remedy.LIABILITY})
"""Remedies whose cost is money for the customer; what others cost stays with us."""


class DisputeWay(StrEnum):
    """How a dispute goes on: 协商/调解/诉讼 (A 11.3), and by law 行政投诉 and 仲裁; no order."""

    NEGOTIATION = auto()
    MEDIATION = auto()
    ADMINISTRATIVE = auto()
    ARBITRATION = auto()
    LAWSUIT = auto()


class DisputeResult(StrEnum):
    """What a way brought: an agreement or ruling, nothing, or the customer gave it up."""

    AGREED = auto()
    FAILED = auto()
    WITHDRAWN = auto()


class Complaint(Intake):
    """The complaint as raised."""


class Classification(Classified):
    """Category and severity (A 3.1), impact and urgency (M 6.2), hardness (M 3.3.2)."""

    category: CategoryCode
    severity: Severity


class Checked(BaseModel):
    """A step of the playbook that was done, and what came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: CheckCode
    seen: Note = ""


class Finding(Form):
    """The key points, the cause, and whether the request is reasonable (A 3.2)."""

    cause: CauseOf
    reasonable: bool
    finding: Text
    checked: Annotated[tuple[Checked, ...], ADDED, Field(max_length=20)] = ()


class Solution(Offer):
    """What is offered, what sort of remedy it is, and what it costs us.

    A refund, goodwill (补偿) and liability (赔偿) are paid out when they are accepted: `cost` then.
    """

    solution: Text
    cost: Money
    remedy: Remedy = Remedy.OTHER

    @model_validator(mode="after")
    def _names_what_is_paid(self) -> Self:
        if self.remedy in PAID_OUT and not self.cost.amount:
            raise PydanticCustomError("payout_missing", "say in 'cost' how much is paid out")
        return self


class Completion(Form):
    """What was done of the solution; money that is due is paid after it."""

    done: Text


class PayoutRetry(Form):
    """Another attempt to pay out what was accepted."""

    note: Note = ""


class PaidByHand(Form):
    """Somebody paid all that was accepted in another way, under this reference."""

    reference: Code


class ChosenWay(Form):
    """The way in which a dispute goes on, and the customer's word on it."""

    way: DisputeWay
    customers_word: Text


class WayResult(Form):
    """What the chosen way brought: when, on which paper, what was agreed, and how much is paid."""

    outcome: DisputeResult
    dated: Annotated[Day, not_after_today(ZONE)]
    agreed: Text
    paper: Code | None = None
    amount: Money | None = None

    @model_validator(mode="after")
    def _has_its_paper(self) -> Self:
        is_agreed = self.outcome is DisputeResult.AGREED
        if is_agreed and self.paper is None:
            raise PydanticCustomError("paper_missing", "an agreement needs its paper's reference")
        if not is_agreed and self.amount is not None:
            raise PydanticCustomError("amount_of_nothing", "only an agreement has an amount")
        return self
