"""Complaints that pay money out: refused and mended, changed on the way, and what is learnt."""

from datetime import date, timedelta

from cases.common.forms import Satisfaction
from cases.common.measures import Lesson, Measure, MeasureCheck
from cases.common.offers import Answer
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
    hand_to,
    march,
    not_arranged,
    solved,
)
from cases.common.tail import Tail
from domain.stories import Act, Story, act

from .forms import CauseOf, Complaint, PaidByHand, PayoutRetry, Remedy
from .rules import At
from .stories_parts import (
    BROKEN,
    LATE,
    OFFERED,
    PAID,
    YES,
    approval,
    carried_out,
    checked,
    granted,
    investigated,
    paid_out,
    yes,
)

DEAD_SCREEN = Story(
    name="C2",
    title="Screen dead after 20 days: rejected once, approved by another",
    received=march(4, 9),
    opens=Complaint(words="平板20天内屏就坏了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(4, 9, 12), CHEN, ACCEPT, ("classify", BROKEN)),
        act(
            march(4, 9, 15), LIU, CLAIM, refused="not_a_candidate", tells="中度 asks for a manager."
        ),
        act(march(4, 9, 20), CHEN, hand_to(ZHAO)),
        act(
            march(4, 9, 25),
            ZHAO,
            investigated(CauseOf.PRODUCTION, "The panel failed."),
            refused="checks_missing",
            tells="The playbook comes first: she has not rung him.",
        ),
        act(march(4, 9, 30), ZHAO, checked(CauseOf.PRODUCTION, "The panel failed.")),
        act(march(5, 11), ZHAO, granted("A new tablet.", 900, Remedy.EXCHANGE)),
        act(march(5, 20), APP, ("reject_solution", Answer(note="我要退款。"))),
        act(
            march(6, 10),
            ZHAO,
            granted("The money back: 2,199 yuan.", 2199, Remedy.REFUND),
            refused="above_ceiling",
        ),
        act(march(6, 10, 5), ZHAO, approval(2199), refused="own_request", tells="Not by herself."),
        act(march(6, 10, 40), ZHOU, approval(2199)),
        act(march(6, 11), ZHAO, granted("The money back: 2,199 yuan.", 2199, Remedy.REFUND)),
        act(march(6, 11, 30), APP, yes(10), refused="other_offer", tells="To the first offer."),
        act(march(6, 12), APP, yes(14)),
        act(march(6, 12, 5), ZHAO, carried_out("The refund is ordered.")),
        paid_out(march(6, 12, 5)),
        customer_told(march(6, 12, 5)),
        act(march(9, 10), ZHAO, solved(Satisfaction.NEUTRAL, 6)),
        act(
            march(9, 10, 10),
            ZHAO,
            ("keep_lesson", Lesson(problem="The panel fails early.", advice="Refund at once.")),
        ),
    ),
    path=(*OFFERED, At.PROPOSING, At.PROPOSED, *PAID[6:], Tail.CLOSED),
    shows={"assignee": "zhao.fang", "hardness": "ordinary", "outcome": "solved"},
    clocks={
        "solution": ("met", timedelta(hours=26)),
        "resolution": ("met", timedelta(hours=41, minutes=5)),
        "follow_up": ("met", timedelta(hours=69, minutes=55)),
    },
    escalations={
        "resolution": [march(5, 9), march(6, 6)],
        "follow_up": [march(8, 0, 5), march(8, 18, 5)],
    },
)


def accepted(words: str) -> tuple[Act, ...]:
    """A late parcel for which 20 yuan were accepted and are to be paid."""
    return (
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.LOGISTICS, words),
            granted("20 yuan.", 20, Remedy.GOODWILL),
        ),
        act(march(2, 11), APP, YES),
        act(march(2, 11, 30), LIU, carried_out("20 yuan are ordered.")),
    )


def refused_payout(minute: int) -> Act:
    return not_arranged(march(2, 12, minute), "refund", "payout_refused", "account_closed")


def again(minute: int) -> tuple[str, PayoutRetry]:
    return "pay", PayoutRetry(note=f"at {minute}")


