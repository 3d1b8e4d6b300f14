"""Complaints that become a dispute: the customer chooses a way, and each has its result."""

from datetime import date, timedelta

from cases.common.classification import Hardness, Impact, Severity, Urgency
from cases.common.forms import Satisfaction
from cases.common.measures import Measure
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    LIU,
    MANUAL_POLICY,
    ZHAO,
    ZHOU,
    customer_told,
    march,
    solved,
)
from cases.common.tail import Tail
from domain.engine.action_forms import Release
from domain.stories import Act, Story, act, person

from .categories import Category
from .forms import (
    CauseOf,
    Classification,
    Complaint,
    DisputeResult,
    DisputeWay,
    Remedy,
)
from .rules import At
from .stories_parts import (
    LATE,
    OFFERED,
    approval,
    carried_out,
    checked,
    granted,
    investigated,
    no,
    paid_out,
    result,
    way,
)

SHEN = person("shen.ke", "management")
DISPUTED = (*OFFERED, At.PROPOSING, At.PROPOSED, At.DISPUTED)
SETTLED = (At.CARRYING_OUT, At.PAYING, Tail.TELLING, Tail.FOLLOWING_UP, Tail.CLOSED)

LEAKING_HEATER = Story(
    name="C3",
    title="A leaking water heater ruins a floor: a dispute, settled by mediation",
    received=march(9, 8, 30),
    opens=Complaint(words="热水器漏水，地板全泡坏了，你们要赔偿。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(
            march(9, 8, 40),
            CHEN,
            ACCEPT,
            (
                "classify",
                Classification(
                    category=Category.PRODUCT_QUALITY,
                    severity=Severity.SERIOUS,
                    impact=Impact.SEVERAL,
                    urgency=Urgency.HIGH,
                    hardness=Hardness.MAJOR,
                ),
            ),
        ),
        act(march(9, 8, 41), LIU, CLAIM, refused="not_a_candidate"),
        act(march(9, 8, 42), ZHAO, CLAIM, refused="not_a_candidate"),
        act(march(9, 8, 45), ZHOU, CLAIM, tells="Claiming it assigns it."),
        act(march(9, 9), LIU, ("release", Release()), refused="not_a_candidate"),
        act(
            march(9, 16),
            ZHOU,
            checked(CauseOf.PRODUCTION, "A seal of this batch."),
            granted("Damages of 3,000 yuan.", 3000, Remedy.LIABILITY),
        ),
        act(march(10, 9), CHEN, no(), tells="He said so by phone."),
        act(
            march(10, 11),
            ZHOU,
            granted("Damages of 5,000 yuan.", 5000, Remedy.LIABILITY),
            refused="above_ceiling",
        ),
        act(march(10, 11, 30), SHEN, approval(5000), tells="A second member of management."),
        act(march(10, 12), ZHOU, granted("Damages of 5,000 yuan.", 5000, Remedy.LIABILITY)),
        act(march(10, 14), CHEN, no(), refused="other_offer", tells="Of two, it says which."),
        act(march(10, 15), CHEN, no(11), tells="The second refusal opens a dispute."),
        act(march(10, 16), ZHOU, way(DisputeWay.NEGOTIATION, "He wants to talk once more.")),
        act(
            march(12, 10),
            ZHOU,
            result(DisputeResult.FAILED, date(2026, 3, 12), "He asks for 12,000 yuan."),
        ),
        act(march(12, 10, 5), ZHOU, way(DisputeWay.MEDIATION, "He goes to the 消协.")),
        act(
            march(18, 10),
            ZHOU,
            result(DisputeResult.AGREED, date(2026, 3, 18), "8,000 yuan.", "XX-2026-118", 8000),
            refused="above_ceiling",
        ),
        act(march(18, 10, 20), SHEN, approval(8000)),
        act(
            march(18, 10, 30),
            ZHOU,
            result(DisputeResult.AGREED, date(2026, 3, 18), "8,000 yuan.", "XX-2026-118", 8000),
        ),
        act(march(18, 11), ZHOU, carried_out("The payment is ordered.")),
        paid_out(march(18, 11)),
        customer_told(march(18, 11)),
        act(
            march(20, 9),
            ZHOU,
            (
                "record_measure",
                Measure(
                    measure="Check the seal of this batch.", owner="产品部", due=date(2026, 3, 31)
                ),
            ),
        ),
        act(march(20, 10), ZHOU, solved(Satisfaction.NEUTRAL, 5)),
    ),
    path=(*DISPUTED, At.SETTLING, At.DISPUTED, At.SETTLING, *SETTLED),
    shows={
        "assignee": "zhou.hang",
        "severity": "serious",
        "hardness": "major",
        "team": "serious_complaints",
        "priority": "P1",
        "outcome": "solved",
    },
    clocks={
        "solution": ("met", timedelta(hours=7, minutes=30)),
        "resolution": ("met", timedelta(hours=12, minutes=5)),
        "dispute": ("met", timedelta(days=6, minutes=25)),
    },
    escalations={"resolution": []},
)


def disputed() -> tuple[Act, ...]:
    """A late parcel, and two offers that the customer does not take."""
    return (
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.LOGISTICS, "Three days late."),
            granted("An apology.", 0, Remedy.APOLOGY),
        ),
        act(march(2, 11), APP, no()),
        act(march(2, 12), LIU, granted("20 yuan.", 20, Remedy.GOODWILL)),
        act(march(2, 13), APP, no(9)),
    )


LAWSUIT = Story(
    name="C13",
    title="Arbitration fails, the court rules that nothing is paid",
    received=march(2, 9),
    opens=Complaint(words="快递晚了三天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *disputed(),
        act(march(2, 14), LIU, way(DisputeWay.ARBITRATION, "客户申请仲裁。")),
        act(
            march(9, 10),
            LIU,
            result(DisputeResult.FAILED, date(2026, 3, 9), "There is no clause for it."),
        ),
        act(march(9, 11), LIU, way(DisputeWay.LAWSUIT, "客户要起诉。")),
        act(
            march(30, 10),
            LIU,
            result(DisputeResult.AGREED, date(2026, 3, 28), "A written apology.", "2026-M-77"),
        ),
        act(march(30, 11), LIU, carried_out("The apology was sent.")),
        customer_told(march(30, 11)),
        act(march(31, 10), LIU, solved(Satisfaction.NEUTRAL, 4)),
    ),
    path=(
        *DISPUTED,
        At.SETTLING,
        At.DISPUTED,
        At.SETTLING,
        At.CARRYING_OUT,
        *SETTLED[2:],
    ),
    shows={"outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=5))},
)

GIVEN_UP = Story(
    name="C14",
    title="The customer gives up the complaint at the authority, and is called all the same",
    received=march(2, 9),
    opens=Complaint(words="快递晚了三天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *disputed(),
        act(march(2, 14), LIU, way(DisputeWay.ADMINISTRATIVE, "客户要打12315。")),
        act(
            march(5, 10),
            LIU,
            result(DisputeResult.WITHDRAWN, date(2026, 3, 5), "客户撤回了投诉。"),
        ),
        customer_told(march(5, 10)),
        act(march(5, 15), LIU, solved(Satisfaction.NEUTRAL, 4)),
    ),
    path=(*DISPUTED, At.SETTLING, *SETTLED[2:]),
    shows={"outcome": "solved"},
    clocks={"dispute": ("met", timedelta(days=2, hours=20))},
)

DISPUTE_STORIES = (LAWSUIT, GIVEN_UP)
