"""Repairs told from start to end: W1, W3 and W4 are the manual's acceptance stories."""

from datetime import date, timedelta

from cases.common.classification import Urgency
from cases.common.conversion import Conversion, Successor
from cases.common.forms import Confirmation, NotArranged, Satisfaction, Withdrawal
from cases.common.offers import Answer
from cases.common.parcels import Parcel
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    HE,
    LIU,
    MA,
    MANUAL_POLICY,
    ZHAO,
    arranged,
    customer_told,
    hand_to,
    march,
    solved,
)
from domain.language.goods import Goods
from domain.language.roles import the_world
from domain.stories import Story, act

from .categories import Fault
from .forms import (
    Application,
    Charge,
    ChosenLine,
    Cost,
    Diagnosis,
    GivenBack,
    GivenUp,
    Mode,
    PartsHere,
    QuoteAcceptance,
    Recall,
    Trial,
    Warranty,
)
from .rules import At
from .stories_bills import BILL_STORIES
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
    awaiting,
    classified,
    diagnosed,
    dispatched,
    goodwill,
    quoted,
    received,
    repaired,
    yuan,
)
from .stories_ends import END_STORIES
from .stories_quotes import QUOTE_STORIES
from .stories_visits import VISIT_STORIES

STILL_DARK = Story(
    name="W2",
    title="Carried in, quoted, and repaired at the second attempt",
    received=march(4, 9),
    opens=Application(words="电视黑屏。", mode=Mode.CARRIED_IN),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), CHEN, ACCEPT, classified(Fault.SCREEN, Urgency.NORMAL), hand_to(MA)),
        act(march(4, 9, 10), MA, TAKE, received(accessories="遥控器, 电源线")),
        act(
            march(4, 11),
            MA,
            diagnosed(Warranty.CHARGEABLE, "The panel is cracked."),
            quoted((Cost.PART, 450), (Cost.LABOUR, 150)),
        ),
        act(
            march(4, 15),
            CHEN,
            ("accept_quote", QuoteAcceptance()),
            tells="He said so at the counter.",
        ),
        act(march(5, 10), MA, repaired("A new panel."), ("test", Trial(passed=False))),
        act(march(5, 15), MA, repaired("The cable as well."), WORKS),
        act(march(5, 16), HE, ("send_back", Charge(charged=yuan(600)))),
        arranged(march(5, 16), "shipment", "sent"),
        customer_told(march(5, 16)),
        act(march(7, 10), LIU, solved(Satisfaction.SATISFIED, 7)),
    ),
    path=(
        *(*FRONT, At.AWAITING_UNIT, At.DIAGNOSING, At.QUOTING, At.QUOTED),
        *(At.REPAIRING, At.TESTING, *MENDED, Parcel.SENDING_BACK, *SOLVED),
    ),
    shows={"category": "screen", "outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=27))},
)

