"""Repair: dispatched, taken, diagnosed, quoted if need be, mended, given back (manual A 7.2.3)."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from enum import StrEnum

from cases.common.authority import APPROVALS, approve_amount
from cases.common.clocks import ACCEPTANCE, FOLLOW_UP, RESOLUTION, RESPONSE, promises
from cases.common.conversion import Conversion, Successor, conversion, conversion_of
from cases.common.figures import GOODS_LAPSE, REOPEN_WINDOW
from cases.common.forms import Lapse, NotArranged, NotTold, Told, ToldByHand
from cases.common.front import Front, front, withdraw
from cases.common.offers import Answer
from cases.common.ordering import head_start
from cases.common.parcels import Parcel, sending_back
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS, LOGISTICS, REPAIRERS, SERVICE_MANAGER
from cases.common.tail import Tail, closed, rating, reopen, tail
from domain.engine.case import Case
from domain.engine.imports import Imports
from domain.engine.process import Process
from domain.language.effects import Effect, notify, tell
from domain.language.forms import Form
from domain.language.roles import ROUTER, TIMER, WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step
from domain.language.waits import Wait, as_wait

from .bills import billing, deciding, open_bill
from .categories import CATEGORIES, SORTING
from .figures import (
    FIGURES,
    FIRST_REMINDER,
    JOB_LAPSES,
    LONGEST_VALIDITY,
    QUOTE_LAPSES,
    SECOND_REMINDER,
    VISIT_LAPSES,
)
from .forms import (
    Application,
    Appointment,
    Arrival,
    Charge,
    Classification,
    DeclinedJob,
    Diagnosis,
    GivenBack,
    GivenUp,
    Missed,
    PartsHere,
    PartsOrder,
    Quote,
    QuoteAcceptance,
    Recall,
    Side,
    TakenJob,
    Trial,
    Work,
)
from .money import check_order, lasts_longer, spending
from .rules import (
    At,
    End,
    Pays,
    candidate_rules,
    check_step,
    comes_to_us,
    end_after_bill,
    ending,
    facts,
    handed_over,
    passed,
    propose,
    who_pays,
)


def receive() -> Step:
    """The thing is carried in, or a parcel with it arrives."""
    return step("receive", Arrival, by=REPAIRERS | LOGISTICS, to=At.DIAGNOSING)


def appoint(to: StrEnum) -> Step:
    """A window for the visit is agreed with the customer, or moved."""
    return step(
        "appoint", Appointment, by=REPAIRERS | HANDLERS, to=to, does=[notify("appointment")]
    )


def arrivals(here: StrEnum) -> list[Step]:
    """Return the steps by which the thing and the repairer come together; `appoint` moves nothing.

    After a customer was missed, the clock stands still until the visit, not until the next
    appointment is made; where we did not come, it runs on.
    """
    return [
        step("visit", Arrival, by=REPAIRERS, to=At.DIAGNOSING),
        receive(),
        step("miss", Missed, by=REPAIRERS | HANDLERS, does=[notify("missed")], to={
            Side.CUSTOMER: At.MISSED,
            Side.US: At.TAKEN,
        }),
        appoint(here),
    ]  # fmt: skip


def quote() -> Step:
    """A repairer or a handler quotes a price, which the customer accepts or declines."""
    return step("quote", Quote, by=REPAIRERS | HANDLERS, does=[notify("quote")],
                decide=lasts_longer, to={
        True: At.QUOTED_LONGER,
        False: At.QUOTED,
    })  # fmt: skip


def quoted(name: StrEnum, waits_for: str, passing: Step, does: Sequence[Effect] = ()) -> State:
    """Return a state in which the customer has a quote to answer; `passing` is what time does."""
    return State(name, waits_for, Stage.RESOLVE,
                 waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], does=does, steps=[
        step("accept_quote", QuoteAcceptance, by=CUSTOMER_OR_DESK, to=At.REPAIRING),
        step("decline_quote", Answer, by=CUSTOMER_OR_DESK, to=At.RETURNING_UNREPAIRED),
        step("recall_quote", Recall, by=REPAIRERS | HANDLERS, to=At.QUOTING,
             does=[notify("quote_recalled")]),
        passing,
        withdraw(At.RETURNING_UNREPAIRED),
    ])  # fmt: skip


def reminder(after: Wait, to: StrEnum) -> Step:
    """The quote is not answered yet: the customer is reminded before it lapses."""
    return step("quote_reminder", Lapse, by=TIMER, after=after, to=to)


def lapse(after: Wait) -> Step:
    """The quote was not answered: the thing is given back as it is."""
    return step("quote_lapsed", Lapse, by=TIMER, after=after, to=At.RETURNING_UNREPAIRED,
                does=[notify("quote_lapsed")])  # fmt: skip


def give_up() -> Step:
    """It cannot be repaired after all, or is not worth it."""
    return step("give_up", GivenUp, by=REPAIRERS, to=At.BEYOND_REPAIR, abandons=True)


def returning(name: StrEnum, waits_for: str, *more: Step) -> State:
    """Return a state in which the thing is given back: at a counter, on the spot or by carrier."""
    by = REPAIRERS | LOGISTICS | HANDLERS
    return State(name, waits_for, Stage.RESOLVE, clears_assignee=True, delivers=True, steps=[
        step("hand_over", Charge, by=by, to=Tail.TELLING),
        step("send_back", Charge, by=by, to=Parcel.SENDING_BACK),
        *more,
    ])  # fmt: skip


ENDS = (Tail.CLOSED, At.UNREPAIRED, Tail.UNCONFIRMED)
"""Where a case closes after it was followed up."""


def bill_first(ending: Step) -> Step:
    """Return a step that closes the case: first somebody decides on a bill that is open."""

    def decide(case: Case, form: Form) -> Hashable:
        outcome = ending.decide(case, form)
        return At.BILLED if ending.arrows[outcome] in ENDS and open_bill(case) else outcome

    return replace(ending, decide=decide, arrows={**ending.arrows, At.BILLED: At.BILLED.value})


def with_bills(state: State) -> State:
    """Return a state of the tail in which a colleague states a vendor's bill, or decides on it."""
    if state.name in ENDS:
        return replace(state, steps=[*state.steps, *billing(state.name, REOPEN_WINDOW)])
    if state.name != Tail.FOLLOWING_UP:
        return state
    steps = [*map(bill_first, state.steps), *billing(state.name)]
    return replace(state, steps=steps)


