"""Inquiries told from start to end: I1, I3 and I4 are the manual's acceptance stories."""

from datetime import timedelta

from cases.common.classification import Urgency
from cases.common.conversion import Conversion, Successor
from cases.common.forms import Confirmation, Reopening, Satisfaction, Withdrawal
from cases.common.front import Front
from cases.common.stories import (
    ACCEPT,
    APP,
    CHAT,
    CHEN,
    CLAIM,
    LIU,
    MANUAL_POLICY,
    SUN,
    WANG,
    ZHANG,
    customer_told,
    hand_to,
    march,
    not_solved,
    solved,
)
from cases.common.tail import Tail
from domain.engine.action_forms import Holding, Notifying, Resuming
from domain.language.forms import Form
from domain.language.roles import the_world
from domain.stories import Story, act

from .categories import Topic
from .forms import (
    Classification,
    Decision,
    HandedBack,
    HandedUp,
    Handover,
    Inquiry,
    Reply,
)
from .rules import At
from .stories_others import OTHER_STORIES

FRONT = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED)
ANSWERED = (At.ANSWERING, Tail.TELLING, Tail.FOLLOWING_UP)
INVOICE = ("classify", Classification(category=Topic.INVOICE))
PRODUCT = ("classify", Classification(category=Topic.PRODUCT))
OTHER = ("classify", Classification(category=Topic.OTHER))
SUGGESTION = Classification(category=Topic.SUGGESTION, urgency=Urgency.LOW)


def answer(words: str, minutes: int) -> tuple[str, Form]:
    return "answer", Reply(answer=words, minutes=minutes)


WHERE_IS_MY_INVOICE = Story(
    name="I1",
    title="Where is my invoice: answered in the first contact",
    received=march(2, 20),
    opens=Inquiry(words="怎么开发票？"),
    by=CHAT,
    channel="chat",
    policy=MANUAL_POLICY,
    acts=(
        act(
            march(2, 20, 3),
            CHEN,
            ACCEPT,
            INVOICE,
            CLAIM,
            tells="The topic was proposed at intake; she leaves it.",
        ),
        act(march(2, 20, 7), CHEN, answer("Under 我的订单, 申请开票.", 4)),
        customer_told(march(2, 20, 7)),
        act(
            march(2, 20, 9),
            CHAT,
            ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.SATISFIED)),
            tells="Closed after nine minutes.",
        ),
        act(
            march(2, 20, 40),
            CHAT,
            ("reopen", Reopening(reason="还是不行。")),
            tells="The team has the task again.",
        ),
        act(march(2, 20, 45), CHEN, answer("The button is below the order.", 3)),
        customer_told(march(2, 20, 45)),
        act(march(2, 20, 50), CHAT, ("confirm", Confirmation(solved=True))),
    ),
    path=(*FRONT, *ANSWERED, Tail.CLOSED, *ANSWERED, Tail.CLOSED),
    shows={"assignee": "chen.min", "category": "invoice", "priority": "P3", "outcome": "solved"},
    clocks={"response": ("met", timedelta(minutes=3)), "follow_up": ("met", timedelta(minutes=5))},
)

NOT_SOLVED = Story(
    name="I2",
    title="The answer does not help: answered again",
    received=march(3, 10),
    opens=Inquiry(words="这个平板怎么用手写笔？"),
    by=CHEN,
    channel="phone",
    policy=MANUAL_POLICY,
    acts=(
        act(march(3, 10, 2), CHEN, ACCEPT, PRODUCT, hand_to(LIU)),
        act(march(3, 10, 5), CHEN, answer("Not mine.", 1), refused="task_taken"),
        act(march(3, 10, 10), LIU, answer("Hold it to the edge.", 2)),
        customer_told(march(3, 10, 10)),
        act(march(3, 15), LIU, not_solved()),
        act(march(3, 15, 10), LIU, answer("This model needs the other pen.", 6)),
        customer_told(march(3, 15, 10)),
        act(march(4, 10), LIU, solved(Satisfaction.NEUTRAL, 7)),
    ),
    path=(*FRONT, *ANSWERED, *ANSWERED, Tail.CLOSED),
    shows={"assignee": "liu.yang", "outcome": "solved"},
)

