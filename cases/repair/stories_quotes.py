"""Repairs told for their quotes: who may give a share away, and until when a yes is in time."""

from cases.common.forms import Confirmation
from cases.common.front import Front
from cases.common.stories import (
    APP,
    CHEN,
    HE,
    MA,
    MANUAL_POLICY,
    ZHAO,
    customer_told,
    hand_to,
    march,
)
from domain.stories import Story, act

from .categories import Fault
from .forms import Application, Charge, Cost, QuoteAcceptance, Recall, Warranty
from .rules import At
from .stories_common import (
    FRONT,
    HAND_OVER,
    HAPPY,
    MENDED,
    SOLVED,
    TAKE,
    TOLD,
    VISIT,
    WORKS,
    approved,
    diagnosed,
    dispatched,
    goodwill,
    quoted,
    repaired,
    yuan,
)

ALL_OURS = Story(
    name="W13",
    title="We bear all of it out of goodwill: approved before, and approved anew the second time",
    received=march(3, 9),
    opens=Application(words="洗衣机不通电，刚过保修期。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 9, Fault.POWER, MA),
        act(march(3, 9, 6), MA, TAKE, VISIT),
        act(
            march(3, 10),
            MA,
            goodwill(100, "The board.", estimate=400),
            refused="above_ceiling",
            tells="Nothing is quoted to her, so the diagnosis says what it will cost us.",
        ),
        act(march(3, 10, 10), ZHAO, approved(400, "Two days out of warranty.")),
        act(
            march(3, 10, 20),
            MA,
            goodwill(100, "The board.", estimate=400),
            repaired("A new board."),
            WORKS,
            HAND_OVER,
        ),
        customer_told(march(3, 10, 20)),
        act(march(3, 18), APP, ("confirm", Confirmation(solved=False))),
        act(march(4, 9), CHEN, hand_to(MA)),
        act(march(4, 9, 5), MA, TAKE, VISIT),
        act(
            march(4, 10),
            MA,
            goodwill(100, "The motor as well.", estimate=300),
            refused="above_ceiling",
            tells="The 400 yuan that were approved are spent.",
        ),
        act(march(4, 10, 10), ZHAO, approved(300, "It is to work this time.")),
        act(
            march(4, 10, 20),
            MA,
            goodwill(100, "The motor as well.", estimate=300),
            repaired("A new motor."),
            WORKS,
            HAND_OVER,
        ),
        customer_told(march(4, 10, 20)),
        act(march(4, 18), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, *MENDED, *TOLD),
        *(Front.CLASSIFIED, At.DISPATCHED, At.TAKEN, At.DIAGNOSING, *MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

TOO_LATE_A_YES = Story(
    name="W14",
    title="The quote names until when it is valid: a yes after that needs another quote",
    received=march(3, 9),
    opens=Application(words="冰箱异响。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 9, Fault.NOISE, MA),
        act(march(3, 9, 6), MA, TAKE, VISIT),
        act(
            march(3, 10),
            MA,
            diagnosed(Warranty.CHARGEABLE, "The fan."),
            quoted((Cost.PART, 300), until=march(5, 12)),
        ),
        act(
            march(5, 12),
            APP,
            ("accept_quote", QuoteAcceptance()),
            refused="quote_expired",
            tells="The price of the part held until noon.",
        ),
        act(
            march(5, 13),
            MA,
            ("recall_quote", Recall(reason="Its time is over.")),
            quoted((Cost.PART, 320)),
        ),
        act(march(5, 14), APP, ("accept_quote", QuoteAcceptance(offer=11))),
        act(march(5, 16), MA, repaired("A new fan."), WORKS),
        act(march(5, 16), MA, ("hand_over", Charge(charged=yuan(320)))),
        customer_told(march(5, 16)),
        act(march(5, 18), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.QUOTING, At.QUOTED),
        *(*MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

THREE_WEEKS = Story(
    name="W15",
    title="A quote that is valid for three weeks is accepted in the third",
    received=march(3, 9),
    opens=Application(words="空调不冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 9, Fault.COOLING, MA),
        act(march(3, 9, 6), MA, TAKE, VISIT),
        act(
            march(3, 10),
            MA,
            diagnosed(Warranty.CHARGEABLE, "The compressor."),
            quoted((Cost.PART, 900), until=march(24, 18)),
            tells="She is away until the 20th; six days later she is reminded.",
        ),
        act(march(21, 9), APP, ("accept_quote", QuoteAcceptance())),
        act(march(21, 15), MA, repaired("A new compressor."), WORKS),
        act(march(21, 15), MA, ("hand_over", Charge(charged=yuan(900)))),
        customer_told(march(21, 15)),
        act(march(21, 18), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED_LONGER, At.REMINDED_LONGER),
        *(*MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

A_MONTH = Story(
    name="W16",
    title="A longer quote is over, and a month after it was made it lapses",
    received=march(1, 9),
    opens=Application(words="电视黑屏。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(1, 9, Fault.SCREEN, MA),
        act(march(1, 9, 6), MA, TAKE, VISIT),
        act(
            march(1, 10),
            MA,
            diagnosed(Warranty.CHARGEABLE, "The panel."),
            quoted((Cost.PART, 1200), until=march(20, 18)),
        ),
        act(march(25, 9), APP, ("accept_quote", QuoteAcceptance()), refused="quote_expired"),
        act(march(31, 11), HE, HAND_OVER, tells="Nobody asked for another quote."),
        customer_told(march(31, 11)),
        act(march(31, 12), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED_LONGER, At.REMINDED_LONGER),
        *(At.RETURNING_UNREPAIRED, *TOLD, At.UNREPAIRED),
    ),
    shows={"outcome": "unrepaired"},
)

QUOTE_STORIES = (ALL_OURS, TOO_LATE_A_YES, THREE_WEEKS, A_MONTH)
