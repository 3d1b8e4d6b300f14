"""Returns of several units: each goes its own way, and the order says what was paid for it."""

from datetime import date
from decimal import Decimal

from cases.common.classification import Hardness
from cases.common.forms import Confirmation, Satisfaction
from cases.common.front import Front
from cases.common.parcels import Parcel
from cases.common.stories import (
    ACCEPT,
    APP,
    CLAIM,
    HE,
    LIU,
    MANUAL_POLICY,
    arranged,
    customer_told,
    march,
    not_arranged,
)
from cases.common.tail import Tail
from domain.language.forms import Form
from domain.language.goods import Goods
from domain.language.values import Money
from domain.stories import Story, act

from .forms import (
    Application,
    Arrived,
    Choice,
    Classification,
    GoodsReceipt,
    Grade,
    Ground,
    Inspection,
    LineReceipt,
    LineRuling,
    RefundOrder,
    Review,
    Ruling,
    Shipment,
    Wish,
)
from .rules import At

REVIEWED = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED, At.REVIEWING)
SENT = (*REVIEWED, At.AWAITING_GOODS, At.ON_THE_WAY, At.INSPECTING)
CLOSED = (Tail.TELLING, Tail.FOLLOWING_UP, Tail.CLOSED)
LAPSED = (*REVIEWED, At.AWAITING_GOODS, At.REMINDED, *CLOSED[:2])
RECEIVED = ("receive", GoodsReceipt())
SHIPPED = ("ship", Shipment(tracking="SF1000000000001"))
HAPPY = ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.VERY_SATISFIED))


def yuan(amount: int) -> Money:
    return Money(amount=Decimal(amount))


def classified(ground: Ground, hardness: Hardness = Hardness.ORDINARY) -> tuple[str, Form]:
    return "classify", Classification(category=ground, hardness=hardness)


def came(*lines: LineReceipt) -> GoodsReceipt:
    return GoodsReceipt(lines=lines)


def of_line(line: str) -> LineRuling:
    """A watch that is exchanged: it is faulty."""
    return LineRuling(line=line, ground=Ground.QUALITY, ruling=Ruling.EXCHANGE, faulty=True)


KEPT = LineRuling(
    line="1", quantity=1, ground=Ground.PERSONAL, ruling=Ruling.REFUSED, reason="Stained."
)
WASHED = Inspection(grade=Grade.C, passed=False, finding="Washed.")
FAULTY = Review(ground=Ground.QUALITY, ruling=Ruling.EXCHANGE, faulty=True)
BROKEN = Review(
    ground=Ground.TRANSPORT_DAMAGE, ruling=Ruling.REFUND, damaged=True, keeps_goods=True
)
WATCH = LineReceipt(line="2", serial="W-77")
ONE_SHIRT = LineReceipt(line="1", quantity=1)
OTHER_SHIRT = LineReceipt(line="1", quantity=1, arrived=Arrived.WRONG_ITEM)
NOT_OURS = Inspection(grade=Grade.C, passed=False, finding="Not a shirt of ours.")
TORN = Review(ground=Ground.QUALITY, ruling=Ruling.REFUND, faulty=True)
LOST = "The carrier lost it; we answer for freight that is ours."
NO_REASON = Review(ground=Ground.PERSONAL, ruling=Ruling.REFUND)
DRESS = Goods(
    line="1",
    product="连衣裙",
    unit_price=yuan(299),
    delivered_on=date(2026, 3, 3),
    channel="app",
)

SHIRTS = (
    Goods(
        line="1",
        product="衬衫",
        quantity=3,
        ordered=3,
        unit_price=yuan(100),
        delivered_on=date(2026, 3, 3),
        channel="app",
    ),
    Goods(
        line="2",
        product="手表",
        serials=("W-77",),
        unit_price=yuan(500),
        delivered_on=date(2026, 3, 3),
        channel="app",
    ),
)
TWO_SHIRTS = SHIRTS[0].model_copy(update={"quantity": 2, "ordered": 2})

LINE_BY_LINE = Story(
    name="R11",
    title="Four things of one order: each goes its own way, and all of it adds up",
    received=march(5, 9),
    opens=Application(words="衬衫太小，手表走不准。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=SHIRTS,
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(
            march(5, 9, 10),
            LIU,
            ("review", NO_REASON.model_copy(update={"lines": (of_line("3"),)})),
            refused="unknown_units",
        ),
        act(
            march(5, 9, 15),
            LIU,
            ("review", NO_REASON.model_copy(update={"lines": (of_line("2"), KEPT)})),
            tells="Two shirts come back, one that is stained stays; the watch is exchanged.",
        ),
        act(march(5, 10), APP, SHIPPED),
        act(
            march(6, 10),
            HE,
            ("receive", came(LineReceipt(line="2", serial="W-78"))),
            refused="wrong_serial",
            tells="Another watch than the one that was sold.",
        ),
        act(
            march(6, 10, 5),
            HE,
            (
                "receive",
                came(LineReceipt(line="2", serial="W-77"), LineReceipt(line="1", quantity=1)),
            ),
            tells="One shirt is still to come.",
        ),
        act(
            march(6, 11),
            HE,
            ("inspect", Inspection(grade=Grade.B, passed=True)),
        ),
        arranged(march(6, 11), "refund", "refunded"),
        arranged(march(6, 11), "replacement", "replaced"),
        act(march(9, 10), HE, RECEIVED, ("inspect", WASHED), tells="The last shirt was washed."),
        arranged(march(9, 10), "shipment", "sent"),
        customer_told(march(9, 10)),
        act(march(9, 18), APP, HAPPY),
    ),
    path=(
        *(*SENT, At.REFUNDING, At.REPLACING, At.AWAITING_REST, At.INSPECTING),
        *(Parcel.SENDING_BACK, *CLOSED),
    ),
    shows={"outcome": "solved"},
)

