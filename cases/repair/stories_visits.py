"""Repairs told for how the thing and the repairer come together: visits, windows, parcels."""

from datetime import timedelta

from cases.common.classification import Impact, Urgency
from cases.common.forms import FollowUp, Satisfaction
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
    ZHANG,
    ZHAO,
    customer_told,
    hand_to,
    march,
    solved,
)
from cases.common.tail import Tail
from domain.stories import Story, act

from .categories import Fault
from .forms import Application, Charge, DeclinedJob, Mode, Side, Warranty
from .rules import At
from .stories_common import (
    FRONT,
    HAND_OVER,
    HAPPY,
    MENDED,
    RECEIPT,
    SO_SO,
    SOLVED,
    TAKE,
    TOLD,
    VISIT,
    WORKS,
    appointed,
    classified,
    diagnosed,
    dispatched,
    missed,
    received,
    repaired,
    yuan,
)

NO_IGNITION = Story(
    name="W1",
    title="Water heater does not light: on site, in warranty",
    received=march(3, 8),
    opens=Application(words="热水器不点火。", model="JSQ-20", mode=Mode.ON_SITE),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 8, Fault.IGNITION, MA),
        act(march(3, 8, 5), LIU, TAKE, refused="step_not_allowed"),
        act(march(3, 8, 6), MA, TAKE, tells="Only this answers her; the dispatch did not."),
        act(march(3, 8, 10), MA, appointed(3, 14, 16), tells="She gets the notice of it."),
        act(
            march(3, 14, 20),
            MA,
            VISIT,
            diagnosed(Warranty.COVERED, "The igniter is burnt."),
            refused="warranty_unproven",
            tells="No order says so, and nothing shows it.",
        ),
        act(
            march(3, 14, 20),
            MA,
            VISIT,
            diagnosed(Warranty.COVERED, "The igniter is burnt.", "Bought eight months ago."),
        ),
        act(march(3, 15, 10), MA, repaired("A new igniter."), WORKS),
        act(
            march(3, 15, 10),
            MA,
            ("hand_over", Charge(charged=yuan(30))),
            refused="not_agreed",
            tells="In warranty there is nothing to pay.",
        ),
        act(march(3, 15, 10), MA, HAND_OVER),
        customer_told(march(3, 15, 10)),
        act(march(3, 15, 30), APP, HAPPY, tells="Without her word it could not be solved."),
    ),
    path=(*FRONT, At.TAKEN, At.DIAGNOSING, *MENDED, *SOLVED),
    shows={"category": "ignition", "priority": "P3", "outcome": "solved"},
    clocks={
        "response": ("met", timedelta(minutes=6)),
        "acceptance": ("met", timedelta(minutes=6)),
        "resolution": ("met", timedelta(hours=7, minutes=10)),
        "follow_up": ("met", timedelta(minutes=20)),
    },
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
            classified(Fault.COOLING, Urgency.HIGH, Impact.SEVERAL),
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
        act(march(6, 18, 35), SHUNDA, appointed(7, 9, 11)),
        act(
            march(7, 8, 30),
            SHUNDA,
            missed(Side.CUSTOMER, "Nobody opens."),
            refused="no_appointment",
            tells="Before nine nobody can have been missed.",
        ),
        act(
            march(7, 9, 10),
            SHUNDA,
            missed(Side.CUSTOMER, "Nobody opens."),
            refused="no_appointment",
            tells="The customer has half an hour to come.",
        ),
        act(
            march(7, 9, 30),
            SHUNDA,
            missed(Side.CUSTOMER, "Nobody at home; rang twice."),
            tells="From now on the clock stands still, until the visit.",
        ),
        act(march(7, 10), SHUNDA, appointed(8, 10, 12, Side.CUSTOMER)),
        act(march(8, 10), SHUNDA, VISIT, diagnosed(Warranty.COVERED, "The fan.", RECEIPT)),
        act(march(8, 10, 30), SHUNDA, repaired("A new fan."), WORKS, HAND_OVER),
        customer_told(march(8, 10, 30)),
        act(march(8, 11), LIU, CLAIM, tells="Of all who press the button one gets it."),
        act(march(8, 11), ZHANG, CLAIM, refused="task_taken"),
        act(march(8, 12), LIU, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(
        *(*FRONT, Front.CLASSIFIED, At.DISPATCHED, Front.CLASSIFIED, At.DISPATCHED),
        *(At.TAKEN, At.MISSED, At.DIAGNOSING, *MENDED, *SOLVED),
    ),
    shows={"category": "cooling", "priority": "P1", "outcome": "solved"},
    clocks={
        "response": ("met_late", timedelta(minutes=40)),
        "acceptance": ("met", timedelta(minutes=40)),
        "resolution": ("met", timedelta(hours=16, minutes=10)),
    },
)

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
        act(march(4, 14), MA, VISIT, diagnosed(Warranty.COVERED, "The electrode.", RECEIPT)),
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
    path=(*FRONT, At.TAKEN, At.DIAGNOSING, *MENDED, *TOLD, Tail.UNCONFIRMED),
    shows={"outcome": "unconfirmed"},
)