THE_MAKER_IS_ASKED = Story(
    name="I5",
    title="The maker must be asked: the customer is told, the task put on hold",
    received=march(12, 16),
    opens=Inquiry(words="这款净水器的滤芯能换成别家的吗？"),
    by=CHAT,
    channel="chat",
    policy=MANUAL_POLICY,
    acts=(
        act(
            march(12, 16, 2),
            CHEN,
            ("notify", Notifying(text="您好，我们正在核实，请稍候。")),
            tells="The first answer by a person.",
        ),
        act(march(12, 16, 30), CHEN, ACCEPT, PRODUCT, hand_to(LIU)),
        act(
            march(12, 16, 40),
            LIU,
            ("notify", Notifying(text="已询问厂家，明天上午答复您。")),
            ("hold", Holding(reason="The maker answers tomorrow.", until=march(13, 10))),
            tells="Out of his list; what was promised runs on.",
        ),
        act(
            march(12, 17),
            ZHANG,
            ("resume", Resuming()),
            refused="task_taken",
        ),
        act(
            march(13, 10, 5),
            LIU,
            answer("Only with the maker's own.", 3),
            tells="At ten it had come back by itself.",
        ),
        customer_told(march(13, 10, 5)),
        act(march(13, 11), CHAT, ("confirm", Confirmation(solved=True))),
    ),
    path=(*FRONT, *ANSWERED, Tail.CLOSED),
    shows={"assignee": "liu.yang", "outcome": "solved"},
    clocks={
        "response": ("met", timedelta(minutes=2)),
        "acceptance": ("met", timedelta(minutes=30)),
        "resolution": ("met", timedelta(hours=18, minutes=5)),
    },
)

SUGGESTED = Story(
    name="I4",
    title="A suggestion from the comment box: handed on, decided, thanked",
    received=march(10, 9),
    entered=march(10, 18),
    opens=Inquiry(words="建议退换货窗口周末也开。"),
    by=CHEN,
    channel="store",
    policy=MANUAL_POLICY,
    acts=(
        act(march(10, 18, 2), CHEN, ACCEPT, OTHER, CLAIM),
        act(
            march(10, 18, 3),
            CHEN,
            ("reclassify", SUGGESTION),
            tells="Corrected: it goes the way of suggestions.",
        ),
        act(
            march(10, 18, 10), CHEN, ("hand_on", Handover(department="store-jianshe")), hand_to(SUN)
        ),
        act(
            march(10, 18, 20),
            WANG,
            solved(Satisfaction.SATISFIED, 9),
            refused="step_not_offered",
            tells="A suggestion is not asked whether it is solved.",
        ),
        act(
            march(11, 10), SUN, ("decide", Decision(adopted=True, decision="Tried from April on."))
        ),
        customer_told(march(11, 10)),
    ),
    path=(*FRONT, At.ANSWERING, At.HANDING_ON, At.DECIDING, At.THANKING, At.THANKED),
    shows={"assignee": "sun.li", "category": "suggestion", "priority": "P4", "outcome": "thanked"},
)

A_COMPLAINT_REALLY = Story(
    name="I3",
    title="A question that is a complaint: it goes on as one, from the same moment",
    received=march(5, 13),
    opens=Inquiry(words="买了一个月的平板屏失灵，叫我寄回修一个月，怎么办？"),
    by=CHEN,
    channel="sms",
    policy=MANUAL_POLICY,
    acts=(
        act(
            march(5, 13, 4),
            CHEN,
            ACCEPT,
            ("classify", Classification(category=Topic.AFTER_SALES)),
            CLAIM,
        ),
        act(
            march(5, 13, 6),
            CHEN,
            ("convert", Conversion(kind="complaint")),
            tells="The complaint is a case of its own, from 13:00 on.",
        ),
        act(
            march(5, 13, 6),
            the_world("conversion"),
            ("child_started", Successor(number="TS202603050000017")),
            tells="She is told both numbers.",
        ),
        customer_told(march(5, 13, 6)),
    ),
    path=(*FRONT, At.ANSWERING, At.CONVERTING, At.TELLING_NUMBERS, At.CONVERTED),
    shows={"assignee": "chen.min", "category": "after_sales", "outcome": "converted"},
    clocks={
        "response": ("met", timedelta(minutes=4)),
        "resolution": ("cancelled", timedelta(minutes=6)),
    },
)

