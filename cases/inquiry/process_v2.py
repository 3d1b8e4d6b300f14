"""Inquiry, version 2: a question is answered; a suggestion is handed on, decided, thanked."""

from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE, target_of
from cases.common.conversion import Conversion, Successor, conversion, conversion_of
from cases.common.forms import NotArranged, NotTold, Told, ToldByHand
from cases.common.roles import HANDLERS, SERVICE_MANAGER, STORE_MANAGER
from cases.common.tail import Tail, closed, rating, tail
from cases.common.v2 import front, withdraw
from domain.engine.process import Process
from domain.language.effects import tell
from domain.language.roles import WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES, SORTING
from .forms import Classification, Decision, Handover, Inquiry, Reply
from .rules import At, candidate_rules, check_step, facts, is_suggestion, propose

BY_TOPIC = {True: At.HANDING_ON, False: At.ANSWERING}


def reclassify() -> Step:
    """A person corrects the topic; a suggestion goes another way than a question."""
    return step("reclassify", Classification, by=HANDLERS, decide=is_suggestion, to=BY_TOPIC)


PROCESS = Process(
    kind="inquiry",
    prefix="ZX",
    version=2,
    opens_with=Inquiry,
    team="inquiries",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    categories=CATEGORIES,
    rating=rating,
    target_of=target_of,
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    propose=propose,
    sorting=SORTING,
    states=[
        *front(Classification, to=BY_TOPIC, decide=is_suggestion),
        State(At.ANSWERING, "the answer", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            step("answer", Reply, by=HANDLERS, to=Tail.TELLING),
            step("convert", Conversion, by=HANDLERS, to=At.CONVERTING),
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
