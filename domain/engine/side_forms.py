"""The forms of what goes on beside a case's own task: requests, chasing (催办), attachments."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from domain.language.channels import Channel
from domain.language.entries import EntryType
from domain.language.forms import ADDED, Form
from domain.language.media_types import MAX_ATTACHMENT
from domain.language.spending import Spending
from domain.language.values import (
    PERSONAL,
    Code,
    Instant,
    Money,
    Name,
    Note,
    Text,
    is_stored,
    refers_to,
)

Seq = Annotated[int, Field(strict=True, ge=1, le=100_000)]


def _something(money: Money, info: ValidationInfo) -> Money:
    if not (money.amount or is_stored(info)):
        raise PydanticCustomError("nothing_asked", "ask for more than nothing")
    return money


class ApprovalRequestInput(Form):
    """Ask for somebody else's approval of an amount (审批申请), by a moment if one is named."""

    amount: Annotated[Money, AfterValidator(_something)]
    reason: Text
    due_at: Instant | None = None


class GivenElsewhere(BaseModel):
    """What other cases of the order give in one currency; `priced`: a price of goods bounds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Money
    priced: bool


class ApprovalRequest(ApprovalRequestInput):
    """Ask for an approval; `elsewhere`, which is looked up, counts in what somebody may decide."""

    elsewhere: Annotated[tuple[GivenElsewhere, ...], ADDED] = ()

    @property
    def spent_elsewhere(self) -> Spending:
        """The same, as what cases give away is told elsewhere."""
        return Spending(
            priced=tuple(each.amount for each in self.elsewhere if each.priced),
            granted=tuple(each.amount for each in self.elsewhere if not each.priced),
        )


class AssistanceRequest(Form):
    """Ask another team for help (协办): what, and until when they are to answer."""

    team: Annotated[Code, refers_to("team")]
    question: Text
    due_at: Instant


class OnRequest(Form):
    """The base of what is done with a request, which is named by the entry that made it."""

    request: Annotated[Seq, refers_to("request")]


class ByMember(OnRequest):
    """The base of what members of a team do; `teams` are those of the person that day."""

    teams: tuple[Code, ...] = ()


class RequestClaim(ByMember):
    """Take a request oneself."""


class RequestClaimInput(OnRequest):
    """Take a request oneself; the person's teams are looked up."""


class RequestRelease(OnRequest):
    """Put a request back for others."""

    reason: Note = ""


class RequestApproval(OnRequest):
    """Approve the amount that is asked for, or less."""

    amount: Money | None = None
    note: Note = ""


class RequestRefusal(OnRequest):
    """Decline what is asked for, and say why."""

    reason: Text


class AssistanceAnswer(ByMember):
    """Answer a team's question."""

    answer: Text


class AssistanceAnswerInput(OnRequest):
    """Answer a team's question; the person's teams are looked up."""

    answer: Text


class RequestWithdrawal(OnRequest):
    """Take a request back."""

    reason: Note = ""


class Chase(Form):
    """Note that somebody chases us (催办): by which channel, and what they said."""

    channel: Channel
    note: Note = ""


class Attachment(Form):
    """A photo or a paper; its content lies outside, under a key that nobody can guess.

    `public`: the customer may see it.
    """

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$"), PERSONAL]
    name: Name
    media_type: Code
    size: Annotated[int, Field(strict=True, ge=1, le=MAX_ATTACHMENT)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    public: bool = False
    note: Note = ""


ASK_APPROVAL, ASK_ASSISTANCE, CHASE = "ask_approval", "ask_assistance", "chase"
ATTACH = "attach"
CLAIM_REQUEST, RELEASE_REQUEST = "claim_request", "release_request"
APPROVE_REQUEST, DECLINE_REQUEST = "approve_request", "decline_request"
ANSWER_REQUEST, WITHDRAW_REQUEST = "answer_request", "withdraw_request"

SIDE_ACTIONS: Mapping[str, tuple[type[Form], EntryType]] = {
    ASK_APPROVAL: (ApprovalRequest, EntryType.APPROVAL_ASKED),
    ASK_ASSISTANCE: (AssistanceRequest, EntryType.ASSISTANCE_ASKED),
    CLAIM_REQUEST: (RequestClaim, EntryType.REQUEST_CLAIMED),
    RELEASE_REQUEST: (RequestRelease, EntryType.REQUEST_RELEASED),
    APPROVE_REQUEST: (RequestApproval, EntryType.REQUEST_APPROVED),
    DECLINE_REQUEST: (RequestRefusal, EntryType.REQUEST_DECLINED),
    ANSWER_REQUEST: (AssistanceAnswer, EntryType.REQUEST_ANSWERED),
    WITHDRAW_REQUEST: (RequestWithdrawal, EntryType.REQUEST_WITHDRAWN),
    CHASE: (Chase, EntryType.CHASED),
    ATTACH: (Attachment, EntryType.ATTACHED),
}
"""What is done beside the case's own task, with its form and the entry that it makes."""

SUBMITTED: Mapping[type[Form], type[Form]] = {
    ApprovalRequest: ApprovalRequestInput,
    RequestClaim: RequestClaimInput,
    AssistanceAnswer: AssistanceAnswerInput,
}
"""What callers submit of the forms that are completed from the store."""
