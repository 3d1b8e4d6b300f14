"""Repairs told for what an outside vendor charges us, and who decides on it."""

from cases.common.forms import FollowUp
from cases.common.stories import (
    ACCEPT,
    APP,
    CHEN,
    CLAIM,
    LIU,
    MANUAL_POLICY,
    SHUNDA,
    UNREACHED,
    WANG,
    ZHAO,
    customer_told,
    hand_to,
    march,
)
from cases.common.tail import Tail
from domain.language.forms import Form
from domain.stories import Act, Story, act

from .bills import Bill, BillApproval, BillRefusal
from .categories import Fault
from .forms import Application, Cost, GivenBack, GivenUp, Warranty
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
    classified,
    diagnosed,
    lines_of,
    repaired,
    yuan,
)

APPROVED = ("approve_bill", BillApproval())
TO_THE_VENDOR = (*FRONT, At.TAKEN, At.DIAGNOSING)


def billed(*costs: int, vendor: str | None = None, reference: str = "SD-30") -> tuple[str, Form]:
    lines = lines_of([(Cost.LABOUR, each) for each in costs])
    bill = Bill(total=yuan(sum(costs)), lines=lines, vendor=vendor, reference=reference)
    return "state_bill", bill


def refused(reason: str) -> tuple[str, Form]:
    return "refuse_bill", BillRefusal(reason=reason)


def at_the_vendor() -> tuple[Act, ...]:
    """The vendor takes the job, and is there at ten: in warranty."""
    return (
        act(march(3, 9, 1), CHEN, ACCEPT, classified(Fault.COOLING), hand_to(SHUNDA)),
        act(march(3, 9, 6), SHUNDA, TAKE),
        act(march(3, 10), SHUNDA, VISIT, diagnosed(Warranty.COVERED, "The compressor.", RECEIPT)),
    )


def mended_by_the_vendor() -> tuple[Act, ...]:
    return (
        *at_the_vendor(),
        act(march(3, 11), SHUNDA, repaired("A new compressor."), WORKS),
    )


DEAR = Story(
    name="W17",
    title="The vendor states its bill; the customer is content, and a manager decides on it",
    received=march(3, 9),
    opens=Application(words="冰箱不制冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *mended_by_the_vendor(),
        act(march(3, 11), SHUNDA, billed(80, vendor="anjie"), refused="wrong_vendor"),
        act(march(3, 11), SHUNDA, billed(2900, 300), tells="The lead hears of it."),
        act(march(3, 11, 5), SHUNDA, billed(2900), refused="bill_open"),
        act(march(3, 11, 5), SHUNDA, APPROVED, refused="step_not_allowed"),
        act(march(3, 11, 10), SHUNDA, HAND_OVER),
        customer_told(march(3, 11, 10)),
        act(march(3, 12), APP, HAPPY, tells="She is done; the bill is open."),
        act(
            march(3, 14),
            WANG,
            CLAIM,
            APPROVED,
            refused="above_ceiling",
            tells="3,200 yuan are more than a lead may decide on.",
        ),
        act(march(3, 15), ZHAO, CLAIM, APPROVED),
    ),
    path=(*TO_THE_VENDOR, *MENDED, *TOLD, At.BILLED, Tail.CLOSED),
    shows={"outcome": "solved"},
)

LATE = Story(
    name="W18",
    title="A bill comes when the case is closed: refused, stated anew, approved by somebody else",
    received=march(3, 9),
    opens=Application(words="冰箱不制冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *mended_by_the_vendor(),
        act(march(3, 11, 10), SHUNDA, HAND_OVER),
        customer_told(march(3, 11, 10)),
        act(march(3, 12), APP, HAPPY),
        act(march(5, 9), WANG, billed(400), refused="wrong_vendor"),
        act(march(5, 9), WANG, billed(400, vendor="shunda"), tells="It came by post."),
        act(march(5, 9, 5), WANG, APPROVED, refused="own_bill"),
        act(march(5, 10), ZHAO, refused("200 were agreed on for such a visit.")),
        act(march(6, 9), WANG, billed(200, vendor="shunda", reference="SD-31")),
        act(march(6, 10), ZHAO, APPROVED),
        act(
            march(6, 10, 1),
            WANG,
            billed(200, vendor="shunda", reference="sd-31"),
            refused="bill_approved",
            tells="The same paper came by mail as well.",
        ),
        act(march(6, 10, 5), ZHAO, APPROVED, refused="no_bill"),
    ),
    path=(*TO_THE_VENDOR, *MENDED, *SOLVED),
    shows={"outcome": "solved"},
)

IN_VAIN = Story(
    name="W19",
    title="The vendor could not mend it, and its bill is decided on before the case is over",
    received=march(3, 9),
    opens=Application(words="老冰箱不制冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *at_the_vendor(),
        act(
            march(3, 10, 30),
            SHUNDA,
            billed(120),
            ("give_up", GivenUp(reason="The part is no longer made.")),
        ),
        act(march(3, 11), LIU, CLAIM, ("give_back", GivenBack(reason="She wants nothing else."))),
        act(march(3, 12), LIU, HAND_OVER),
        customer_told(march(3, 12)),
        act(march(3, 13), LIU, CLAIM, ("follow_up", SO_SO)),
        act(march(3, 14), WANG, APPROVED),
    ),
    path=(
        *(*TO_THE_VENDOR, At.REPAIRING, At.BEYOND_REPAIR, At.RETURNING_UNREPAIRED),
        *(*TOLD, At.BILLED, At.UNREPAIRED),
    ),
    shows={"outcome": "unrepaired"},
)

NOBODY_THERE = Story(
    name="W20",
    title="Nobody can be reached, and a colleague states the vendor's bill meanwhile",
    received=march(3, 9),
    opens=Application(words="冰箱不制冷。"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        *mended_by_the_vendor(),
        act(march(3, 11, 10), SHUNDA, HAND_OVER),
        customer_told(march(3, 11, 10)),
        act(march(4, 9), LIU, UNREACHED),
        act(march(5, 9), LIU, UNREACHED, billed(300, vendor="shunda")),
        act(march(6, 9), LIU, ("follow_up", FollowUp(reached=True, solved=True)),
            refused="not_content"),
        act(march(6, 9), LIU, UNREACHED),
        act(march(6, 10), WANG, refused("It is not what the visit took.")),
    ),
    path=(*TO_THE_VENDOR, *MENDED, *TOLD, At.BILLED, Tail.UNCONFIRMED),
    shows={"outcome": "unconfirmed"},
)  # fmt: skip

BILL_STORIES = (DEAR, LATE, IN_VAIN, NOBODY_THERE)