NO_ANSWER = Story(
    name="W3",
    title="The quote is never answered: given back unrepaired",
    received=march(2, 10),
    opens=Application(words="手机摔了，屏碎了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(2, 10, Fault.SCREEN, MA),
        act(march(2, 10, 10), MA, TAKE, received()),
        act(
            march(2, 15),
            MA,
            (
                "diagnose",
                Diagnosis(
                    outcome=Warranty.VOID,
                    finding="屏碎。",
                    cause="人为损坏",
                    evidence="照片：右下角有撞击痕迹。",
                ),
            ),
            quoted((Cost.PART, 800), (Cost.LABOUR, 180)),
            tells="She is reminded after four days and after six.",
        ),
        act(
            march(9, 15, 20),
            APP,
            ("accept_quote", QuoteAcceptance(note="修吧。")),
            refused="step_not_offered",
            tells="The quote lapsed twenty minutes ago.",
        ),
        act(
            march(9, 15, 30),
            LIU,
            quoted((Cost.PART, 900), (Cost.LABOUR, 180)),
            tells="Quoted anew.",
        ),
        act(
            march(9, 15, 40),
            APP,
            ("accept_quote", QuoteAcceptance(note="980元，修吧。", offer=9)),
            refused="other_offer",
            tells="A yes to 980 yuan is none to 1,080.",
        ),
        act(march(9, 16), APP, ("decline_quote", Answer(offer=16))),
        act(
            march(9, 17),
            HE,
            ("send_back", Charge(charged=yuan(50))),
            refused="not_agreed",
            tells="Nothing was agreed to, so nothing is paid.",
        ),
        act(march(9, 17), HE, ("send_back", Charge())),
        arranged(march(9, 17), "shipment", "sent"),
        customer_told(march(9, 17)),
        act(march(10, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.REMINDED),
        *(At.REMINDED_AGAIN, At.RETURNING_UNREPAIRED, At.QUOTED, At.RETURNING_UNREPAIRED),
        *(Parcel.SENDING_BACK, *TOLD, At.UNREPAIRED),
    ),
    shows={"category": "screen", "outcome": "unrepaired"},
    clocks={"resolution": ("met", timedelta(hours=6, minutes=30))},
)

WITHDRAWN = Story(
    name="W6",
    title="Withdrawn while it is quoted: given back, and not quoted again",
    received=march(4, 9),
    opens=Application(words="电视花屏。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(4, 9, Fault.SCREEN, MA),
        act(march(4, 9, 6), MA, TAKE, received()),
        act(
            march(4, 11),
            MA,
            diagnosed(Warranty.CHARGEABLE, "The panel."),
            quoted((Cost.PART, 600)),
        ),
        act(march(4, 12), CHEN, ("withdraw", Withdrawal()), refused="reason_missing"),
        act(march(4, 12), CHEN, ("withdraw", Withdrawal(reason="He rang: he buys a new one."))),
        act(march(4, 13), MA, quoted((Cost.PART, 450)), refused="customer_withdrew"),
        act(march(4, 16), HE, HAND_OVER),
        customer_told(march(4, 16)),
        act(march(5, 10), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.RETURNING_UNREPAIRED),
        *(*TOLD, At.UNREPAIRED),
    ),
    shows={"outcome": "unrepaired"},
)

IN_PART = Story(
    name="W9",
    title="Goodwill, a quote accepted in part, and parts that come later than promised",
    received=march(3, 9),
    opens=Application(words="空调不冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=(Goods(line="1", product="空调", serials=("K-1",), warranty_until=date(2026, 2, 28)),),
    acts=(
        dispatched(3, 9, Fault.COOLING, MA),
        act(march(3, 9, 6), MA, TAKE, VISIT),
        act(
            march(3, 9, 50),
            MA,
            diagnosed(Warranty.COVERED, "The compressor."),
            refused="warranty_contradicted",
            tells="By the order the warranty ended three days ago.",
        ),
        act(march(3, 10), MA, goodwill(50, "The compressor, three days too late.")),
        act(
            march(3, 10),
            MA,
            quoted((Cost.PART, 800), (Cost.LABOUR, 200), (Cost.FEE, 61)),
            refused="price_differs",
            tells="We bear half of it.",
        ),
        act(
            march(3, 10),
            MA,
            quoted((Cost.PART, 800), (Cost.LABOUR, 200), (Cost.FEE, 60), price=530),
            refused="above_ceiling",
            tells="Nor may a repairer give 530 yuan away.",
        ),
        act(march(3, 10, 10), ZHAO, approved(530, "Three days too late.")),
        act(
            march(3, 10, 20),
            MA,
            quoted((Cost.PART, 800), (Cost.LABOUR, 200), (Cost.FEE, 60), price=530),
        ),
        act(
            march(3, 11),
            APP,
            ("accept_quote", QuoteAcceptance(lines=(ChosenLine(line=4),))),
            refused="unknown_lines",
        ),
        act(
            march(3, 11),
            APP,
            ("accept_quote", QuoteAcceptance(lines=(ChosenLine(line=1), ChosenLine(line=2)))),
        ),
        act(march(3, 12), MA, awaiting("压缩机", 5), tells="The customer is told when."),
        act(march(5, 9), MA, awaiting("压缩机", 6, again=True), tells="And told again."),
        act(march(6, 9), HE, ("parts_here", PartsHere())),
        act(march(6, 11), MA, repaired("A new compressor."), WORKS),
        act(march(6, 11), MA, ("hand_over", Charge(charged=yuan(530))), refused="not_agreed"),
        act(march(6, 11), MA, ("hand_over", Charge(charged=yuan(500)))),
        customer_told(march(6, 11)),
        act(march(6, 12), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.REPAIRING),
        *(At.WAITING_FOR_PARTS, *MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

RECALLED = Story(
    name="W10",
    title="A quote is taken back and made anew; then the parts are no longer made",
    received=march(3, 9),
    opens=Application(words="老冰箱异响。"),
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
            quoted((Cost.PART, 300)),
        ),
        act(march(3, 11), MA, ("recall_quote", Recall(reason="Half of the price."))),
        act(march(3, 11, 5), MA, quoted((Cost.PART, 150))),
        act(march(3, 12), APP, ("accept_quote", QuoteAcceptance(offer=10))),
        act(march(3, 13), MA, awaiting("风扇", 9)),
        act(march(9, 9), MA, ("give_up", GivenUp(reason="The part is no longer made."))),
        act(march(9, 10), LIU, CLAIM, ("give_back", GivenBack(reason="He buys a new one."))),
        act(march(9, 11), LIU, HAND_OVER),
        customer_told(march(9, 11)),
        act(march(9, 12), APP, ("confirm", Confirmation(solved=True))),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.QUOTING, At.QUOTED),
        *(At.REPAIRING, At.WAITING_FOR_PARTS, At.BEYOND_REPAIR, At.RETURNING_UNREPAIRED),
        *(*TOLD, At.UNREPAIRED),
    ),
    shows={"outcome": "unrepaired"},
)

BURNT = Story(
    name="W11",
    title="Beyond repair in warranty: it goes on as a case of its own, for a new one",
    received=march(3, 9),
    opens=Application(words="电饭煲不通电。", mode=Mode.CARRIED_IN),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(3, 9, 1), CHEN, ACCEPT, classified(Fault.POWER), hand_to(MA)),
        act(march(3, 9, 6), MA, TAKE, received()),
        act(march(3, 10), MA, diagnosed(Warranty.HOPELESS, "Burnt through.")),
        act(
            march(3, 11),
            LIU,
            CLAIM,
            ("convert", Conversion(kind="returns")),
            tells="The exchange is a case of its own, with the moment at which this one began.",
        ),
        act(
            march(3, 11),
            the_world("conversion"),
            ("child_started", Successor(number="TH202603030000017")),
        ),
        customer_told(march(3, 11)),
    ),
    path=(
        *(*FRONT, At.AWAITING_UNIT, At.DIAGNOSING, At.BEYOND_REPAIR, At.CONVERTING),
        *(At.TELLING_NUMBERS, At.CONVERTED),
    ),
    shows={"outcome": "converted"},
)

