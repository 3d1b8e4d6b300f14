"""Complaints told from start to end: C1 to C3 are the manual's acceptance stories."""

from datetime import timedelta

from cases.common.forms import Reopening, Satisfaction, ToldByHand, Withdrawal
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    LIU,
    MANUAL_POLICY,
    PLATFORM,
    UNREACHED,
    WANG,
    ZHANG,
    ZHAO,
    ZHOU,
    customer_not_told,
    customer_told,
    hand_to,
    march,
    not_solved,
    solved,
)
from cases.common.tail import Tail
from domain.engine.action_forms import Release
from domain.stories import Story, act

from .forms import CauseOf, Complaint, Remedy
from .rules import At
from .stories_disputes import DISPUTE_STORIES, LEAKING_HEATER
from .stories_parts import (
    CONFIRMED,
    DESCRIBED,
    FAULTY,
    FRONT,
    LATE,
    MORE_TIME,
    OFFERED,
    PAID,
    PRICED,
    RUDE,
    SLOW,
    WORKED,
    YES,
    approval,
    carried_out,
    granted,
    investigated,
    offer,
    paid_out,
    yes,
)
from .stories_payouts import DEAD_SCREEN, PAYOUT_STORIES
from .stories_requests import LATE_GIFT
from .stories_sorted import SORTED_STORIES

RUDE_CLERK = Story(
    name="C1",
    title="A rude clerk: the straight way",
    received=march(2, 10),
    opens=Complaint(words="建设路店的店员因为一张发票对我态度恶劣。"),
    by=CHEN,
    channel="phone",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 10, 6), CHEN, ACCEPT, ("classify", RUDE), tells="Both in one request."),
        act(
            march(2, 10, 20), CHEN, hand_to(LIU, limit=march(3, 10)), tells="Earlier than planned."
        ),
        act(march(2, 10, 25), LIU, MORE_TIME, refused="limit_too_long", tells="For a manager."),
        act(march(2, 10, 30), ZHANG, CONFIRMED, refused="task_taken", tells="It is 刘洋's."),
        act(
            march(2, 14),
            LIU,
            CONFIRMED,
            granted("An apology by the store and 20 yuan.", 20, Remedy.GOODWILL),
        ),
        act(march(2, 14), LIU, YES),
        act(march(2, 15), LIU, carried_out("The store apologised.")),
        paid_out(march(2, 15)),
        customer_told(march(2, 15)),
        act(march(3, 11), LIU, solved(Satisfaction.SATISFIED, 8)),
        act(march(3, 11, 5), LIU, carried_out("once more"), refused="step_not_offered"),
    ),
    path=(*PAID, Tail.CLOSED),
    shows={
        "assignee": "liu.yang",
        "category": "service_attitude",
        "severity": "minor",
        "priority": "P4",
        "outcome": "solved",
    },
    clocks={
        "response": ("met", timedelta(minutes=6)),
        "resolution": ("met", timedelta(hours=5)),
        "follow_up": ("met", timedelta(hours=20)),
    },
    escalations={"response": [], "resolution": [], "follow_up": []},
)

