"""Inquiry: a question is answered, by the second line if need be; a suggestion is handed on."""

from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE, promises
from cases.common.conversion import Conversion, Successor, conversion, conversion_of
from cases.common.forms import NotArranged, NotTold, Told, ToldByHand
from cases.common.front import Front, front, withdraw
from cases.common.ordering import head_start
from cases.common.roles import (
    AGENT,
    HANDLERS,
    LEAD,
    MANAGERS,
    SEAT,
    SERVICE_MANAGER,
    STORE_MANAGER,
)
from cases.common.tail import Tail, closed, rating, tail
from domain.engine.imports import Imports
from domain.engine.process import Process
from domain.language.effects import tell
from domain.language.roles import WORLD, Roles
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES, SORTING
from .forms import Classification, Decision, HandedBack, HandedUp, Handover, Inquiry, Reply
from .rules import At, candidate_rules, check_step, facts, is_suggestion, propose

SECOND_LINE = AGENT | LEAD | MANAGERS
"""Who answers what the seats cannot (ours)."""
BY_TOPIC = {True: At.HANDING_ON, False: At.ANSWERING}


def reclassify() -> Step:
    """A person corrects the topic; a suggestion goes another way than a question."""
    return step("reclassify", Classification, by=HANDLERS, decide=is_suggestion, to=BY_TOPIC)


def answering(by: Roles) -> list[Step]:
    """What is done with a question: it is answered, or another case goes on with it."""
    return [
        step("answer", Reply, by=by, to=Tail.TELLING),
        step("convert", Conversion, by=by, to=At.CONVERTING),
    ]


PROCESS = Process(
    kind="inquiry",
    prefix="ZX",
    version=3,
    opens_with=Inquiry,
    team="inquiries",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    categories=CATEGORIES,
    rating=rating,
    target_of=promises(facts),
    head_start=head_start(facts),
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    propose=propose,
    sorting=SORTING,
    imports=Imports(
        Classification,
        unclassified=[Front.RECEIVED, Front.ACCEPTED],
        classified=[
            Front.CLASSIFIED, At.ANSWERING, At.SECOND_LINE, At.HANDED_BACK, At.HANDING_ON,
            At.DECIDING, At.THANKING_BY_HAND, Tail.TELLING_BY_HAND, Tail.FOLLOWING_UP,
        ],
    ),
    states=[
        *front(Classification, to=BY_TOPIC, decide=is_suggestion),
        State(At.ANSWERING, "the answer", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            *answering(HANDLERS),
            step("hand_up", HandedUp, by=SEAT, to=At.SECOND_LINE),
            reclassify(),
            withdraw(),
        ]),
        State(At.SECOND_LINE, "the second line's answer", Stage.RESOLVE,
              clears_assignee=True, steps=[
            *answering(SECOND_LINE),
            step("hand_back", HandedBack, by=SECOND_LINE, to=At.HANDED_BACK),
            withdraw(),
        ]),
        State(At.HANDED_BACK, "the answer, with what the second line says", Stage.RESOLVE,
              clears_assignee=True, steps=[
            *answering(HANDLERS),
            step("hand_up", HandedUp, by=SEAT, to=At.SECOND_LINE),
            reclassify(),
            withdraw(),
        ]),
        State(At.HANDING_ON, "the department it is for", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], steps=[
            step("hand_on", Handover, by=HANDLERS, to=At.DECIDING),
            reclassify(),
            withdraw(),
        ]),
        State(At.DECIDING, "the department's decision", Stage.RESOLVE, steps=[
            step("decide", Decision, by=HANDLERS | STORE_MANAGER, to=At.THANKING),
            withdraw(),
        ]),
        State(At.THANKING, "thanks and the decision to be sent", Stage.FOLLOW_UP,
              waits_on=WaitsOn.WORLD, does=[tell("thanks")], steps=[
            step("told", Told, by=WORLD, to=At.THANKED),
            step("tell_failed", NotTold, by=WORLD, to=At.THANKING_BY_HAND),
        ]),
        State(At.THANKING_BY_HAND, "somebody to thank in person", Stage.FOLLOW_UP, steps=[
            step("told_by_hand", ToldByHand, by=HANDLERS, by_hand=True, to=At.THANKED),
        ]),
        closed(At.THANKED, "nothing: thanked", outcome="thanked", again=At.HANDING_ON,
               keeps=[RESOLUTION, PROGRESS]),
        State(At.CONVERTING, "the other case to be started", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, does=[conversion()], steps=[
            step("child_started", Successor, by=WORLD, to=At.TELLING_NUMBERS),
            step("child_refused", NotArranged, by=WORLD, to=At.ANSWERING),
        ]),
        State(At.TELLING_NUMBERS, "both numbers to be sent", Stage.FOLLOW_UP,
              waits_on=WaitsOn.WORLD, does=[tell("converted", conversion_of)], steps=[
            step("told", Told, by=WORLD, to=At.CONVERTED),
            step("tell_failed", NotTold, by=WORLD, to=At.TELLING_NUMBERS_BY_HAND),
        ]),
        State(At.TELLING_NUMBERS_BY_HAND, "somebody to tell both numbers in person",
              Stage.FOLLOW_UP,
              steps=[step("told_by_hand", ToldByHand, by=HANDLERS, by_hand=True, to=At.CONVERTED)]),
        # What was promised goes on in the case it became, from the same moment on.
        State(At.CONVERTED, "nothing: another case goes on with it", Stage.CLOSE,
              waits_on=WaitsOn.NOBODY, outcome="converted"),
        *tail(again=At.ANSWERING),
    ],
)  # fmt: skip
