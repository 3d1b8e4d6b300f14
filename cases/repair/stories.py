"""Repairs told from start to end: W1, W3 and W4 are the manual's acceptance stories."""

from datetime import timedelta
from decimal import Decimal

from cases.common.classification import Urgency
from cases.common.forms import Confirmation, FollowUp, Satisfaction, Withdrawal
from cases.common.front import Front
from cases.common.offers import Answer
from cases.common.parcels import Parcel
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    DISPATCHER,
    HE,
    LIU,
    MA,
    MANUAL_POLICY,
    SHUNDA,
    ZHAO,
    arranged,
    customer_told,
    hand_to,
    march,
    solved,
)
from cases.common.tail import Tail
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.values import Money
from domain.stories import Act, Story, act

from .forms import (
    Application,
    Appointment,
    Arrival,
    Classification,
    Coverage,
    DeclinedJob,
    Diagnosis,
    Fault,
    Handover,
    Missed,
    Quote,
    TakenJob,
    Trial,
    Work,
)
from .rules import At

FRONT = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED, At.DISPATCHED)
TOLD = (Tail.TELLING, Tail.FOLLOWING_UP)
TAKE = ("take_job", TakenJob())
VISIT = ("visit", Arrival())
HAND_OVER = ("hand_over", Handover())
WORKS = ("test", Trial(passed=True))
HAPPY = ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.SATISFIED))


def classified(fault: Fault, urgency: Urgency = Urgency.NORMAL) -> tuple[str, Form]:
    return "classify", Classification(category=fault, urgency=urgency)


def dispatched(day: int, hour: int, fault: Fault, whom: Actor, seconds: int = 5) -> Act:
    """Return what the automatic dispatch does, a moment after the case was opened."""
    at = march(day, hour) + timedelta(seconds=seconds)
    return act(at, DISPATCHER, ACCEPT, classified(fault), hand_to(whom))


def diagnosed(outcome: Coverage, finding: str) -> tuple[str, Diagnosis]:
    return "diagnose", Diagnosis(outcome=outcome, finding=finding)


def repaired(work: str) -> tuple[str, Work]:
    return "repair", Work(work=work)


def quoted(yuan: int) -> tuple[str, Quote]:
    return "quote", Quote(price=Money(amount=Decimal(yuan)), work="A new panel.")


NO_IGNITION = Story(
    name="W1",
    title="Water heater does not light: on site, in warranty",
    received=march(3, 8),
    opens=Application(words="热水器不点火。", model="JSQ-20"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 8, Fault.IGNITION, MA),
        act(march(3, 8, 5), LIU, TAKE, refused="step_not_allowed"),
        act(march(3, 8, 6), MA, TAKE, tells="Only this answers her; the dispatch did not."),
        act(march(3, 8, 10), MA, ("appoint", Appointment(window="14:00-16:00"))),
        act(march(3, 14, 20), MA, VISIT, diagnosed(Coverage.COVERED, "The igniter is burnt.")),
        act(march(3, 15, 10), MA, repaired("A new igniter."), WORKS, HAND_OVER),
        customer_told(march(3, 15, 10)),
        act(march(3, 15, 30), APP, HAPPY, tells="Without her word it could not be solved."),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.REPAIRING, At.TESTING, At.RETURNING),
        *(*TOLD, Tail.CLOSED),
    ),
    shows={"category": "ignition", "priority": "P3", "outcome": "solved"},
    clocks={
        "response": ("met", timedelta(minutes=6)),
        "acceptance": ("met", timedelta(minutes=6)),
        "resolution": ("met", timedelta(hours=7, minutes=10)),
        "follow_up": ("met", timedelta(minutes=20)),
    },
)

STILL_DARK = Story(
    name="W2",
    title="Carried in, quoted, and repaired at the second attempt",
    received=march(4, 9),
    opens=Application(words="电视黑屏。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 5), CHEN, ACCEPT, classified(Fault.SCREEN), hand_to(MA)),
        act(march(4, 9, 10), MA, TAKE, ("receive", Arrival(note="Carried in."))),
        act(march(4, 11), MA, diagnosed(Coverage.CHARGEABLE, "The panel is cracked."), quoted(600)),
        act(march(4, 15), CHEN, ("accept_quote", Answer()), tells="He said so at the counter."),
        act(march(5, 10), MA, repaired("A new panel."), ("test", Trial(passed=False))),
        act(march(5, 15), MA, repaired("The cable as well."), WORKS),
        act(march(5, 16), HE, ("send_back", Handover())),
        arranged(march(5, 16), "shipment", "sent"),
        customer_told(march(5, 16)),
        act(march(7, 10), LIU, solved(Satisfaction.SATISFIED, 7)),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.REPAIRING, At.TESTING),
        *(At.REPAIRING, At.TESTING, At.RETURNING, Parcel.SENDING_BACK, *TOLD, Tail.CLOSED),
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
        act(march(2, 10, 10), MA, TAKE, ("receive", Arrival())),
        act(march(2, 15), MA, diagnosed(Coverage.CHARGEABLE, "人为损坏，保修期外。"), quoted(980)),
        act(
            march(9, 15, 20),
            APP,
            ("accept_quote", Answer(note="修吧。")),
            refused="step_not_offered",
            tells="The quote lapsed twenty minutes ago.",
        ),
        act(march(9, 15, 30), LIU, quoted(1080), tells="Quoted anew."),
        act(
            march(9, 15, 40),
            APP,
            ("accept_quote", Answer(note="980元，修吧。", offer=9)),
            refused="other_offer",
            tells="A yes to 980 yuan is none to 1,080.",
        ),
        act(march(9, 16), APP, ("decline_quote", Answer(offer=14))),
        act(march(9, 17), HE, ("send_back", Handover())),
        arranged(march(9, 17), "shipment", "sent"),
        customer_told(march(9, 17)),
        act(march(10, 10), LIU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.QUOTING, At.QUOTED, At.RETURNING_UNREPAIRED),
        *(At.QUOTED, At.RETURNING_UNREPAIRED, Parcel.SENDING_BACK, *TOLD, At.UNREPAIRED),
    ),
    shows={"category": "screen", "outcome": "unrepaired"},
    clocks={"resolution": ("met", timedelta(hours=6, minutes=30))},
)