ANONYMOUS_NOTE = Story(
    name="C4",
    title="A note without a name: nobody can be told or reached, so it ends unconfirmed",
    received=march(3, 9),
    entered=march(3, 18),
    opens=Complaint(words="收银台排队太久，快递也总是不送上楼。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    customer=False,
    acts=(
        act(march(3, 18, 5), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(3, 18, 30),
            LIU,
            investigated(CauseOf.LOGISTICS, "The carrier leaves parcels below."),
            offer("A new agreement with the carrier.", 0),
        ),
        act(march(3, 18, 40), LIU, YES, tells="Nobody to ask; the manager agreed."),
        act(march(4, 10), LIU, carried_out("Agreed with the carrier.")),
        customer_not_told(march(4, 10)),
        act(march(4, 11), LIU, ("told_by_hand", ToldByHand(how="A notice in the store."))),
        act(march(5, 10), LIU, UNREACHED),
        act(march(5, 15), LIU, UNREACHED, tells="A second attempt on the same day counts once."),
        act(march(6, 10), LIU, UNREACHED),
        act(march(7, 10), LIU, UNREACHED, tells="The third day on which nobody is reached."),
    ),
    path=(*WORKED[:-1], Tail.TELLING_BY_HAND, Tail.FOLLOWING_UP, Tail.UNCONFIRMED),
    shows={"outcome": "unconfirmed"},
)

SILENT_CUSTOMER = Story(
    name="C5",
    title="The offer is not answered within seven days and lapses",
    received=march(2, 9),
    opens=Complaint(words="包装破损。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.LOGISTICS, "Badly packed."),
            offer("10 yuan.", 10),
        ),
        customer_told(march(9, 10)),
        act(march(9, 11), APP, YES, refused="step_not_offered", tells="Too late."),
        act(march(9, 15), LIU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(*OFFERED, Tail.TELLING, Tail.FOLLOWING_UP, Tail.CLOSED),
    shows={"outcome": "solved"},
)

WITHDRAWN = Story(
    name="C6",
    title="The customer withdraws: the case is over at once",
    received=march(2, 9),
    opens=Complaint(words="快递晚了三天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 10), CHEN, ACCEPT, ("classify", LATE)),
        act(march(2, 9, 12), LIU, CLAIM),
        act(march(2, 12), APP, ("withdraw", Withdrawal(reason="已经收到了。"))),
    ),
    path=(*FRONT, At.INVESTIGATING, Tail.WITHDRAWN),
    shows={"outcome": "withdrawn"},
)

NOT_SOLVED = Story(
    name="C7",
    title="Not solved at the follow-up: worked again by another, with a lead's help",
    received=march(2, 9),
    opens=Complaint(words="售后换的机器还是卡顿。"),
    by=CHEN,
    channel="phone",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 5), LIU, ACCEPT, ("classify", LATE)),
        act(march(2, 9, 6), LIU, CLAIM),
        act(march(2, 9, 10), LIU, ("reclassify", SLOW), tells="A person corrects it."),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.DESIGN, "Too little memory."),
            offer("Other settings.", 0),
        ),
        act(march(2, 10, 5), LIU, YES),
        act(march(2, 11), LIU, carried_out("Settings changed.")),
        customer_told(march(2, 11)),
        act(
            march(3, 11),
            LIU,
            not_solved(),
            ("release", Release(reason="Somebody else should look at it.")),
            tells="A step and an act in one request.",
        ),
        act(march(3, 12), WANG, hand_to(ZHANG)),
        act(march(3, 13), WANG, offer("Another model.", 200), tells="A lead may step in."),
        act(march(3, 14), ZHANG, yes(14)),
        act(march(3, 15), ZHANG, carried_out("Exchanged.")),
        customer_told(march(3, 15)),
        act(march(4, 11), ZHANG, solved(Satisfaction.VERY_SATISFIED, 9)),
        act(
            march(4, 12),
            CHEN,
            ("reopen", Reopening(reason="It is slow again.")),
            tells="Within seven days.",
        ),
    ),
    path=(*WORKED, *WORKED[4:], Tail.CLOSED, At.PROPOSING),
    shows={"assignee": "zhang.qian", "category": "after_sales"},
)

NOT_THE_PICTURE = Story(
    name="C8",
    title="A refused return (R3): right in part, decided by somebody else",
    received=march(6, 11),
    opens=Complaint(words="裤子颜色与图片不符，退货被拒，我不接受。"),
    by=PLATFORM,
    channel="complaint_platform",
    policy=MANUAL_POLICY,
    acts=(
        act(march(6, 11, 10), CHEN, ACCEPT, ("classify", DESCRIBED), hand_to(ZHAO)),
        act(
            march(6, 14),
            ZHAO,
            investigated(CauseOf.OTHER, "Right in part: the picture misleads."),
            offer("The trousers may be sent back; 129 yuan are refunded.", 129),
        ),
        act(march(6, 15), PLATFORM, YES),
        act(march(6, 15, 15), ZHAO, solved(Satisfaction.SATISFIED, 8), refused="step_not_offered"),
        act(
            march(6, 15, 20),
            ZHAO,
            carried_out("The return was decided anew."),
            tells="The refusal stays in the return's history, with name and time.",
        ),
        customer_told(march(6, 15, 20)),
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

CORRECTED = Story(
    name="C9",
    title="Sorted as a matter of price, then as quality: the offer was due from receipt all along",
    received=march(2, 9),
    opens=Complaint(words="价格贵，屏还坏了。"),
    by=CHEN,
    channel="phone",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 5), LIU, ACCEPT, ("classify", PRICED), CLAIM),
        act(march(2, 10), LIU, investigated(CauseOf.PRODUCTION, "The panel failed.")),
        act(march(3, 8, 50), LIU, ("reclassify", FAULTY), tells="Half of the 48 hours is near."),
        act(march(3, 9, 30), LIU, ("reclassify", PRICED)),
        act(march(3, 10), LIU, ("reclassify", FAULTY), tells="No time is gained by it."),
        act(march(3, 11), LIU, offer("A new tablet.", 1500), refused="above_ceiling"),
        act(march(3, 11, 2), ZHAO, approval(1500), refused="above_ceiling"),
        act(march(3, 11, 5), ZHOU, approval(1500), tells="The work stays with 刘洋."),
        act(march(3, 11, 10), LIU, offer("A new tablet.", 1500)),
        act(march(3, 12), CHEN, YES),
    ),
    path=(*OFFERED, At.CARRYING_OUT),
    shows={"assignee": "liu.yang", "category": "product_quality"},
    clocks={"solution": ("met", timedelta(hours=26, minutes=10))},
    escalations={"solution": [march(3, 9)]},
)

STORIES = (
    RUDE_CLERK,
    DEAD_SCREEN,
    LEAKING_HEATER,
    ANONYMOUS_NOTE,
    SILENT_CUSTOMER,
    WITHDRAWN,
    NOT_SOLVED,
    NOT_THE_PICTURE,
    CORRECTED,
    *PAYOUT_STORIES,
    *DISPUTE_STORIES,
    LATE_GIFT,
    *SORTED_STORIES,
)
