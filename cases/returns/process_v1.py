"""Return, version 1: reviewed, goods sent and inspected, refunded or exchanged (manual A 4)."""

from enum import StrEnum

from cases.common.authority import APPROVALS, approve_amount
from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE, target_of
from cases.common.figures import GOODS_LAPSE
from cases.common.forms import Arranged, Lapse, NotArranged, NotTold, Told
from cases.common.parcels import Parcel, sending_back
from cases.common.roles import CUSTOMER_OR_DESK, GOODS, HANDLERS, MANAGERS, SERVICE_MANAGER
from cases.common.tail import Tail, closed, rating
from cases.common.v1 import front, tail, withdraw
from domain.engine.process import Process
from domain.language.effects import ask, notify, tell
from domain.language.roles import TIMER, WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES, SORTING
from .forms import Application, Classification, RefundOrder, Retry, SettledByHand, Shipment
from .forms_v2 import GoodsReceipt, Inspection, Review
from .money_v2 import (
    check_step,
    paid_or_being_paid,
    refund_params,
    refuse_paid_elsewhere,
    spending,
)
from .rules import At, candidate_rules, facts, propose, replacement_params
from .rules_v2 import (
    InspectionOutcome,
    ReviewOutcome,
    ending,
    inspection_outcome,
    manager_approves,
    review_outcome_v1,
)


def reclassify(here: StrEnum) -> Step:
    """A person corrects the classification; the case stays in the state `here`."""
    return step("reclassify", Classification, by=HANDLERS, to=here)


def receive() -> Step:
    """The goods arrive, at the warehouse or over the counter."""
    return step("receive", GoodsReceipt, by=GOODS, to=At.INSPECTING)


PROCESS = Process(
    kind="returns",
    prefix="TH",
    version=1,
    opens_with=Application,
    team="returns",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    categories=CATEGORIES,
    rating=rating,
    target_of=target_of,
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    approvals=APPROVALS,
    refunds=paid_or_being_paid,
    spending=spending,
    order_check=refuse_paid_elsewhere,
    propose=propose,
    sorting=SORTING,
    revives_promises=False,
    states=[
        *front(Classification, to=At.REVIEWING),
        State(At.REVIEWING, "the review against the ground", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            step("review", Review, by=HANDLERS, decide=review_outcome_v1, to={
                ReviewOutcome.APPROVED: At.AWAITING_GOODS,
                ReviewOutcome.EXCEPTION: At.EXCEPTION,
                ReviewOutcome.REFUSED: At.REFUSING,
            }),
            reclassify(At.REVIEWING),
            approve_amount(At.REVIEWING),
            withdraw(),
        ]),
        State(At.EXCEPTION, "a manager's word on what the rules do not cover", Stage.RESOLVE,
              clears_assignee=True, steps=[
            step("decide", Review, by=MANAGERS, decide=manager_approves, to={
                True: At.AWAITING_GOODS,
                False: At.REFUSING,
            }),
            approve_amount(At.EXCEPTION),
            withdraw(),
        ]),
        State(At.REFUSING, "the refusal and its reason to be sent", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, does=[tell("refusal")], steps=[
            step("told", Told, by=WORLD, to=Tail.FOLLOWING_UP),
            step("tell_failed", NotTold, by=WORLD, to=Tail.TELLING_BY_HAND),
        ]),
        State(At.AWAITING_GOODS, "the customer to send the goods", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], does=[notify("approved")], steps=[
            step("ship", Shipment, by=CUSTOMER_OR_DESK, to=At.ON_THE_WAY),
            receive(),
            step("goods_lapsed", Lapse, by=TIMER, after=GOODS_LAPSE, to=Tail.TELLING),
            withdraw(),
        ]),
        State(At.ON_THE_WAY, "the goods to arrive", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], steps=[
            receive(),
            step("goods_missing", Lapse, by=TIMER, after=GOODS_LAPSE, to=At.REVIEWING),
            withdraw(),
        ]),
        State(At.INSPECTING, "the inspection of the goods", Stage.RESOLVE,
              clears_assignee=True, does=[notify("goods_here")], steps=[
            step("inspect", Inspection, by=GOODS, decide=inspection_outcome, to={
                InspectionOutcome.REFUND: At.REFUNDING,
                InspectionOutcome.EXCHANGE: At.REPLACING,
                InspectionOutcome.FAILED: Parcel.SENDING_BACK,
            }),
            approve_amount(At.INSPECTING),
            withdraw(Parcel.SENDING_BACK),
        ]),
        State(At.REFUNDING, "the refund", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, clears_assignee=True,
              does=[ask("refund", done="refunded", refused="refund_refused",
                        template="refund", params=refund_params)], steps=[
            step("refunded", Arranged, by=WORLD, to=Tail.TELLING),
            step("refund_refused", NotArranged, by=WORLD, to=At.MENDING),
        ]),
        State(At.REPLACING, "the new goods to go out", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, clears_assignee=True,
              does=[ask("replacement", done="replaced", refused="replacement_refused",
                        template="replacement", params=replacement_params)], steps=[
            step("replaced", Arranged, by=WORLD, to=Tail.TELLING),
            step("replacement_refused", NotArranged, by=WORLD, to=At.MENDING),
        ]),
        State(At.MENDING, "somebody to mend what was refused outside", Stage.RESOLVE, steps=[
            step("refund", RefundOrder, by=HANDLERS, to=At.REFUNDING),
            step("replace", Retry, by=HANDLERS, to=At.REPLACING),
            step("settle_by_hand", SettledByHand, by=HANDLERS, by_hand=True, to=Tail.TELLING),
            approve_amount(At.MENDING),
            withdraw(Parcel.SENDING_BACK),
        ]),
        *sending_back(),
        *tail(again=At.REVIEWING, ending=ending, others=[
            closed(At.REFUSED, "nothing: refused", outcome="refused", again=At.REVIEWING,
                   keeps=[FOLLOW_UP]),
            closed(At.NOT_RETURNED, "nothing: the goods stayed with the customer",
                   outcome="not_returned", again=At.REVIEWING, keeps=[FOLLOW_UP]),
        ]),
    ],
)  # fmt: skip
