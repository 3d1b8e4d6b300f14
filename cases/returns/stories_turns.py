"""Returns that turn out otherwise: too few come, nothing is in stock, a manager has the word."""

from enum import StrEnum

from cases.common.forms import Satisfaction, Withdrawal
from cases.common.parcels import Parcel
from cases.common.stories import (
    ACCEPT,
    APP,
    CLAIM,
    HE,
    LIU,
    MANUAL_POLICY,
    ZHAO,
    arranged,
    customer_told,
    march,
    not_arranged,
    solved,
)
from cases.common.tail import Tail
from domain.language.goods import Goods
from domain.stories import Act, Story, act

from .forms import (
    Application,
    Choice,
    GoodsReceipt,
    Grade,
    Ground,
    Inspection,
    LineReceipt,
    Payer,
    RefundOrder,
    Rest,
    Review,
    Ruling,
    Wish,
)
from .rules import At
from .stories_units import (
    CLOSED,
    DRESS,
    FAULTY,
    HAPPY,
    LAPSED,
    NO_REASON,
    RECEIVED,
    REVIEWED,
    SENT,
    SHIPPED,
    TWO_SHIRTS,
    classified,
    yuan,
)

EARPHONES = DRESS.model_copy(update={"product": "耳机"})
AS_NEW = ("inspect", Inspection(grade=Grade.A, passed=True))
WORN = ("inspect", Inspection(grade=Grade.B, passed=True))
ONE_IS_MISSING = GoodsReceipt(lines=(LineReceipt(line="1", quantity=1),), rest=Rest.SHORT)
UNUSUAL = Review(
    ground=Ground.OTHER,
    ruling=Ruling.REFUND,
    freight=Payer.MERCHANT,
    reason="A present that came twice.",
)
KEEPS_IT = UNUSUAL.model_copy(update={"keeps_goods": True})
NEW_ONE = KEEPS_IT.model_copy(update={"ruling": Ruling.EXCHANGE})
NO = UNUSUAL.model_copy(update={"ruling": Ruling.REFUSED, "reason": "Used for a month."})
TOO_LATE = (
    act(march(5, 9, 10), LIU, ("review", NO_REASON)),
    customer_told(march(19, 9, 10)),
    act(march(19, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
    act(march(20, 10), HE, RECEIVED, tells="It comes when nobody waits for it any more."),
    act(march(20, 11), LIU, CLAIM, ("review", UNUSUAL), tells="No rule covers it."),
)


def told(
    name: str,
    title: str,
    words: str,
    *acts: Act,
    path: tuple[StrEnum, ...],
    outcome: str,
    goods: Goods = DRESS,
    ground: Ground = Ground.PERSONAL,
    staged: bool = False,
) -> Story:
    """Return a story that begins as all of these do: applied for in the app, claimed by 刘洋."""
    return Story(
        name=name,
        title=title,
        received=march(5, 9),
        opens=Application(words=words),
        by=APP,
        channel="app",
        policy=MANUAL_POLICY,
        goods=[goods],
        acts=(act(march(5, 9, 5), LIU, ACCEPT, classified(ground), CLAIM), *acts),
        path=path,
        shows={"outcome": outcome},
        staged=staged,
    )


SHORT = told(
    "R22",
    "One of two is missing in the parcel: the one that came is paid back, and no more",
    "两件都太小。",
    act(march(5, 9, 10), LIU, ("review", NO_REASON)),
    act(march(5, 10), APP, SHIPPED),
    act(march(6, 10), HE, ("receive", ONE_IS_MISSING), tells="Weighed: the other was never in it."),
    act(march(6, 10, 10), HE, AS_NEW),
    arranged(march(6, 10, 10), "refund", "refunded"),
    customer_told(march(6, 10, 10)),
    act(march(6, 18), APP, HAPPY),
    path=(*SENT, At.REFUNDING, *CLOSED),
    outcome="solved",
    goods=TWO_SHIRTS,
)

NOT_IN_STOCK = (
    act(march(5, 9, 10), LIU, ("review", FAULTY)),
    act(march(6, 10), HE, RECEIVED, WORN),
    not_arranged(march(6, 10), "replacement", "replacement_refused", "out_of_stock"),
)
CHOOSING = (*REVIEWED, At.AWAITING_GOODS, At.INSPECTING, At.REPLACING, At.CHOOSING)

WAITS_FOR_IT = told(
    "R23",
    "The exchange is out of stock: the customer waits, and gets the new one",
    "耳机坏了，要换。",
    *NOT_IN_STOCK,
    act(march(10, 12), APP, ("choose", Choice(instead=Wish.EXCHANGE, note="周末到货也行。"))),
    arranged(march(10, 12), "replacement", "replaced"),
    customer_told(march(10, 12)),
    act(march(10, 18), APP, HAPPY),
    path=(*CHOOSING, At.REPLACING, *CLOSED),
    outcome="solved",
    goods=EARPHONES,
    ground=Ground.QUALITY,
    staged=True,
)

NO_CHOICE = told(
    "R24",
    "The exchange is out of stock, and the customer does not choose: somebody pays",
    "耳机坏了，要换。",
    *NOT_IN_STOCK,
    act(
        march(13, 11),
        LIU,
        CLAIM,
        ("refund", RefundOrder(amount=yuan(299))),
        tells="A week after he was asked the choice is ours.",
    ),
    arranged(march(13, 11), "refund", "refunded"),
    customer_told(march(13, 11)),
    act(march(13, 18), APP, HAPPY),
    path=(*CHOOSING, At.MENDING, At.REFUNDING, *CLOSED),
    outcome="solved",
    goods=EARPHONES,
    ground=Ground.QUALITY,
    staged=True,
)

ASKED = act(march(5, 9, 10), LIU, ("review", UNUSUAL), tells="No rule covers it.")

MANAGER_REFUSES = told(
    "R25",
    "What no rule covers, a manager refuses",
    "用了一个月，想退。",
    ASKED,
    act(march(5, 11), ZHAO, ("decide", NO)),
    customer_told(march(5, 11)),
    act(march(6, 10), LIU, CLAIM, solved(Satisfaction.DISSATISFIED, 2)),
    path=(*REVIEWED, At.EXCEPTION, At.REFUSING, Tail.FOLLOWING_UP, At.REFUSED),
    outcome="refused",
    ground=Ground.OTHER,
)

MONEY_AT_ONCE = told(
    "R26",
    "What no rule covers, a manager pays at once, and the goods stay",
    "重复收到的礼物，能退吗？",
    ASKED,
    act(march(5, 11), ZHAO, ("decide", KEEPS_IT)),
    arranged(march(5, 11), "refund", "refunded"),
    customer_told(march(5, 11)),
    act(march(5, 18), APP, HAPPY),
    path=(*REVIEWED, At.EXCEPTION, At.REFUNDING, *CLOSED),
    outcome="solved",
    ground=Ground.OTHER,
)

NEW_ONE_AT_ONCE = told(
    "R27",
    "What no rule covers, a manager sends anew at once, and the old one stays",
    "颜色发错了，不是质量问题。",
    ASKED,
    act(march(5, 11), ZHAO, ("decide", NEW_ONE)),
    arranged(march(5, 11), "replacement", "replaced"),
    customer_told(march(5, 11)),
    act(march(5, 18), APP, HAPPY),
    path=(*REVIEWED, At.EXCEPTION, At.REPLACING, *CLOSED),
    outcome="solved",
    ground=Ground.OTHER,
)

LATE_AND_TAKEN = told(
    "R28",
    "It comes too late, and a manager takes it all the same: inspected, and paid back",
    "不喜欢，想退。",
    *TOO_LATE,
    act(march(20, 12), ZHAO, ("decide", UNUSUAL)),
    act(march(20, 15), HE, AS_NEW),
    arranged(march(20, 15), "refund", "refunded"),
    customer_told(march(20, 15)),
    act(march(20, 18), APP, HAPPY),
    path=(
        *LAPSED,
        At.NOT_RETURNED,
        At.GOODS_HERE,
        At.EXCEPTION,
        At.INSPECTING,
        At.REFUNDING,
        *CLOSED,
    ),
    outcome="solved",
)

LATE_AND_REFUSED = told(
    "R29",
    "It comes too late, and a manager does not take it: it goes back",
    "不喜欢，想退。",
    *TOO_LATE,
    act(march(20, 12), ZHAO, ("decide", NO)),
    arranged(march(20, 12), "shipment", "sent"),
    customer_told(march(20, 12)),
    act(march(21, 10), LIU, CLAIM, solved(Satisfaction.DISSATISFIED, 2)),
    path=(
        *(*LAPSED, At.NOT_RETURNED, At.GOODS_HERE, At.EXCEPTION, Parcel.SENDING_BACK),
        *(*CLOSED[:2], At.REFUSED),
    ),
    outcome="refused",
)

NOT_SENT_AFTER_ALL = told(
    "R30",
    "Withdrawn before anything was sent: over at once",
    "太小，想退。",
    act(march(5, 9, 10), LIU, ("review", NO_REASON)),
    act(march(6, 12), APP, ("withdraw", Withdrawal(reason="还是留着。"))),
    act(march(6, 13), APP, SHIPPED, refused="step_not_offered"),
    path=(*REVIEWED, At.AWAITING_GOODS, Tail.WITHDRAWN),
    outcome="withdrawn",
)

OF_TURNS = (
    *(SHORT, WAITS_FOR_IT, NO_CHOICE, MANAGER_REFUSES, MONEY_AT_ONCE, NEW_ONE_AT_ONCE),
    *(LATE_AND_TAKEN, LATE_AND_REFUSED, NOT_SENT_AFTER_ALL),
)