SECOND_LINE_AND_BACK = Story(
    name="I6",
    title="The second line is asked and hands it back; the seat answers",
    received=march(6, 9),
    opens=Inquiry(words="老款遥控器能配新主机吗？"),
    by=CHAT,
    channel="chat",
    policy=MANUAL_POLICY,
    acts=(
        act(march(6, 9, 3), CHEN, ACCEPT, PRODUCT, CLAIM),
        act(
            march(6, 9, 6),
            CHEN,
            ("hand_up", HandedUp(question="Not in the list of spare parts; which receiver?")),
            tells="The task leaves her list for the second line's.",
        ),
        act(march(6, 9, 7), CHEN, answer("Yes.", 1), refused="step_not_allowed"),
        act(
            march(6, 9, 30),
            LIU,
            CLAIM,
            ("hand_back", HandedBack(finding="Same receiver since 2021: it fits.")),
        ),
        act(march(6, 9, 35), CHEN, CLAIM, answer("It fits; pair it anew once.", 5)),
        customer_told(march(6, 9, 35)),
        act(march(6, 10), CHAT, ("confirm", Confirmation(solved=True))),
    ),
    path=(
        *FRONT,
        At.ANSWERING,
        At.SECOND_LINE,
        At.HANDED_BACK,
        Tail.TELLING,
        Tail.FOLLOWING_UP,
        Tail.CLOSED,
    ),
    shows={"assignee": "chen.min", "outcome": "solved"},
    clocks={"resolution": ("met", timedelta(minutes=35))},
)

THE_SECOND_LINE_ANSWERS = Story(
    name="I7",
    title="The second line answers itself",
    received=march(6, 14),
    opens=Inquiry(words="企业批量采购怎么开票？"),
    by=CHAT,
    channel="chat",
    policy=MANUAL_POLICY,
    acts=(
        act(march(6, 14, 2), CHEN, ACCEPT, INVOICE, CLAIM),
        act(march(6, 14, 4), CHEN, ("hand_up", HandedUp(question="Above 500 pieces?"))),
        act(march(6, 14, 40), WANG, CLAIM, answer("One invoice a delivery, by contract.", 10)),
        customer_told(march(6, 14, 40)),
        act(march(6, 15), CHAT, ("confirm", Confirmation(solved=True))),
    ),
    path=(
        *FRONT,
        At.ANSWERING,
        At.SECOND_LINE,
        Tail.TELLING,
        Tail.FOLLOWING_UP,
        Tail.CLOSED,
    ),
    shows={"assignee": "wang.lei", "outcome": "solved"},
)

FOUND_IT_HERSELF = Story(
    name="I8",
    title="She found it herself: the question is withdrawn, and nobody calls her",
    received=march(2, 9),
    opens=Inquiry(words="说明书在哪里下载？"),
    by=APP,
    channel="app",
    policy=MANUAL_POLICY,
    acts=(
        act(march(2, 9, 10), CHEN, ACCEPT, PRODUCT, CLAIM),
        act(march(2, 9, 12), APP, ("withdraw", Withdrawal(reason="找到了。"))),
    ),
    path=(*FRONT, At.ANSWERING, Tail.WITHDRAWN),
    shows={"outcome": "withdrawn"},
)

STORIES = (
    WHERE_IS_MY_INVOICE,
    NOT_SOLVED,
    A_COMPLAINT_REALLY,
    SUGGESTED,
    THE_MAKER_IS_ASKED,
    SECOND_LINE_AND_BACK,
    THE_SECOND_LINE_ANSWERS,
    FOUND_IT_HERSELF,
    *OTHER_STORIES,
)
