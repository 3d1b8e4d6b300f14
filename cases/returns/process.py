"""Return: units reviewed by their grounds, sent, inspected, refunded or exchanged (manual A 4)."""

from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum

from cases.common.authority import APPROVALS, approve_amount
from cases.common.clocks import FOLLOW_UP, PROGRESS, REFUND, RESOLUTION, RESPONSE
from cases.common.figures import GOODS_LAPSE
from cases.common.forms import Arranged, Lapse, NotArranged, NotTold, Told
from cases.common.front import Front, front, withdraw
from cases.common.ordering import head_start
from cases.common.parcels import Parcel, sending_back
from cases.common.roles import CUSTOMER_OR_DESK, GOODS, HANDLERS, MANAGERS, SERVICE_MANAGER
from cases.common.tail import Tail, closed, rating, tail
from domain.engine.case import Case
from domain.engine.imports import Imports
from domain.engine.process import Process
from domain.language.effects import ask, notify, tell
from domain.language.roles import TIMER, WORLD, Roles
from domain.language.table import Stage, State, Step, WaitsOn, step
from domain.language.waits import Wait

from .authority import spending
from .categories import CATEGORIES, SORTING
from .elsewhere import all_refunds, check_order
from .figures import CHOICE_LAPSES, FIGURES, GOODS_REMINDER
from .forms import (
    Application,
    Choice,
    Classification,
    GoodsReceipt,
    Inspection,
    Keeping,
    RefundOrder,
    Retry,
    Review,
    Scrapping,
    SettledByHand,
    Shipment,
    Wish,
)
from .money import check_step, refund_params
from .rules import (
    At,
    ByHand,
    Inspected,
    Lapsed,
    Replaced,
    Ruled,
    Scrapped,
    Settled,
    after_lapse,
    after_refund,
    after_replacement,
    after_scrapping,
    after_settlement,
    candidate_rules,
    chosen,
    decision_outcome,
    ending,
    facts,
    has_goods,
    inspection_outcome,
    is_out_of_stock,
    propose,
    replacement_params,
    review_outcome,
    target,
)
from .unit_changes import unit_views

Arrows = Mapping[Ruled, StrEnum]


def reclassify(here: StrEnum) -> Step:
    """A person corrects the classification; the case stays in the state `here`."""
    return step("reclassify", Classification, by=HANDLERS, to=here)


def late_receipt() -> Step:
    """Goods arrive for which nobody waits (any more): that is a task, and no parcel is lost."""
    return step("receive", GoodsReceipt, by=GOODS, to=At.GOODS_HERE, reports=True)


def receive() -> Step:
    """Goods arrive, at the warehouse or over the counter: all that are awaited, or some."""
    return step("receive", GoodsReceipt, by=GOODS, to=At.INSPECTING)


def send() -> Step:
    """The customer sends the goods, or the desk writes it down."""
    return step("ship", Shipment, by=CUSTOMER_OR_DESK, to=At.ON_THE_WAY)


def give_up() -> Step:
    """The customer withdraws; what we have of the goods goes back first."""
    return withdraw({True: Parcel.SENDING_BACK, False: Tail.WITHDRAWN}, decide=has_goods)


def lapse(after: Wait) -> Step:
    """The goods never came; what came and was not taken back is given back first."""
    return step("goods_lapsed", Lapse, by=TIMER, after=after, decide=after_lapse, to={
        Lapsed.GIVEN_BACK: Parcel.SENDING_BACK,
        Lapsed.UNWANTED: At.SCRAPPING,
        Lapsed.DONE: Tail.TELLING,
    })  # fmt: skip


def scrap(to: StrEnum | Mapping[Scrapped, StrEnum], *, reports: bool = False) -> Step:
    """A manager decides that goods are scrapped, which nobody can undo."""
    return step("scrap", Scrapping, by=MANAGERS, by_hand=True, reports=reports,
                decide=None if isinstance(to, StrEnum) else after_scrapping, to=to)  # fmt: skip


AFTER_SCRAPPING = {
    Scrapped.UNDECIDED: At.REVIEWING,
    Scrapped.AWAITED: At.AWAITING_REST,
    Scrapped.GIVEN_BACK: Parcel.SENDING_BACK,
    Scrapped.DONE: Tail.TELLING,
}