NO_SUCH_KIND = Story(
    name="W12",
    title="The other case cannot be started: the thing goes back as it is",
    received=march(3, 9),
    opens=Application(words="电饭煲不通电。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(3, 9, 1), CHEN, ACCEPT, classified(Fault.POWER), hand_to(MA)),
        act(march(3, 9, 6), MA, TAKE, VISIT, diagnosed(Warranty.HOPELESS, "Burnt through.")),
        act(
            march(3, 11),
            LIU,
            CLAIM,
            ("convert", Conversion(kind="trade_in")),
            tells="There are no cases of that kind here.",
        ),
        act(
            march(3, 11),
            the_world("conversion"),
            ("child_refused", NotArranged(reason="unknown_kind")),
        ),
        act(march(3, 12), LIU, CLAIM, ("give_back", GivenBack(reason="He wants nothing else."))),
        act(march(3, 12), LIU, HAND_OVER),
        customer_told(march(3, 12)),
        act(march(3, 13), LIU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.BEYOND_REPAIR, At.CONVERTING, At.BEYOND_REPAIR),
        *(At.RETURNING_UNREPAIRED, *TOLD, At.UNREPAIRED),
    ),
    shows={"outcome": "unrepaired"},
)

STORIES = (
    *VISIT_STORIES,
    *QUOTE_STORIES,
    *BILL_STORIES,
    *END_STORIES,
    *(STILL_DARK, NO_ANSWER, WITHDRAWN, IN_PART, RECALLED, BURNT, NO_SUCH_KIND),
)
