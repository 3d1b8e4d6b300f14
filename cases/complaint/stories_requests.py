"""A complaint about which others are asked: an amount is approved, help comes too late."""

from datetime import timedelta
from decimal import Decimal

from cases.common.forms import Withdrawal
from cases.common.stories import ACCEPT, APP, CLAIM, LIU, MANUAL_POLICY, ZHAO, march
from cases.common.tail import Tail
from domain.engine.side_forms import (
    ApprovalRequest,
    AssistanceRequest,
    Chase,
    RequestApproval,
    RequestRefusal,
)
from domain.language.channels import Channel
from domain.language.values import Money
from domain.stories import Story, act

from .forms import CauseOf, Complaint, Remedy
from .stories_parts import LATE, OFFERED, granted, investigated

ASKED, ASKED_AGAIN = 6, 8
"""The entries that ask for an approval."""


def asks(yuan: int) -> tuple[str, ApprovalRequest]:
    amount = Money(amount=Decimal(yuan))
    return "ask_approval", ApprovalRequest(amount=amount, reason="A wedding gift, a day late.")


def approves(request: int) -> tuple[str, RequestApproval]:
    return "approve_request", RequestApproval(request=request)


LATE_GIFT = Story(
    name="C16",
    title="The amount is asked for, declined, asked for again and approved; help is asked for",
    received=march(2, 9),
    opens=Complaint(words="婚礼礼物晚到一天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 5), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(march(2, 9, 10), LIU, investigated(CauseOf.LOGISTICS, "The parcel lay for a day.")),
        act(
            march(2, 9, 12),
            LIU,
            granted("600 yuan.", 600, Remedy.GOODWILL),
            refused="above_ceiling",
            tells="An agent grants 100 by herself.",
        ),
        act(march(2, 9, 13), LIU, asks(900)),
        act(
            march(2, 9, 14),
            LIU,
            approves(ASKED),
            refused="own_request",
            tells="Four eyes: nobody answers their own.",
        ),
        act(
            march(2, 9, 20),
            ZHAO,
            ("decline_request", RequestRefusal(request=ASKED, reason="600 is enough.")),
        ),
        act(march(2, 9, 22), LIU, asks(600)),
        act(march(2, 9, 30), ZHAO, approves(ASKED_AGAIN)),
        act(march(2, 9, 40), LIU, granted("600 yuan.", 600, Remedy.GOODWILL)),
        act(
            march(2, 9, 45),
            LIU,
            (
                "ask_assistance",
                AssistanceRequest(
                    team="logistics",
                    question="Where did the parcel lie?",
                    due_at=march(2, 9, 45) + timedelta(hours=7),
                ),
            ),
        ),
        act(march(2, 10), APP, ("chase", Chase(channel=Channel.APP, note="有结果了吗？"))),
        act(
            march(2, 12),
            APP,
            ("withdraw", Withdrawal(reason="算了。")),
            tells="The question lapses: nobody needs its answer any more.",
        ),
    ),
    path=(*OFFERED, Tail.WITHDRAWN),
    shows={"outcome": "withdrawn"},
)