NOT_TAKEN = Story(
    name="W4",
    title="Dispatched, not taken: the next, then a vendor; the customer is missed once",
    received=march(6, 17, 50),
    opens=Application(words="冰箱不制冷。"),
    by=CHEN,
    channel="phone",
    policy=MANUAL_POLICY,
    acts=(
        act(
            march(6, 17, 50),
            CHEN,
            ACCEPT,
            classified(Fault.COOLING, Urgency.HIGH),
            hand_to(MA),
        ),
        act(
            march(6, 18, 6),
            MA,
            TAKE,
            refused="step_not_offered",
            tells="Fifteen minutes are over: the answer is late, and the job is dispatched again.",
        ),
        act(march(6, 18, 8), CHEN, hand_to(MA)),
        act(march(6, 18, 10), MA, ("decline_job", DeclinedJob(reason="Off duty."))),
        act(march(6, 18, 20), ZHAO, hand_to(SHUNDA), tells="To the vendor."),
        act(march(6, 18, 30), SHUNDA, TAKE),
        act(march(6, 18, 35), SHUNDA, ("appoint", Appointment(window="Saturday 9:00-11:00"))),
        act(march(7, 9, 30), SHUNDA, ("miss", Missed(note="Nobody at home; rang twice."))),
        act(march(7, 10), SHUNDA, ("appoint", Appointment(window="Sunday 10:00"))),
        act(march(8, 10), SHUNDA, VISIT, diagnosed(Coverage.COVERED, "The fan.")),
        act(march(8, 10, 30), SHUNDA, repaired("A new fan."), WORKS, HAND_OVER),
        customer_told(march(8, 10, 30)),
        act(march(8, 12), LIU, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(
        *(*FRONT, Front.CLASSIFIED, At.DISPATCHED, Front.CLASSIFIED, At.DISPATCHED),
        *(At.TAKEN, At.MISSED, At.DIAGNOSING, At.REPAIRING, At.TESTING, At.RETURNING),
        *(*TOLD, Tail.CLOSED),
    ),
    shows={"category": "cooling", "priority": "P2", "outcome": "solved"},
    clocks={
        "response": ("met_late", timedelta(minutes=40)),
        "acceptance": ("met", timedelta(minutes=40)),
        "resolution": ("met", timedelta(hours=16, minutes=10)),
    },
)

SO_SO = FollowUp(reached=True, solved=True, satisfaction=Satisfaction.NEUTRAL, nps=5)

NOT_CONTENT = Story(
    name="W5",
    title="It works, but she does not say that she is content: unconfirmed, not solved",
    received=march(4, 9),
    opens=Application(words="燃气灶打不着火。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(4, 9, Fault.IGNITION, MA),
        act(march(4, 9, 6), MA, TAKE),
        act(march(4, 14), MA, VISIT, diagnosed(Coverage.COVERED, "The electrode.")),
        act(march(4, 15), MA, repaired("Cleaned."), WORKS, HAND_OVER),
        customer_told(march(4, 15)),
        act(
            march(5, 10),
            LIU,
            ("follow_up", FollowUp(reached=True, solved=True)),
            refused="not_content",
            tells="An agent's word is not the customer's.",
        ),
        act(march(5, 10, 5), LIU, ("follow_up", SO_SO)),
    ),
    path=(
        *(*FRONT, At.TAKEN, At.DIAGNOSING, At.REPAIRING, At.TESTING, At.RETURNING),
        *(*TOLD, Tail.UNCONFIRMED),
    ),
    shows={"outcome": "unconfirmed"},
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
        act(march(4, 9, 6), MA, TAKE, ("receive", Arrival())),
        act(march(4, 11), MA, diagnosed(Coverage.CHARGEABLE, "The panel."), quoted(600)),
        act(march(4, 12), CHEN, ("withdraw", Withdrawal()), refused="reason_missing"),
        act(march(4, 12), CHEN, ("withdraw", Withdrawal(reason="He rang: he buys a new one."))),
        act(march(4, 13), MA, quoted(450), refused="customer_withdrew"),
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

STORIES = (NO_IGNITION, STILL_DARK, NO_ANSWER, NOT_TAKEN, NOT_CONTENT, WITHDRAWN)
