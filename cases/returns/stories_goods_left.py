"""Returns whose goods stay with us: nobody wants them back, nobody comes, no carrier takes them."""

from datetime import date, timedelta

from cases.common.forms import Satisfaction, Withdrawal
from cases.common.parcels import Parcel, SentByHand
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
from domain.stories import Story, act

from .forms import (
    Application,
    Grade,
    Ground,
    Inspection,
    Keeping,
    LineInspection,
    Scrapping,
    Unclaimed,
)
from .rules import At
from .stories_units import (
    CLOSED,
    DRESS,
    HAPPY,
    LAPSED,
    NO_REASON,
    RECEIVED,
    SENT,
    SHIPPED,
    TWO_SHIRTS,
    classified,
)

IN_FEBRUARY = date(2026, 2, 28)
GOWN = DRESS.model_copy(update={"delivered_on": IN_FEBRUARY})
PAIR = TWO_SHIRTS.model_copy(update={"delivered_on": IN_FEBRUARY})
UNSALEABLE = Inspection(
    grade=Grade.UNSALEABLE, passed=False, finding="Mould, from damp.", not_wanted_back=True
)
ONE_OF_TWO = Inspection(
    grade=Grade.A,
    passed=True,
    lines=(
        LineInspection(
            line="1", quantity=1, grade=Grade.UNSALEABLE, passed=False, finding="Ink stains."
        ),
    ),
    not_wanted_back=True,
)
THROW_AWAY = Scrapping(unclaimed=Unclaimed.NOT_WANTED_BACK, reason="She said so in the chat.")
NOBODY_CAME = Scrapping(unclaimed=Unclaimed.STORAGE_OVER, reason="Written to three times.")
APPLIED = act(march(2, 9, 5), LIU, ACCEPT, classified(Ground.PERSONAL), CLAIM)
APPROVED = act(march(2, 9, 10), LIU, ("review", NO_REASON))

