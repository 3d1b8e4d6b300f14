"""Returns told from start to end: R1 to R3 are the manual's acceptance stories."""

from datetime import date, timedelta

from cases.common.authority import Approval
from cases.common.forms import Confirmation, Reopening, Satisfaction, Withdrawal
from cases.common.parcels import Parcel
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    HE,
    LIU,
    MANUAL_POLICY,
    SUN,
    ZHANG,
    ZHAO,
    arranged,
    customer_told,
    hand_to,
    march,
    not_arranged,
    not_solved,
    solved,
)
from cases.common.tail import Tail
from domain.stories import Story, act

from .forms import (
    Application,
    GoodsReceipt,
    Grade,
    Ground,
    Inspection,
    Payer,
    RefundOrder,
    Review,
    Ruling,
    Wish,
)
from .rules import At
from .stories_goods_left import OF_GOODS_LEFT
from .stories_turns import OF_TURNS
from .stories_units import (
    CLOSED,
    DRESS,
    HAPPY,
    LAPSED,
    NO_REASON,
    OF_UNITS,
    RECEIVED,
    REVIEWED,
    SENT,
    SHIPPED,
    classified,
    yuan,
)


def approved(amount: int) -> tuple[str, Review]:
    """Approved: in time, so no reason is needed; the freight is the customer's."""
    review = Review(
        ground=Ground.PERSONAL,
        ruling=Ruling.REFUND,
        delivered_on=date(2026, 3, 3),
        freight=Payer.CUSTOMER,
        amount=yuan(amount),
        paid=yuan(amount),
    )
    return "review", review


def approval(amount: int) -> tuple[str, Approval]:
    return "approve_amount", Approval(amount=yuan(amount), reason="He paid as much.")


def inspected(grade: Grade, finding: str = "") -> tuple[str, Inspection]:
    return "inspect", Inspection(grade=grade, passed=not finding, finding=finding)


DRESS_TOO_SMALL = Story(
    name="R1",
    title="Dress too small: seven days, freight on the customer",
    received=march(9, 20),
    opens=Application(words="尺寸不合适，想退货。", wish=Wish.REFUND),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[DRESS],
    acts=(
        act(march(9, 20, 5), CHEN, ACCEPT, classified(Ground.PERSONAL)),
        act(march(9, 20, 6), CHEN, hand_to(LIU)),
        act(march(9, 20, 30), LIU, ("review", NO_REASON), tells="The order says what she paid."),
        act(march(11, 10), APP, SHIPPED),
        act(march(12, 10), HE, RECEIVED, tells="After 48 h without news she heard from us."),
        act(march(12, 11, 30), HE, inspected(Grade.A)),
        arranged(march(12, 11, 30), "refund", "refunded"),
        customer_told(march(12, 11, 30)),
        act(march(12, 18), APP, HAPPY),
    ),
    path=(*SENT, At.REFUNDING, *CLOSED),
    shows={"category": "personal", "outcome": "solved"},
    clocks={
        "resolution": ("met", timedelta(hours=2)),
        "response": ("met", timedelta(minutes=5)),
        "refund": ("met", timedelta(hours=1, minutes=30)),
    },
)

ROBOT_FAILS = Review(
    ground=Ground.QUALITY,
    ruling=Ruling.EXCHANGE,
    faulty=True,
    delivered_on=date(2026, 1, 23),
    freight=Payer.MERCHANT,
)

