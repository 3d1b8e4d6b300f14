"""Inquiries that go on as a case of another kind, or in which nobody can be reached."""

from cases.common.conversion import Conversion, Successor
from cases.common.forms import Confirmation, NotArranged, Satisfaction
from cases.common.front import Front
from cases.common.stories import (
    ACCEPT,
    APP,
    CHAT,
    CHEN,
    CLAIM,
    MANUAL_POLICY,
    UNREACHED,
    customer_told,
    march,
)
from cases.common.tail import Tail
from domain.language.forms import Form
from domain.language.roles import the_world
from domain.stories import Act, Story, act

from .categories import Topic
from .forms import Classification, Inquiry, Reply
from .rules import At

ASKED = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED, At.ANSWERING)
GOES_ON = (*ASKED, At.CONVERTING, At.TELLING_NUMBERS, At.CONVERTED)
AFTER_SALES = ("classify", Classification(category=Topic.AFTER_SALES))
TAKEN = act(march(5, 13, 4), CHEN, ACCEPT, AFTER_SALES, CLAIM)


def converted(kind: str) -> tuple[str, Form]:
    return "convert", Conversion(kind=kind)


def begun(number: str) -> Act:
    """The other case was started."""
    return act(
        march(5, 13, 6), the_world("conversion"), ("child_started", Successor(number=number))
    )


A_RETURN_REALLY = Story(
    name="I9",
    title="A question that is a return: it goes on as one, within the seven days",
    received=march(5, 13),
    opens=Inquiry(words="裙子太小了，怎么退？"),
    by=CHAT,
    channel="chat",
    policy=MANUAL_POLICY,
    acts=(
        TAKEN,
        act(
            march(5, 13, 6),
            CHEN,
            converted("returns"),
            tells="The return has the moment at which she asked: no day of the seven is lost.",
        ),
        begun("TH202603050000017"),
        customer_told(march(5, 13, 6)),
    ),
    path=GOES_ON,
    shows={"category": "after_sales", "outcome": "converted"},
)

A_REPAIR_REALLY = Story(
    name="I10",
    title="A question that is a repair: it goes on as one",
    received=march(5, 13),
    opens=Inquiry(words="空调不制冷，是不是要加氟？"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        TAKEN,
        act(march(5, 13, 6), CHEN, converted("repair")),
        begun("WX202603050000017"),
        customer_told(march(5, 13, 6)),
    ),
    path=GOES_ON,
    shows={"category": "after_sales", "outcome": "converted"},
)

NOT_HERE = Story(
    name="I11",
    title="The other case cannot be started: the question is answered after all",
    received=march(5, 13),
    opens=Inquiry(words="旧手机能折价换新的吗？"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        TAKEN,
        act(
            march(5, 13, 6),
            CHEN,
            converted("trade_in"),
            tells="There are no cases of that kind here.",
        ),
        act(
            march(5, 13, 6),
            the_world("conversion"),
            ("child_refused", NotArranged(reason="unknown_kind")),
        ),
        act(
            march(5, 13, 15),
            CHEN,
            ("answer", Reply(answer="Not with us; the maker's site takes it in.", minutes=5)),
            tells="The question is hers again; nothing was lost.",
        ),
        customer_told(march(5, 13, 15)),
        act(
            march(5, 14),
            APP,
            ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.SATISFIED)),
        ),
    ),
    path=(
        *(*ASKED, At.CONVERTING, At.ANSWERING),
        *(Tail.TELLING, Tail.FOLLOWING_UP, Tail.CLOSED),
    ),
    shows={"assignee": "chen.min", "outcome": "solved"},
)

NOBODY_ANSWERS = Story(
    name="I12",
    title="Answered, and then nobody can be reached on three days: closed as unconfirmed",
    received=march(2, 13),
    opens=Inquiry(words="保修卡丢了还能保修吗？"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 13, 4), CHEN, ACCEPT, AFTER_SALES, CLAIM),
        act(march(2, 13, 10), CHEN, ("answer", Reply(answer="Yes, by the order.", minutes=4))),
        customer_told(march(2, 13, 10)),
        act(march(3, 10), CHEN, UNREACHED),
        act(march(3, 16), CHEN, UNREACHED, tells="Twice on one day is one attempt."),
        act(march(4, 10), CHEN, UNREACHED),
        act(march(5, 10), CHEN, UNREACHED, tells="The third day."),
    ),
    path=(*ASKED, Tail.TELLING, Tail.FOLLOWING_UP, Tail.UNCONFIRMED),
    shows={"assignee": "chen.min", "outcome": "unconfirmed"},
)

OTHER_STORIES = (A_RETURN_REALLY, A_REPAIR_REALLY, NOT_HERE, NOBODY_ANSWERS)