REFUSED_PAYOUT = Story(
    name="C10",
    title="The payment is refused again and again: a manager goes on, and it is paid by hand",
    received=march(2, 9),
    opens=Complaint(words="快递晚了三天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    staged=True,
    acts=(
        *accepted("Three days late."),
        refused_payout(0),
        act(march(2, 12, 5), LIU, again(5)),
        refused_payout(6),
        act(march(2, 12, 10), LIU, again(10)),
        refused_payout(11),
        act(march(2, 12, 15), LIU, again(15), refused="step_not_allowed", tells="Twice more."),
        act(march(2, 12, 20), ZHAO, again(20)),
        refused_payout(21),
        act(march(2, 12, 30), LIU, ("pay_by_hand", PaidByHand(reference="cash-7"))),
        customer_told(march(2, 12, 30)),
        act(march(3, 10), LIU, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(
        *PAID[:8],
        *(At.MENDING, At.PAYING) * 3,
        At.MENDING,
        Tail.TELLING,
        Tail.FOLLOWING_UP,
        Tail.CLOSED,
    ),
    shows={"outcome": "solved"},
)

OTHERWISE = Story(
    name="C11",
    title="The solution is changed while it is carried out, and the customer answers anew",
    received=march(2, 9),
    opens=Complaint(words="快递把箱子摔破损了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.LOGISTICS, "Badly packed."),
            granted("A new box.", 15, Remedy.EXCHANGE),
        ),
        act(march(2, 11), APP, YES),
        act(
            march(2, 15),
            LIU,
            granted("There are no boxes left: 30 yuan.", 30, Remedy.GOODWILL),
            tells="It does not work, so something else is offered.",
        ),
        act(march(2, 15, 30), APP, YES, refused="other_offer"),
        act(march(2, 16), APP, yes(9)),
        act(march(2, 16, 30), LIU, carried_out("30 yuan are ordered.")),
        paid_out(march(2, 16, 30)),
        customer_told(march(2, 16, 30)),
        act(march(3, 10), LIU, solved(Satisfaction.SATISFIED, 8)),
    ),
    path=(*OFFERED, At.CARRYING_OUT, At.PROPOSED, *PAID[6:], Tail.CLOSED),
    shows={"outcome": "solved"},
    clocks={"resolution": ("met", timedelta(hours=5, minutes=30))},
)

STANDS = Story(
    name="C15",
    title="Another solution is offered and not answered: what was accepted stands",
    received=march(2, 9),
    opens=Complaint(words="快递把箱子摔破损了。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", LATE), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.LOGISTICS, "Badly packed."),
            granted("30 yuan.", 30, Remedy.GOODWILL),
        ),
        act(march(2, 11), APP, YES),
        act(march(2, 12), LIU, granted("A new box instead.", 15, Remedy.EXCHANGE)),
        act(march(9, 13), LIU, carried_out("30 yuan are ordered."), tells="As he accepted."),
        paid_out(march(9, 13)),
        customer_told(march(9, 13)),
        act(march(10, 10), LIU, solved(Satisfaction.SATISFIED, 7)),
    ),
    path=(*OFFERED, At.CARRYING_OUT, At.PROPOSED, *PAID[6:], Tail.CLOSED),
    shows={"outcome": "solved"},
)

LEARNT = Story(
    name="C12",
    title="What is learnt: a measure with its owner and day, and whether it had its effect",
    received=march(2, 9),
    opens=Complaint(words="快递晚了三天。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *accepted("The depot was full."),
        paid_out(march(2, 11, 30)),
        customer_told(march(2, 11, 30)),
        act(
            march(3, 9),
            LIU,
            (
                "record_measure",
                Measure(measure="A second van on Mondays.", owner="物流部", due=date(2026, 3, 6)),
            ),
        ),
        act(march(3, 10), LIU, solved(Satisfaction.SATISFIED, 8)),
        act(
            march(9, 10),
            LIU,
            ("check_measure", MeasureCheck(of=3, effective=True, effect="No parcel was late.")),
            refused="no_such_measure",
        ),
        act(
            march(9, 10, 5),
            CHEN,
            ("check_measure", MeasureCheck(of=12, effective=True, effect="No parcel was late.")),
            tells="The case is closed, and waits until the effect is checked.",
        ),
    ),
    path=(*PAID, Tail.CLOSED),
    shows={"outcome": "solved"},
)

PAYOUT_STORIES = (REFUSED_PAYOUT, OTHERWISE, LEARNT, STANDS)