WE_DID_NOT_COME = Story(
    name="W7",
    title="She moves the visit, and then we do not come: the clock runs on",
    received=march(3, 9),
    opens=Application(words="洗衣机漏水。", mode=Mode.ON_SITE),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(3, 9, Fault.LEAKING, MA),
        act(march(3, 9, 5), MA, TAKE),
        act(march(3, 9, 8), MA, appointed(3, 14, 16, Side.US), refused="nothing_moved"),
        act(march(3, 9, 10), MA, appointed(3, 14, 16)),
        act(march(3, 11), LIU, appointed(4, 9, 11), refused="task_taken"),
        act(march(3, 11, 1), MA, appointed(4, 9, 11), refused="mover_missing"),
        act(march(3, 11, 2), MA, appointed(4, 9, 11, Side.CUSTOMER)),
        act(
            march(4, 11, 30),
            MA,
            missed(Side.US, "The job before took longer."),
            tells="It was us, so no clock stands still.",
        ),
        act(march(4, 11, 35), MA, appointed(4, 15, 17, Side.US)),
        act(march(4, 15), MA, VISIT, diagnosed(Warranty.COVERED, "The hose.", RECEIPT)),
        act(march(4, 16), MA, repaired("A new hose."), WORKS, HAND_OVER),
        customer_told(march(4, 16)),
        act(march(4, 18), APP, HAPPY),
    ),
    path=(*FRONT, At.TAKEN, At.DIAGNOSING, *MENDED, *SOLVED),
    shows={"outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=31))},
)

NEVER_SENT = Story(
    name="W8",
    title="It was to be sent in and never came: he rings, and the repairer comes instead",
    received=march(2, 9),
    opens=Application(words="电视不开机。", serial="TV-0815", mode=Mode.SENT_IN),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        dispatched(2, 9, Fault.POWER, MA),
        act(march(2, 9, 5), MA, TAKE, tells="He is told where to send it; the clock waits."),
        act(march(16, 10), MA, appointed(16, 14, 16), tells="Two weeks are over: he is rung up."),
        act(march(16, 13), MA, missed(Side.CUSTOMER, "x"), refused="no_appointment"),
        act(march(16, 14, 30), MA, missed(Side.CUSTOMER, "Nobody at home.")),
        act(
            march(23, 15),
            MA,
            received("TV-0816"),
            refused="other_serial",
            tells="A parcel comes after all, with another number on it.",
        ),
        act(march(23, 15, 5), MA, received("TV-0816", "遥控器", "He misread the label.")),
        act(march(23, 16), MA, diagnosed(Warranty.COVERED, "The power supply.", RECEIPT)),
        act(march(23, 17), MA, repaired("A new power supply."), WORKS, HAND_OVER),
        customer_told(march(23, 17)),
        act(march(24, 9), APP, HAPPY),
    ),
    path=(
        *(*FRONT, At.AWAITING_UNIT, At.TAKEN, At.MISSED, At.TAKEN, At.DIAGNOSING),
        *(*MENDED, *SOLVED),
    ),
    shows={"outcome": "solved"},
)

VISIT_STORIES = (NO_IGNITION, NOT_TAKEN, NOT_CONTENT, WE_DID_NOT_COME, NEVER_SENT)
