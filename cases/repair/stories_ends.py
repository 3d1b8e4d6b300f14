"""Repairs told for how they end: told in person, opened again, called off, billed early."""

from cases.common.forms import Confirmation, Reopening, Satisfaction, ToldByHand, Withdrawal
from cases.common.front import Front
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    LIU,
    MA,
    MANUAL_POLICY,
    SHUNDA,
    ZHAO,
    customer_not_told,
    customer_told,
    hand_to,
    march,
    solved,
)
from cases.common.tail import Tail
from domain.stories import Story, act

from .categories import Fault
from .forms import Application, Mode, Warranty
from .rules import At
from .stories_bills import APPROVED, at_the_vendor, billed
from .stories_common import (
    FRONT,
    HAND_OVER,
    HAPPY,
    MENDED,
    RECEIPT,
    SOLVED,
    TAKE,
    TOLD,
    VISIT,
    WORKS,
    classified,
    diagnosed,
    dispatched,
    received,
    repaired,
)

ON_SITE = (*FRONT, At.TAKEN, At.DIAGNOSING)

NO_NUMBER = Story(
    name="W21",
    title="Carried in without a number to call: told in person when he asks for it",
    received=march(4, 9),
    opens=Application(words="收音机没声音。", mode=Mode.CARRIED_IN),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    customer=False,
    acts=(
        act(march(4, 9, 5), CHEN, ACCEPT, classified(Fault.POWER), hand_to(MA)),
        act(march(4, 9, 10), MA, TAKE, received()),
        act(march(4, 11), MA, diagnosed(Warranty.COVERED, "A wire came off.", RECEIPT)),
        act(march(4, 12), MA, repaired("Soldered."), WORKS, HAND_OVER),
        customer_not_told(march(4, 12)),
        act(
            march(4, 16),
            CHEN,
            CLAIM,
            ("told_by_hand", ToldByHand(how="At the counter, when he came for it.")),
            tells="There was no way to send it, so somebody has the task to tell him.",
        ),
        act(march(6, 10), CHEN, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(
        *(*FRONT, At.AWAITING_UNIT, At.DIAGNOSING, *MENDED),
        *(Tail.TELLING, Tail.TELLING_BY_HAND, *SOLVED[1:]),
    ),
    shows={"outcome": "solved"},
)

AGAIN = Story(
    name="W22",
    title="It fails again four days later: the same case is opened again, and mended",
    received=march(4, 9),
    opens=Application(words="热水器不点火。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(4, 9, Fault.IGNITION, MA),
        act(march(4, 9, 6), MA, TAKE),
        act(march(4, 14), MA, VISIT, diagnosed(Warranty.COVERED, "The igniter.", RECEIPT)),
        act(march(4, 15), MA, repaired("A new igniter."), WORKS, HAND_OVER),
        customer_told(march(4, 15)),
        act(march(4, 18), APP, HAPPY),
        act(march(8, 10), APP, ("reopen", Reopening(reason="又不点火了。"))),
        act(march(8, 10, 5), LIU, hand_to(MA)),
        act(march(8, 10, 10), MA, TAKE),
        act(march(8, 15), MA, VISIT, diagnosed(Warranty.COVERED, "The valve.", RECEIPT)),
        act(march(8, 16), MA, repaired("A new valve."), WORKS, HAND_OVER),
        customer_told(march(8, 16)),
        act(march(9, 10), APP, HAPPY),
    ),
    path=(
        *(*ON_SITE, *MENDED, *SOLVED),
        *(Front.CLASSIFIED, At.DISPATCHED, At.TAKEN, At.DIAGNOSING, *MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

CALLED_OFF = Story(
    name="W23",
    title="It works again before the repairer has taken the job: called off, and nobody goes",
    received=march(4, 9),
    opens=Application(words="洗衣机不转。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(4, 9, Fault.POWER, MA),
        act(march(4, 9, 4), APP, ("withdraw", Withdrawal(reason="是插头没插好。"))),
    ),
    path=(*FRONT, Tail.WITHDRAWN),
    shows={"outcome": "withdrawn"},
)

BILLED_EARLY = Story(
    name="W24",
    title="The vendor states its bill before the work is done, and it is decided on meanwhile",
    received=march(3, 9),
    opens=Application(words="冰箱不制冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *at_the_vendor(),
        act(march(3, 10, 10), SHUNDA, billed(400), tells="For a compressor, before it is in."),
        act(march(3, 10, 40), ZHAO, APPROVED, tells="The work stays with the vendor."),
        act(march(3, 11), SHUNDA, repaired("A new compressor."), WORKS, HAND_OVER),
        customer_told(march(3, 11)),
        act(
            march(3, 12),
            APP,
            ("confirm", Confirmation(solved=True)),
            tells="No bill is open, so it closes at once.",
        ),
    ),
    path=(*ON_SITE, *MENDED, *TOLD, Tail.CLOSED),
    shows={"outcome": "solved"},
)

END_STORIES = (NO_NUMBER, AGAIN, CALLED_OFF, BILLED_EARLY)