def review(name: str, by: Roles, decide: Callable[[Case, Review], Hashable], to: Arrows) -> Step:
    """Somebody rules on the units; where that leads depends on where they are."""
    return step(name, Review, by=by, decide=decide, to={
        Ruled.REFUSED: At.REFUSING,
        Ruled.AWAITED: At.AWAITING_GOODS,
        Ruled.HERE: At.INSPECTING,
        Ruled.REFUND: At.REFUNDING,
        Ruled.EXCHANGE: At.REPLACING,
        Ruled.GIVEN_BACK: Parcel.SENDING_BACK,
        Ruled.UNWANTED: At.SCRAPPING,
        **to,
    })  # fmt: skip


PROCESS = Process(
    kind="returns",
    prefix="TH",
    version=3,
    opens_with=Application,
    team="returns",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    facts=facts,
    categories=CATEGORIES,
    figures=FIGURES,
    rating=rating,
    target_of=target,
    head_start=head_start(facts),
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    approvals=APPROVALS,
    refunds=all_refunds,
    spending=spending,
    order_check=check_order,
    propose=propose,
    sorting=SORTING,
    claims_units=True,
    units=unit_views,
    imports=Imports(
        Classification,
        unclassified=[Front.RECEIVED, Front.ACCEPTED],
        classified=[Front.CLASSIFIED, At.REVIEWING, Tail.TELLING_BY_HAND, Tail.FOLLOWING_UP],
        by_steps=dict.fromkeys(
            [At.EXCEPTION, At.AWAITING_GOODS, At.ON_THE_WAY, At.INSPECTING, At.AWAITING_REST],
            At.REVIEWING,
        ),
    ),
    states=[
        *front(Classification, to=At.REVIEWING, withdraw=give_up),
        State(At.REVIEWING, "the review against the ground", Stage.RESOLVE,
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            review("review", HANDLERS, review_outcome, {Ruled.EXCEPTION: At.EXCEPTION}),
            reclassify(At.REVIEWING),
            late_receipt(),
            approve_amount(At.REVIEWING),
            give_up(),
        ]),
        State(At.EXCEPTION, "a manager's word on what the rules do not cover", Stage.RESOLVE,
              clears_assignee=True, steps=[
            review("decide", MANAGERS, decision_outcome, {Ruled.EXCEPTION: At.EXCEPTION}),
            late_receipt(),
            approve_amount(At.EXCEPTION),
            give_up(),
        ]),
        State(At.REFUSING, "the refusal and its reason to be sent", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, does=[tell("refusal")], steps=[
            step("told", Told, by=WORLD, to=Tail.FOLLOWING_UP),
            step("tell_failed", NotTold, by=WORLD, to=Tail.TELLING_BY_HAND),
        ]),
        State(At.AWAITING_GOODS, "the customer to send the goods", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], does=[notify("approved")], steps=[
            send(),
            receive(),
            step("remind", Lapse, by=TIMER, after=GOODS_REMINDER, to=At.REMINDED),
            withdraw(),
        ]),
        State(At.REMINDED, "the customer, who was reminded, to send the goods", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], does=[notify("goods_reminder")],
              steps=[send(), receive(), lapse(GOODS_LAPSE - GOODS_REMINDER), withdraw()]),
        State(At.ON_THE_WAY, "the goods to arrive", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], steps=[
            receive(),
            step("goods_missing", Lapse, by=TIMER, after=GOODS_LAPSE, to=At.REVIEWING),
            withdraw(At.RECALLED),
        ]),
        # Some units are here and settled, and others are still to come.
        State(At.AWAITING_REST, "the rest of the goods", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], stops=[REFUND],
              does=[notify("rest_awaited")], steps=[
            receive(),
            lapse(GOODS_LAPSE),
            withdraw({True: Parcel.SENDING_BACK, False: Tail.TELLING}, decide=has_goods),
        ]),
        # Withdrawn while the goods were on their way to us: they go back when they are here.
        State(At.RECALLED, "the goods to arrive and go back", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, delivers=True, pauses=[RESOLUTION], steps=[
            step("receive", GoodsReceipt, by=GOODS, to=Parcel.SENDING_BACK),
            step("goods_lapsed", Lapse, by=TIMER, after=GOODS_LAPSE, to=Tail.TELLING),
        ]),
        State(At.GOODS_HERE, "a word on goods that nobody waited for", Stage.RESOLVE,
              clears_assignee=True, does=[notify("goods_late")],
              starts=[RESOLUTION, PROGRESS], stops=[FOLLOW_UP], steps=[
            review("review", HANDLERS, review_outcome, {Ruled.EXCEPTION: At.EXCEPTION}),
            reclassify(At.GOODS_HERE),
            approve_amount(At.GOODS_HERE),
            scrap(AFTER_SCRAPPING, reports=True),
            withdraw(Parcel.SENDING_BACK),
        ]),
        State(At.INSPECTING, "the inspection of the goods", Stage.RESOLVE,
              clears_assignee=True, starts=[REFUND], does=[notify("goods_here")], steps=[
            step("inspect", Inspection, by=GOODS, decide=inspection_outcome, to={
                Inspected.REFUND: At.REFUNDING,
                Inspected.EXCHANGE: At.REPLACING,
                Inspected.AWAITED: At.AWAITING_REST,
                Inspected.GIVEN_BACK: Parcel.SENDING_BACK,
                Inspected.UNWANTED: At.SCRAPPING,
            }),
            step("receive", GoodsReceipt, by=GOODS, to=At.INSPECTING, reports=True),
            approve_amount(At.INSPECTING),
            withdraw(Parcel.SENDING_BACK),
        ]),
        State(At.REFUNDING, "the refund", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, clears_assignee=True,
              does=[ask("refund", done="refunded", refused="refund_refused",
                        template="refund", params=refund_params)], steps=[
            step("refunded", Arranged, by=WORLD, decide=after_refund, to={
                Settled.EXCHANGE: At.REPLACING,
                Settled.AWAITED: At.AWAITING_REST,
                Settled.GIVEN_BACK: Parcel.SENDING_BACK,
                Settled.UNWANTED: At.SCRAPPING,
                Settled.DONE: Tail.TELLING,
            }),
            step("refund_refused", NotArranged, by=WORLD, to=At.MENDING),
        ]),
        State(At.REPLACING, "the new goods to go out", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, clears_assignee=True, stops=[REFUND],
              does=[ask("replacement", done="replaced", refused="replacement_refused",
                        template="replacement", params=replacement_params)], steps=[
            step("replaced", Arranged, by=WORLD, decide=after_replacement, to={
                Replaced.REFUND: At.REFUNDING,
                Replaced.AWAITED: At.AWAITING_REST,
                Replaced.GIVEN_BACK: Parcel.SENDING_BACK,
                Replaced.UNWANTED: At.SCRAPPING,
                Replaced.DONE: Tail.TELLING,
            }),
            step("replacement_refused", NotArranged, by=WORLD, decide=is_out_of_stock, to={
                True: At.CHOOSING,
                False: At.MENDING,
            }),
        ]),
        State(At.CHOOSING, "the customer's choice instead of what is out of stock", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], does=[notify("out_of_stock")],
              steps=[
            step("choose", Choice, by=CUSTOMER_OR_DESK, decide=chosen, to={
                Wish.REFUND: At.MENDING,
                Wish.EXCHANGE: At.REPLACING,
            }),
            step("choice_lapsed", Lapse, by=TIMER, after=CHOICE_LAPSES, to=At.MENDING),
            withdraw(Parcel.SENDING_BACK),
        ]),
        State(At.MENDING, "somebody to mend what was refused outside", Stage.RESOLVE, steps=[
            step("refund", RefundOrder, by=HANDLERS, to=At.REFUNDING),
            step("replace", Retry, by=HANDLERS, to=At.REPLACING),
            step("settle_by_hand", SettledByHand, by=HANDLERS, by_hand=True,
                 decide=after_settlement, to={
                ByHand.AWAITED: At.AWAITING_REST,
                ByHand.GIVEN_BACK: Parcel.SENDING_BACK,
                ByHand.UNWANTED: At.SCRAPPING,
                ByHand.DONE: Tail.TELLING,
            }),
            approve_amount(At.MENDING),
            withdraw(Parcel.SENDING_BACK),
        ]),
        State(At.SCRAPPING, "a manager's word on goods that the customer does not want back",
              Stage.RESOLVE, clears_assignee=True, steps=[
            scrap(AFTER_SCRAPPING),
            step("keep_for_customer", Keeping, by=MANAGERS, to=Parcel.SENDING_BACK),
            withdraw(Parcel.SENDING_BACK),
        ]),
        *sending_back(instead=[scrap(Tail.TELLING, reports=True)]),
        *tail(again=At.REVIEWING, ending=ending, late=[late_receipt()], tells=[REFUND], others=[
            closed(At.REFUSED, "nothing: refused", outcome="refused", again=At.REVIEWING,
                   keeps=[FOLLOW_UP], late=[late_receipt()]),
            closed(At.NOT_RETURNED, "nothing: the goods stayed with the customer",
                   outcome="not_returned", again=At.REVIEWING, keeps=[FOLLOW_UP],
                   late=[late_receipt()]),
        ]),
    ],
)  # fmt: skip
