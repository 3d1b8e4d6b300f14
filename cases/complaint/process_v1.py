"""Complaint, version 1: find the cause, offer a solution, carry it out (manual A 3)."""

from enum import StrEnum

from cases.common.authority import APPROVALS, approve_amount
from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE, SOLUTION
from cases.common.forms import Lapse
from cases.common.offers import Answer
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS, SERVICE_MANAGER
from cases.common.tail import Tail, rating
from cases.common.v1 import front, tail, withdraw
from domain.engine.process import Process
from domain.language.effects import notify
from domain.language.roles import TIMER
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES
from .figures import OFFER_LAPSES
from .forms import Classification, Complaint, Completion, Finding
from .forms_v2 import Solution
from .rules import At, facts, propose
from .rules_v2 import candidate_rules, check_step, target
from .sorting import SORTING


def reclassify(here: StrEnum) -> Step:
    """A person corrects the classification; the case stays in the state `here`."""
    return step("reclassify", Classification, by=HANDLERS, to=here)


PROCESS = Process(
    kind="complaint",
    prefix="TS",
    version=1,
    opens_with=Complaint,
    team="complaints",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    categories=CATEGORIES,
    rating=rating,
    target_of=target,
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    approvals=APPROVALS,
    propose=propose,
    sorting=SORTING,
    revives_promises=False,
    states=[
        *front(Classification, to=At.INVESTIGATING),
        State(At.INVESTIGATING, "the cause, and a view of the request", Stage.RESOLVE,
              starts=[SOLUTION], steps=[
            step("investigate", Finding, by=HANDLERS, to=At.PROPOSING),
            reclassify(At.INVESTIGATING),
            withdraw(),
        ]),
        State(At.PROPOSING, "a solution to offer", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            step("propose", Solution, by=HANDLERS, to=At.PROPOSED, does=[notify("offer")]),
            approve_amount(At.PROPOSING),
            reclassify(At.PROPOSING),
            withdraw(),
        ]),
        State(At.PROPOSED, "the customer's answer to the offer", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, stops=[SOLUTION], pauses=[RESOLUTION], steps=[
            step("accept_solution", Answer, by=CUSTOMER_OR_DESK, to=At.CARRYING_OUT),
            step("reject_solution", Answer, by=CUSTOMER_OR_DESK, to=At.PROPOSING),
            step("offer_lapsed", Lapse, by=TIMER, after=OFFER_LAPSES, to=Tail.TELLING),
            withdraw(),
        ]),
        State(At.CARRYING_OUT, "the solution to be carried out", Stage.RESOLVE, steps=[
            step("carry_out", Completion, by=HANDLERS, to=Tail.TELLING),
            reclassify(At.CARRYING_OUT),
            withdraw(),
        ]),
        *tail(again=At.PROPOSING),
    ],
)  # fmt: skip
