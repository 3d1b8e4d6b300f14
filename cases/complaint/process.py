"""Complaint: find the cause, offer a solution, carry it out, or settle a dispute (manual A 3)."""

from dataclasses import replace
from enum import StrEnum

from cases.common.authority import APPROVALS, approve_amount
from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE, SOLUTION
from cases.common.figures import REOPEN_WINDOW
from cases.common.forms import Arranged, Lapse, NotArranged
from cases.common.front import Front, front, withdraw
from cases.common.measures import learning
from cases.common.offers import Answer
from cases.common.ordering import head_start
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS, SERVICE_MANAGER
from cases.common.tail import Tail, rating, tail
from domain.engine.imports import Imports
from domain.engine.process import Process
from domain.language.effects import ask, notify
from domain.language.roles import TIMER, WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES
from .figures import FIGURES, OFFER_LAPSES
from .forms import (
    ChosenWay,
    Classification,
    Complaint,
    Completion,
    DisputeResult,
    Finding,
    PaidByHand,
    PayoutRetry,
    Solution,
    WayResult,
)
from .money import check_order, is_paid_out, payout_params, refunds, spending
from .rules import (
    DISPUTE,
    ROUTING,
    TEAM,
    At,
    candidate_rules,
    check_step,
    checks_done,
    facts,
    is_dispute,
    is_promised,
    propose,
    target,
)
from .sorting import SORTING

LEARNS = {Tail.FOLLOWING_UP: None, Tail.CLOSED: REOPEN_WINDOW, Tail.UNCONFIRMED: REOPEN_WINDOW}
"""Where the tail takes what is learnt from the case, and for how long."""


def reclassify(here: StrEnum) -> Step:
    """A person corrects the classification; the case stays in the state `here`."""
    return step("reclassify", Classification, by=HANDLERS, to=here)


def offer() -> Step:
    """Offer a solution, also another one while the accepted one is carried out (A 3.3)."""
    return step("propose", Solution, by=HANDLERS, to=At.PROPOSED, does=[notify("offer")])


def with_learning(states: list[State]) -> list[State]:
    """Return the same states, with the steps by which is written down what is learnt."""
    return [
        replace(state, steps=[*state.steps, *learning(state.name, LEARNS[Tail(state.name)])])
        if state.name in LEARNS
        else state
        for state in states
    ]


PROCESS = Process(
    kind="complaint",
    prefix="TS",
    version=3,
    opens_with=Complaint,
    team=TEAM,
    routing=ROUTING,
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    rating=rating,
    categories=CATEGORIES,
    figures=FIGURES,
    checks_done=checks_done,
    target_of=target,
    head_start=head_start(facts),
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    approvals=APPROVALS,
    propose=propose,
    sorting=SORTING,
    refunds=refunds,
    spending=spending,
    order_check=check_order,
    imports=Imports(
        Classification,
        unclassified=[Front.RECEIVED, Front.ACCEPTED],
        classified=[
            Front.CLASSIFIED, At.INVESTIGATING, At.PROPOSING,
            Tail.TELLING_BY_HAND, Tail.FOLLOWING_UP,
        ],
        by_steps=dict.fromkeys(
            [At.PROPOSED, At.DISPUTED, At.SETTLING, At.CARRYING_OUT], At.PROPOSING
        ),
    ),
    states=[
        *front(Classification, to=At.INVESTIGATING, promises=[SOLUTION]),
        State(At.INVESTIGATING, "the cause, and a view of the request", Stage.RESOLVE, steps=[
            step("investigate", Finding, by=HANDLERS, to=At.PROPOSING),
            reclassify(At.INVESTIGATING),
            withdraw(),
        ]),
        State(At.PROPOSING, "a solution to offer", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            offer(),
            approve_amount(At.PROPOSING),
            reclassify(At.PROPOSING),
            withdraw(),
        ]),
        State(At.PROPOSED, "the customer's answer to the offer", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, stops=[SOLUTION], pauses=[RESOLUTION], steps=[
            step("accept_solution", Answer, by=CUSTOMER_OR_DESK, to=At.CARRYING_OUT),
            step("reject_solution", Answer, by=CUSTOMER_OR_DESK, decide=is_dispute, to={
                True: At.DISPUTED,
                False: At.PROPOSING,
            }),
            step("offer_lapsed", Lapse, by=TIMER, after=OFFER_LAPSES, decide=is_promised, to={
                True: At.CARRYING_OUT,
                False: Tail.TELLING,
            }),
            withdraw(),
        ]),
        # The resolution runs until a way is chosen: nobody is to forget to ask the customer.
        State(At.DISPUTED, "a way to settle the dispute", Stage.RESOLVE,
              stops=[DISPUTE], does=[notify("dispute")], steps=[
            step("choose_way", ChosenWay, by=HANDLERS, to=At.SETTLING),
            reclassify(At.DISPUTED),
            withdraw(),
        ]),
        # The dispute pauses the resolution here; each way has a limit of its own instead.
        State(At.SETTLING, "what the chosen way brings", Stage.RESOLVE,
              pauses=[RESOLUTION], starts=[DISPUTE], steps=[
            step("record_result", WayResult, by=HANDLERS, to={
                DisputeResult.AGREED: At.CARRYING_OUT,
                DisputeResult.FAILED: At.DISPUTED,
                DisputeResult.WITHDRAWN: Tail.TELLING,
            }),
            approve_amount(At.SETTLING),
            reclassify(At.SETTLING),
            withdraw(),
        ]),
        State(At.CARRYING_OUT, "the solution to be carried out", Stage.RESOLVE,
              stops=[DISPUTE], steps=[
            step("carry_out", Completion, by=HANDLERS, decide=is_paid_out, to={
                True: At.PAYING,
                False: Tail.TELLING,
            }),
            offer(),
            approve_amount(At.CARRYING_OUT),
            reclassify(At.CARRYING_OUT),
            *learning(At.CARRYING_OUT),
            withdraw(),
        ]),
        State(At.PAYING, "the payment of what was accepted", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD,
              does=[ask("refund", done="paid_out", refused="payout_refused",
                        template="payout", params=payout_params)], steps=[
            step("paid_out", Arranged, by=WORLD, to=Tail.TELLING),
            step("payout_refused", NotArranged, by=WORLD, to=At.MENDING),
        ]),
        State(At.MENDING, "somebody to mend a payment that was refused", Stage.RESOLVE, steps=[
            step("pay", PayoutRetry, by=HANDLERS, to=At.PAYING),
            step("pay_by_hand", PaidByHand, by=HANDLERS, by_hand=True, to=Tail.TELLING),
            offer(),
            approve_amount(At.MENDING),
            withdraw(),
        ]),
        *with_learning(tail(again=At.PROPOSING, tells=[DISPUTE])),
    ],
)  # fmt: skip