THROWN_AWAY = Story(
    name="R16",
    title="Unsaleable, and she does not want it back: a manager lets it be scrapped",
    received=march(2, 9),
    opens=Application(words="太小，不想要了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[GOWN],
    acts=(
        APPLIED,
        APPROVED,
        act(march(2, 10), APP, SHIPPED),
        act(march(4, 10), HE, RECEIVED, ("inspect", UNSALEABLE)),
        act(march(4, 10, 5), LIU, ("scrap", THROW_AWAY), refused="step_not_allowed"),
        act(
            march(4, 11),
            ZHAO,
            ("scrap", NOBODY_CAME),
            refused="storage_goes_on",
            tells="It came an hour ago: nobody can say that nobody comes for it.",
        ),
        act(march(4, 11, 5), ZHAO, ("scrap", THROW_AWAY), tells="Who and why is in the history."),
        customer_told(march(4, 11, 5)),
        act(march(5, 10), LIU, CLAIM, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(*SENT, At.SCRAPPING, *CLOSED[:2], At.REFUSED),
    shows={"outcome": "refused"},
    clocks={"resolution": ("met", timedelta(hours=1, minutes=15))},
)

ONE_IS_SCRAPPED = Story(
    name="R17",
    title="One of two is paid back, the stained one is scrapped",
    received=march(2, 9),
    opens=Application(words="两件都太小。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[PAIR],
    acts=(
        APPLIED,
        APPROVED,
        act(march(2, 10), APP, SHIPPED),
        act(march(4, 10), HE, RECEIVED, ("inspect", ONE_OF_TWO)),
        arranged(march(4, 10), "refund", "refunded"),
        act(march(4, 11), ZHAO, ("scrap", THROW_AWAY), tells="The money went out before."),
        customer_told(march(4, 11)),
        act(march(4, 18), APP, HAPPY),
    ),
    path=(*SENT, At.REFUNDING, At.SCRAPPING, *CLOSED),
    shows={"outcome": "solved"},
)

KEPT_AFTER_ALL = Story(
    name="R18",
    title="She wants it back after all: it is not scrapped",
    received=march(2, 9),
    opens=Application(words="太小，不想要了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[GOWN],
    acts=(
        APPLIED,
        APPROVED,
        act(march(2, 10), APP, SHIPPED),
        act(march(4, 10), HE, RECEIVED, ("inspect", UNSALEABLE)),
        act(march(4, 12), ZHAO, ("keep_for_customer", Keeping(reason="She rang: keep it."))),
        arranged(march(4, 12), "shipment", "sent"),
        customer_told(march(4, 12)),
        act(march(5, 10), LIU, CLAIM, solved(Satisfaction.SATISFIED, 7)),
    ),
    path=(*SENT, At.SCRAPPING, Parcel.SENDING_BACK, *CLOSED[:2], At.REFUSED),
    shows={"outcome": "refused"},
)

NEVER_COLLECTED = Story(
    name="R19",
    title="The parcel comes too late, and nobody says what is to become of it: scrapped",
    received=march(2, 9),
    opens=Application(words="不喜欢，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[GOWN],
    acts=(
        APPLIED,
        APPROVED,
        customer_told(march(16, 9, 10)),
        act(march(16, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
        act(march(18, 10), HE, RECEIVED, tells="She withdrew her wish; nobody answers since."),
        act(
            march(31, 10),
            ZHAO,
            ("scrap", NOBODY_CAME),
            refused="storage_goes_on",
            tells="Goods that nobody claims are kept for thirty days.",
        ),
        act(march(18, 10) + timedelta(days=30, minutes=7), ZHAO, ("scrap", NOBODY_CAME)),
        customer_told(march(18, 10) + timedelta(days=30, minutes=7)),
        act(march(18, 10) + timedelta(days=31), APP, HAPPY),
    ),
    path=(*LAPSED, At.NOT_RETURNED, At.GOODS_HERE, *CLOSED[:2], At.REFUSED),
    shows={"outcome": "refused"},
)

NO_CARRIER = Story(
    name="R20",
    title="The carrier does not take the parcel back to her: sent in another way",
    received=march(2, 9),
    opens=Application(words="太小，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[GOWN],
    acts=(
        APPLIED,
        APPROVED,
        act(march(2, 10), APP, SHIPPED),
        act(march(4, 10), HE, RECEIVED),
        act(march(4, 10, 30), APP, ("withdraw", Withdrawal(reason="还是留着。"))),
        not_arranged(march(4, 10, 30), "shipment", "shipment_refused", "address_unknown"),
        act(march(4, 15), HE, ("send_by_hand", SentByHand(reference="PICKUP-1"))),
        customer_told(march(4, 15)),
        act(march(4, 18), APP, HAPPY),
    ),
    path=(
        *(*SENT, Parcel.SENDING_BACK, Parcel.SENDING_BY_HAND),
        *(*CLOSED[:2], At.NOT_RETURNED),
    ),
    shows={"outcome": "not_returned"},
    staged=True,
)

UNDELIVERABLE = Story(
    name="R21",
    title="It can be sent back in no way, and she does not come for it: scrapped",
    received=march(2, 9),
    opens=Application(words="太大，想退。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    goods=[GOWN],
    acts=(
        APPLIED,
        APPROVED,
        act(march(2, 10), APP, SHIPPED),
        act(
            march(4, 10),
            HE,
            RECEIVED,
            ("inspect", UNSALEABLE.model_copy(update={"not_wanted_back": False})),
        ),
        not_arranged(march(4, 10), "shipment", "shipment_refused", "address_unknown"),
        act(march(4, 11), ZHAO, ("scrap", NOBODY_CAME), refused="storage_goes_on"),
        act(march(4, 10, 5) + timedelta(days=30), ZHAO, ("scrap", NOBODY_CAME)),
        customer_told(march(4, 10, 5) + timedelta(days=30)),
        act(march(4, 10) + timedelta(days=31), APP, HAPPY),
    ),
    path=(
        *(*SENT, Parcel.SENDING_BACK, Parcel.SENDING_BY_HAND),
        *(*CLOSED[:2], At.REFUSED),
    ),
    shows={"outcome": "refused"},
    staged=True,
)

OF_GOODS_LEFT = (
    THROWN_AWAY,
    ONE_IS_SCRAPPED,
    KEPT_AFTER_ALL,
    NEVER_COLLECTED,
    NO_CARRIER,
    UNDELIVERABLE,
)