ROBOT_CLEANER = Story(
    name="R2",
    title="Robot cleaner fails after 40 days: a manager decides on an exchange",
    received=march(4, 15),
    opens=Application(words="扫地机器人不工作了，质量问题，要换一台。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 15, 5), CHEN, ACCEPT, classified(Ground.QUALITY), hand_to(LIU)),
        act(march(4, 15, 10), LIU, ("review", ROBOT_FAILS), tells="The rule: a person decides."),
        act(march(4, 15, 11), LIU, ("decide", ROBOT_FAILS), refused="step_not_allowed"),
        act(march(4, 15, 20), ZHAO, ("decide", ROBOT_FAILS)),
        act(
            march(4, 15, 20),
            SUN,
            ("receive", GoodsReceipt(serial="S-2")),
            tells="Over the counter.",
        ),
        act(march(5, 10), HE, inspected(Grade.B)),
        arranged(march(5, 10), "replacement", "replaced"),
        customer_told(march(5, 10)),
        act(march(7, 10), LIU, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(
        *(*REVIEWED, At.EXCEPTION, At.AWAITING_GOODS),
        *(At.INSPECTING, At.REPLACING, *CLOSED),
    ),
    shows={"category": "quality", "outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=19))},
)

NOT_THE_PICTURE = Review(
    ground=Ground.NOT_AS_DESCRIBED,
    ruling=Ruling.REFUSED,
    differs=True,
    impaired=False,
    reason="The colour differs; the trousers can be worn.",
)

GOODWILL = NOT_THE_PICTURE.model_copy(
    update={
        "ruling": Ruling.REFUND,
        "reason": "Goodwill: the picture misleads.",
        "freight": Payer.MERCHANT,
        "amount": yuan(129),
        "paid": yuan(129),
    }
)

NOT_AS_DESCRIBED = Story(
    name="R3",
    title="Not as described: refused with the reason; a complaint (C8) brings a goodwill return",
    received=march(5, 11),
    opens=Application(words="裤子颜色与图片不符。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(5, 11, 5), ZHANG, ACCEPT, classified(Ground.NOT_AS_DESCRIBED), CLAIM),
        act(
            march(5, 11, 20),
            ZHANG,
            ("review", NOT_THE_PICTURE.model_copy(update={"reason": ""})),
            refused="wrong_form",
            tells="A refusal without a reason is none.",
        ),
        act(march(5, 11, 25), ZHANG, ("review", NOT_THE_PICTURE)),
        customer_told(march(5, 11, 25)),
        act(march(6, 10), ZHANG, solved(Satisfaction.DISSATISFIED, 2)),
        act(
            march(6, 15, 5),
            ZHAO,
            ("reopen", Reopening(reason="His complaint is right in part.")),
            ("review", GOODWILL),
            tells="The refusal stays in the history; the rule leaves goodwill to a manager.",
        ),
        act(march(6, 15, 6), ZHANG, ("decide", GOODWILL), refused="step_not_allowed"),
        act(march(6, 15, 10), ZHAO, ("decide", GOODWILL)),
        act(march(7, 10), APP, SHIPPED),
        act(march(8, 10), HE, RECEIVED, inspected(Grade.A)),
        arranged(march(8, 10), "refund", "refunded"),
        customer_told(march(8, 10)),
        act(march(8, 18), APP, ("confirm", Confirmation(solved=True))),
    ),
    path=(
        *(*REVIEWED, At.REFUSING, Tail.FOLLOWING_UP, At.REFUSED),
        *(At.REVIEWING, At.EXCEPTION, *SENT[4:], At.REFUNDING, *CLOSED),
    ),
    shows={"category": "not_as_described", "outcome": "solved"},
    clocks={
        "resolution": ("met", timedelta(minutes=5)),
        "follow_up": ("met", timedelta(hours=8)),
    },
)

NEVER_SENT = Story(
    name="R4",
    title="Approved, but the goods are never sent",
    received=march(4, 9),
    opens=Application(words="不喜欢，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(4, 9, 10), LIU, approved(80)),
        customer_told(march(18, 9, 10)),
        act(march(18, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(*LAPSED, At.NOT_RETURNED),
    shows={"assignee": "liu.yang", "outcome": "not_returned"},
    clocks={"resolution": ("met", timedelta(minutes=10))},
)

WORN = Story(
    name="R5",
    title="The goods come back worn: not taken back, and sent to the customer",
    received=march(5, 9),
    opens=Application(words="太大了，不想要。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(5, 9, 10), LIU, approved(150)),
        act(march(5, 10), APP, SHIPPED),
        act(march(7, 10), HE, RECEIVED),
        act(march(7, 11), HE, inspected(Grade.C, "Worn and washed.")),
        arranged(march(7, 11), "shipment", "sent"),
        customer_told(march(7, 11)),
        act(march(8, 10), LIU, solved(Satisfaction.DISSATISFIED, 3)),
    ),
    path=(*SENT, Parcel.SENDING_BACK, Tail.TELLING, Tail.FOLLOWING_UP, At.REFUSED),
    shows={"outcome": "refused"},
)

CARD_CLOSED = Story(
    name="R6",
    title="The refund is refused outside: mended, and paid once",
    received=march(5, 9),
    opens=Application(words="太小了，七天无理由退货。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(5, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(5, 9, 10), LIU, approved(150)),
        act(march(5, 10), APP, SHIPPED),
        act(march(6, 10), HE, RECEIVED, inspected(Grade.A)),
        not_arranged(march(6, 10), "refund", "refund_refused", "account_closed"),
        act(march(6, 11), LIU, ("refund", RefundOrder(amount=yuan(150))), tells="By another way."),
        arranged(march(6, 11), "refund", "refunded"),
        customer_told(march(6, 11)),
        act(march(6, 12), APP, HAPPY),
    ),
    path=(*SENT, At.REFUNDING, At.MENDING, At.REFUNDING, *CLOSED),
    shows={"outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=1, minutes=10))},
    staged=True,
)

TOO_LATE = Story(
    name="R7",
    title="The parcel comes when nobody waits for it any more: a task, and the money",
    received=march(4, 9),
    opens=Application(words="不喜欢，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(4, 9, 10), LIU, approved(80)),
        customer_told(march(18, 9, 10)),
        act(march(18, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
        act(march(20, 10), HE, RECEIVED, tells="Closed two days ago; the parcel is not lost."),
        act(march(20, 11), LIU, CLAIM, approved(80), tells="Somebody decides anew."),
        act(march(20, 15), HE, inspected(Grade.A)),
        arranged(march(20, 15), "refund", "refunded"),
        customer_told(march(20, 15)),
        act(march(20, 18), APP, HAPPY),
    ),
    path=(
        *(*LAPSED, At.NOT_RETURNED),
        *(At.GOODS_HERE, At.INSPECTING, At.REFUNDING, *CLOSED),
    ),
    shows={"outcome": "solved"},
)

EXCHANGE = ROBOT_FAILS.model_copy(update={"delivered_on": date(2026, 3, 3)})

ONCE_MORE = Story(
    name="R8",
    title="The exchanged goods fail as well: a further exchange is for a manager",
    received=march(4, 9),
    opens=Application(words="耳机坏了，要换。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), LIU, ACCEPT, classified(Ground.QUALITY), CLAIM),
        act(march(4, 9, 10), LIU, ("review", EXCHANGE)),
        act(march(4, 15), HE, RECEIVED, inspected(Grade.B)),
        arranged(march(4, 15), "replacement", "replaced"),
        customer_told(march(4, 15)),
        act(march(6, 10), LIU, CLAIM, not_solved()),
        act(march(6, 11), LIU, ("review", EXCHANGE), tells="One exchange is enough for an agent."),
        act(march(6, 12), ZHAO, ("decide", EXCHANGE)),
        act(march(6, 15), HE, RECEIVED, inspected(Grade.B)),
        arranged(march(6, 15), "replacement", "replaced"),
        customer_told(march(6, 15)),
        act(march(8, 10), APP, HAPPY),
    ),
    path=(
        *(*REVIEWED, At.AWAITING_GOODS, At.INSPECTING, At.REPLACING, *CLOSED[:2]),
        *(At.REVIEWING, At.EXCEPTION, At.AWAITING_GOODS, At.INSPECTING, At.REPLACING, *CLOSED),
    ),
    shows={"outcome": "solved"},
)

SENT_IN_VAIN = Story(
    name="R9",
    title="Withdrawn while the goods are on their way: they go back when they arrive",
    received=march(4, 9),
    opens=Application(words="太小了，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(4, 9, 10), LIU, approved(80)),
        act(march(4, 10), APP, SHIPPED),
        act(march(4, 12), APP, ("withdraw", Withdrawal(reason="还是留着。"))),
        act(march(6, 10), HE, RECEIVED),
        arranged(march(6, 10), "shipment", "sent"),
        customer_told(march(6, 10)),
        act(march(7, 10), APP, HAPPY),
    ),
    path=(
        *(*REVIEWED, At.AWAITING_GOODS, At.ON_THE_WAY, At.RECALLED, Parcel.SENDING_BACK),
        *(*CLOSED[:2], At.NOT_RETURNED),
    ),
    shows={"outcome": "not_returned"},
)

DEAR = Story(
    name="R10",
    title="More than an agent may decide on: another person approves it",
    received=march(4, 9),
    opens=Application(words="手表不喜欢，七天无理由。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM),
        act(march(4, 9, 10), LIU, approved(4800), refused="above_ceiling"),
        act(march(4, 9, 15), LIU, approval(4800), refused="step_not_allowed"),
        act(march(4, 9, 20), ZHAO, approval(4800), tells="The work stays with 刘洋."),
        act(march(4, 9, 25), LIU, approved(4800)),
        act(march(4, 15), HE, RECEIVED, inspected(Grade.A)),
        arranged(march(4, 15), "refund", "refunded"),
        customer_told(march(4, 15)),
        act(march(4, 18), APP, HAPPY),
    ),
    path=(*REVIEWED, At.AWAITING_GOODS, At.INSPECTING, At.REFUNDING, *CLOSED),
    shows={"outcome": "solved"},
)

STORIES = (
    DRESS_TOO_SMALL,
    ROBOT_CLEANER,
    NOT_AS_DESCRIBED,
    NEVER_SENT,
    WORN,
    CARD_CLOSED,
    TOO_LATE,
    ONCE_MORE,
    SENT_IN_VAIN,
    *(DEAR, *OF_UNITS, *OF_GOODS_LEFT, *OF_TURNS),
)