OUT_OF_STOCK = Story(
    name="R12",
    title="The exchange is out of stock: the customer chooses the money",
    received=march(5, 9),
    opens=Application(words="耳机坏了，要换。", wish=Wish.EXCHANGE),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[DRESS.model_copy(update={"product": "耳机"})],
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.QUALITY), CLAIM),
        act(march(5, 9, 10), LIU, ("review", FAULTY)),
        act(march(6, 10), HE, RECEIVED, ("inspect", Inspection(grade=Grade.B, passed=True))),
        not_arranged(march(6, 10), "replacement", "replacement_refused", "out_of_stock"),
        act(march(6, 12), APP, ("choose", Choice(instead=Wish.REFUND))),
        act(
            march(6, 12, 30),
            LIU,
            ("refund", RefundOrder(amount=yuan(400))),
            refused="refund_too_high",
        ),
        act(march(6, 12, 31), LIU, ("refund", RefundOrder(amount=yuan(299)))),
        arranged(march(6, 12, 31), "refund", "refunded"),
        customer_told(march(6, 12, 31)),
        act(march(6, 18), APP, HAPPY),
    ),
    path=(
        *(*REVIEWED, At.AWAITING_GOODS, At.INSPECTING, At.REPLACING, At.CHOOSING, At.MENDING),
        *(At.REFUNDING, *CLOSED),
    ),
    shows={"outcome": "solved"},
    staged=True,
)

KEEP_IT = Story(
    name="R13",
    title="Not worth sending back: the money at once, and the goods stay",
    received=march(5, 9),
    opens=Application(words="杯子运输中摔破了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[DRESS.model_copy(update={"product": "杯子", "unit_price": yuan(25)})],
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.TRANSPORT_DAMAGE), CLAIM),
        act(march(5, 9, 10), LIU, ("review", BROKEN)),
        arranged(march(5, 9, 10), "refund", "refunded"),
        customer_told(march(5, 9, 10)),
        act(march(5, 18), APP, HAPPY),
    ),
    path=(*REVIEWED, At.REFUNDING, *CLOSED),
    shows={"outcome": "solved"},
)

ONE_BY_ONE = Story(
    name="R14",
    title="One of two comes and is paid back; then comes another thing, which goes back",
    received=march(5, 9),
    opens=Application(words="两件都太小。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[TWO_SHIRTS],
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(5, 9, 10), LIU, ("review", NO_REASON)),
        act(march(5, 10), APP, SHIPPED),
        act(march(6, 10), HE, ("receive", came(ONE_SHIRT)), tells="The other one is to come."),
        act(march(6, 10, 10), HE, ("inspect", Inspection(grade=Grade.A, passed=True))),
        arranged(march(6, 10, 10), "refund", "refunded"),
        act(march(9, 10), HE, ("receive", came(OTHER_SHIRT)), tells="It is none of ours."),
        act(march(9, 10, 10), HE, ("inspect", NOT_OURS)),
        arranged(march(9, 10, 10), "shipment", "sent"),
        customer_told(march(9, 10, 10)),
        act(march(9, 18), APP, HAPPY),
    ),
    path=(
        *(*SENT, At.REFUNDING, At.AWAITING_REST, At.INSPECTING),
        *(Parcel.SENDING_BACK, *CLOSED),
    ),
    shows={"outcome": "solved"},
)

LOST_ON_THE_WAY = Story(
    name="R15",
    title="The parcel gets lost on its way to us: reviewed anew, and paid back",
    received=march(5, 9),
    opens=Application(words="开线了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[DRESS],
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.QUALITY), CLAIM),
        act(march(5, 9, 10), LIU, ("review", TORN)),
        act(march(5, 10), APP, SHIPPED),
        act(
            march(19, 11),
            LIU,
            ("review", TORN.model_copy(update={"keeps_goods": True, "reason": LOST})),
            tells="It did not come in two weeks, and the carrier does not know where it is.",
        ),
        arranged(march(19, 11), "refund", "refunded"),
        customer_told(march(19, 11)),
        act(march(19, 18), APP, HAPPY),
    ),
    path=(*REVIEWED, At.AWAITING_GOODS, At.ON_THE_WAY, At.REVIEWING, At.REFUNDING, *CLOSED),
    shows={"outcome": "solved"},
)

OF_UNITS = (LINE_BY_LINE, OUT_OF_STOCK, KEEP_IT, ONE_BY_ONE, LOST_ON_THE_WAY)
