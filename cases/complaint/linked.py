"""Complaints that came of a case of another kind, told beside that case's own story."""

from datetime import timedelta

from cases.common.forms import Satisfaction
from cases.common.stories import ACCEPT, CHEN, PLATFORM, ZHAO, hand_to, march, solved, told
from cases.common.tail import Tail
from domain.stories import Story, act

from .forms import CauseOf, Complaint
from .scenes import DESCRIBED, WORKED, YES, done, found, offer

NOT_THE_PICTURE = Story(
    name="C8",
    title="A refused return (R3): right in part, decided by somebody else",
    received=march(6, 11),
    opens=Complaint(words="裤子颜色与图片不符，退货被拒，我不接受。"),
    by=PLATFORM,
    channel="complaint_platform",
    acts=(
        act(
            march(6, 11, 10),
            CHEN,
            ACCEPT,
            ("classify", DESCRIBED),
            hand_to(ZHAO),
            tells="Not to 张倩, whose refusal it is about.",
        ),
        act(
            march(6, 14),
            ZHAO,
            found(CauseOf.OTHER, "Right in part: the picture misleads."),
            offer("The trousers may be sent back; 129 yuan are refunded.", 129),
        ),
        act(march(6, 15), PLATFORM, YES),
        act(
            march(6, 15, 15),
            ZHAO,
            solved(Satisfaction.SATISFIED, 8),
            refused="step_not_offered",
            tells="Nothing closes before its result was told.",
        ),
        act(
            march(6, 15, 20),
            ZHAO,
            done("The return was decided anew."),
            tells="The refusal stays in the return's history, with name and time.",
        ),
        told(march(6, 15, 20)),
        act(march(9, 10), ZHAO, solved(Satisfaction.SATISFIED, 7), tells="He has his money."),
    ),
    path=(*WORKED, Tail.CLOSED),
    shows={
        "assignee": "zhao.fang",
        "category": "description",
        "severity": "moderate",
        "outcome": "solved",
    },
    clocks={
        "resolution": ("met", timedelta(hours=3, minutes=20)),
        "follow_up": ("met", timedelta(hours=66, minutes=40)),
    },
    of="R3",
)
