"""Complaints that are sorted anew late: whatever they are called, each promise is kept."""

from datetime import date, timedelta

from cases.common.forms import Confirmation, Satisfaction
from cases.common.stories import ACCEPT, APP, CLAIM, LIU, MANUAL_POLICY, customer_told, march
from cases.common.tail import Tail
from domain.stories import Act, Story, act

from .forms import CauseOf, Complaint, DisputeResult, DisputeWay, Remedy
from .rules import At
from .stories_parts import (
    FAULTY,
    OFFERED,
    PRICED,
    WORKED,
    YES,
    carried_out,
    granted,
    investigated,
    no,
    result,
    way,
)

CONTENT = ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.SATISFIED, nps=8))


def priced() -> tuple[Act, ...]:
    """Sorted as a matter of price, which is promised no day for an offer."""
    return (
        act(march(2, 9, 10), LIU, ACCEPT, ("classify", PRICED), CLAIM),
        act(
            march(2, 10),
            LIU,
            investigated(CauseOf.OTHER, "The same costs less elsewhere."),
            granted("20 yuan.", 20, Remedy.GOODWILL),
        ),
    )


DISPUTED_QUALITY = Story(
    name="C17",
    title="In the dispute it turns out to be about quality: the offer had been due from receipt",
    received=march(2, 9),
    opens=Complaint(words="东西贵，还总是死机。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *priced(),
        act(march(2, 11), APP, no()),
        act(march(2, 12), LIU, granted("50 yuan.", 50, Remedy.GOODWILL)),
        act(march(2, 13), APP, no(9), tells="The second refusal opens a dispute."),
        act(
            march(2, 14),
            LIU,
            ("reclassify", FAULTY),
            tells="The 48 hours for an offer count from receipt, and the first offer was in time.",
        ),
        act(march(2, 15), LIU, way(DisputeWay.NEGOTIATION, "He wants it to work.")),
        act(
            march(4, 10),
            LIU,
            result(DisputeResult.AGREED, date(2026, 3, 4), "A new one.", "XX-7"),
        ),
        act(march(4, 11), LIU, carried_out("A new one is on its way.")),
        customer_told(march(4, 11)),
        act(march(5, 10), APP, CONTENT, tells="His own word closes it."),
    ),
    path=(
        *(*OFFERED, At.PROPOSING, At.PROPOSED, At.DISPUTED, At.SETTLING),
        *(At.CARRYING_OUT, Tail.TELLING, Tail.FOLLOWING_UP, Tail.CLOSED),
    ),
    shows={"category": "product_quality", "outcome": "solved"},
    clocks={"solution": ("met", timedelta(hours=1))},
)

QUALITY_AFTER_ALL = Story(
    name="C18",
    title="While it is carried out it turns out to be about quality; the customer closes it",
    received=march(2, 9),
    opens=Complaint(words="买贵了，而且有点松动。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *priced(),
        act(march(2, 11), APP, YES),
        act(
            march(2, 12),
            LIU,
            ("reclassify", FAULTY),
            tells="As price it was promised no day for an offer; as quality it is, from receipt.",
        ),
        act(
            march(2, 13),
            LIU,
            granted("A tightened hinge.", 0, Remedy.OTHER),
            tells="Another solution is offered, within the time.",
        ),
        act(march(2, 14), APP, ("accept_solution", YES[1].model_copy(update={"offer": 11}))),
        act(march(2, 16), LIU, carried_out("The hinge is tight.")),
        customer_told(march(2, 16)),
        act(
            march(2, 18),
            APP,
            ("confirm", Confirmation(solved=False, words="又松了。")),
            tells="Not solved, he says: worked on again.",
        ),
        act(march(3, 9), LIU, granted("A new hinge.", 0, Remedy.OTHER)),
        act(march(3, 10), APP, ("accept_solution", YES[1].model_copy(update={"offer": 16}))),
        act(march(3, 12), LIU, carried_out("A new hinge.")),
        customer_told(march(3, 12)),
        act(march(3, 18), APP, CONTENT),
    ),
    path=(
        *(*OFFERED, At.CARRYING_OUT, At.PROPOSED, *WORKED[6:]),
        *(At.PROPOSING, At.PROPOSED, *WORKED[6:], Tail.CLOSED),
    ),
    shows={"category": "product_quality", "outcome": "solved"},
    clocks={"solution": ("met", timedelta(hours=1))},
)

SORTED_STORIES = (DISPUTED_QUALITY, QUALITY_AFTER_ALL)