PROCESS = Process(
    kind="repair",
    prefix="WX",
    version=3,
    opens_with=Application,
    team="repairs",
    supervisors=SERVICE_MANAGER,
    candidate_rules=candidate_rules,
    claims_units=True,
    facts=facts,
    categories=CATEGORIES,
    figures=FIGURES,
    rating=rating,
    target_of=promises(facts),
    head_start=head_start(facts),
    overridable_clock=RESOLUTION,
    reply_clock=RESPONSE,
    step_check=check_step,
    spending=spending,
    order_check=check_order,
    approvals=APPROVALS,
    propose=propose,
    sorting=SORTING,
    imports=Imports(
        Classification,
        unclassified=[Front.RECEIVED, Front.ACCEPTED],
        classified=[
            Front.CLASSIFIED, At.DISPATCHED, At.TAKEN, At.DIAGNOSING,
            Tail.TELLING_BY_HAND, Tail.FOLLOWING_UP,
        ],
        awaiting=[At.AWAITING_UNIT, At.MISSED],
        by_steps=dict.fromkeys(
            [
                At.DIAGNOSING, At.QUOTING, At.QUOTED, At.QUOTED_LONGER, At.REPAIRING,
                At.WAITING_FOR_PARTS, At.TESTING, At.BEYOND_REPAIR, At.RETURNING,
                At.RETURNING_UNREPAIRED,
            ],
            At.TAKEN,
        ),
    ),
    states=[
        # Neither sorting nor dispatching answers the customer: the repairer does, by taking it.
        *front(Classification, to=At.DISPATCHED, by=HANDLERS | ROUTER, met=()),
        State(At.DISPATCHED, "the repairer to take the job", Stage.ASSIGN, steps=[
            step("take_job", TakenJob, by=REPAIRERS, decide=comes_to_us, to={
                True: At.AWAITING_UNIT,
                False: At.TAKEN,
            }),
            step("decline_job", DeclinedJob, by=REPAIRERS, to=Front.CLASSIFIED),
            step("job_lapsed", Lapse, by=TIMER, after=JOB_LAPSES, to=Front.CLASSIFIED),
            withdraw(),
        ]),
        State(At.TAKEN, "the visit, or the thing to be brought in", Stage.RESOLVE,
              stops=[RESPONSE, ACCEPTANCE], steps=[*arrivals(At.TAKEN), withdraw()]),
        State(At.AWAITING_UNIT, "the customer to bring or send the thing", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], stops=[RESPONSE, ACCEPTANCE],
              does=[notify("bring_in")], steps=[
            receive(),
            appoint(At.TAKEN),
            step("unit_lapsed", Lapse, by=TIMER, after=GOODS_LAPSE, to=At.TAKEN),
            withdraw(),
        ]),
        State(At.MISSED, "the customer's time for another appointment", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], steps=[
            *arrivals(At.MISSED),
            step("appointment_lapsed", Lapse, by=TIMER, after=VISIT_LAPSES, to=At.TAKEN),
            withdraw(),
        ]),
        State(At.DIAGNOSING, "what is wrong, and who pays", Stage.RESOLVE, steps=[
            step("diagnose", Diagnosis, by=REPAIRERS, decide=who_pays, to={
                Pays.NOT_THE_CUSTOMER: At.REPAIRING,
                Pays.THE_CUSTOMER: At.QUOTING,
                Pays.NOBODY: At.BEYOND_REPAIR,
            }),
            approve_amount(At.DIAGNOSING),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.QUOTING, "a quote", Stage.RESOLVE, steps=[
            quote(),
            approve_amount(At.QUOTING),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        quoted(At.QUOTED, "the customer's answer to the quote",
               reminder(FIRST_REMINDER, At.REMINDED)),
        quoted(At.REMINDED, "the answer of the customer, who was reminded of the quote",
               reminder(SECOND_REMINDER - FIRST_REMINDER, At.REMINDED_AGAIN),
               does=[notify("quote_reminder")]),
        quoted(At.REMINDED_AGAIN, "the answer of the customer, who was reminded twice",
               lapse(QUOTE_LAPSES - SECOND_REMINDER), does=[notify("quote_reminder")]),
        # No form says how long a step waits: these wait until the longest quote would
        # lapse, and a yes after the moment that the quote names is refused.
        quoted(At.QUOTED_LONGER, "the customer's answer to a quote that is valid for longer",
               reminder(SECOND_REMINDER, At.REMINDED_LONGER)),
        quoted(At.REMINDED_LONGER, "the answer of the customer, who was reminded of a longer quote",
               lapse(as_wait(LONGEST_VALIDITY) - SECOND_REMINDER), does=[notify("quote_reminder")]),
        State(At.REPAIRING, "the repair", Stage.RESOLVE, steps=[
            step("repair", Work, by=REPAIRERS, to=At.TESTING),
            step("await_parts", PartsOrder, by=REPAIRERS, to=At.WAITING_FOR_PARTS,
                 does=[notify("parts_awaited")]),
            give_up(),
            *billing(At.REPAIRING),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        # Parts are ours to get, so no clock stands still.
        State(At.WAITING_FOR_PARTS, "parts", Stage.RESOLVE, steps=[
            step("parts_here", PartsHere, by=REPAIRERS | LOGISTICS, to=At.REPAIRING, reports=True),
            step("move_parts", PartsOrder, by=REPAIRERS | LOGISTICS, to=At.WAITING_FOR_PARTS,
                 does=[notify("parts_moved")], reports=True),
            give_up(),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.TESTING, "the test", Stage.RESOLVE, steps=[
            step("test", Trial, by=REPAIRERS, decide=passed, to={
                True: At.RETURNING,
                False: At.REPAIRING,
            }),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.BEYOND_REPAIR, "a word on what the customer gets for what is beyond repair",
              Stage.RESOLVE, clears_assignee=True, steps=[
            step("convert", Conversion, by=HANDLERS, to=At.CONVERTING),
            step("give_back", GivenBack, by=HANDLERS, to=At.RETURNING_UNREPAIRED, abandons=True),
            *billing(At.BEYOND_REPAIR),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.CONVERTING, "the other case to be started", Stage.RESOLVE,
              waits_on=WaitsOn.WORLD, does=[conversion(handed_over)], steps=[
            step("child_started", Successor, by=WORLD, to=At.TELLING_NUMBERS),
            step("child_refused", NotArranged, by=WORLD, to=At.BEYOND_REPAIR),
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
        returning(At.RETURNING, "the repaired thing to be given back", *billing(At.RETURNING)),
        returning(At.RETURNING_UNREPAIRED, "the thing to be given back as it is", quote(),
                  approve_amount(At.RETURNING_UNREPAIRED), *billing(At.RETURNING_UNREPAIRED)),
        *sending_back(),
        *map(with_bills, tail(
            again=Front.CLASSIFIED, ending=ending, clears_assignee=True, only_content=True, others=[
                closed(At.UNREPAIRED, "nothing: given back unrepaired", outcome="unrepaired",
                       again=Front.CLASSIFIED, keeps=[FOLLOW_UP]),
            ])),
        # The customer has had the last word. Only a bill is open, and no case closes over one.
        State(At.BILLED, "a word on what the vendor charges", Stage.FOLLOW_UP,
              clears_assignee=True, pauses=[FOLLOW_UP], steps=[
            *deciding(end_after_bill, {
                End.SOLVED: Tail.CLOSED,
                End.UNREPAIRED: At.UNREPAIRED,
                End.UNCONFIRMED: Tail.UNCONFIRMED,
            }),
            reopen(Front.CLASSIFIED),
        ]),
    ],
)  # fmt: skip
