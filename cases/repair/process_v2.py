"""Repair, version 2: dispatched, diagnosed, quoted if need be, mended, given back (A 7.2.3)."""

from enum import StrEnum

from cases.common.clocks import ACCEPTANCE, FOLLOW_UP, RESOLUTION, RESPONSE, target_of
from cases.common.forms import Lapse
from cases.common.front import Front
from cases.common.offers import Answer
from cases.common.parcels import Parcel, sending_back
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS, LOGISTICS, REPAIRERS, SERVICE_MANAGER
from cases.common.tail import Tail, closed, rating, tail
from cases.common.v2 import front, withdraw
from domain.engine.process import Process
from domain.language.effects import notify
from domain.language.roles import ROUTER, TIMER
from domain.language.table import Stage, State, Step, WaitsOn, step

from .categories import CATEGORIES, SORTING
from .figures import JOB_LAPSES, QUOTE_LAPSES, VISIT_LAPSES
from .forms import Application, DeclinedJob, GivenUp, Handover, TakenJob, Trial, Work
from .forms_v2 import (
    Appointment,
    Arrival,
    Classification,
    Coverage,
    Diagnosis,
    Missed,
    Quote,
)
from .rules import At, candidate_rules, ending, facts, passed
from .rules_v2 import check_step, propose


def arrivals(here: StrEnum) -> list[Step]:
    """Return the steps by which the thing and the repairer come together; `appoint` moves nothing.

    After a customer was missed, the clock stands still until the visit, not until the next
    appointment is made.
    """
    return [
        step("visit", Arrival, by=REPAIRERS, to=At.DIAGNOSING),
        step("receive", Arrival, by=REPAIRERS | LOGISTICS, to=At.DIAGNOSING),
        step("miss", Missed, by=REPAIRERS, to=At.MISSED, does=[notify("missed")]),
        step("appoint", Appointment, by=REPAIRERS | HANDLERS, to=here,
             does=[notify("appointment")]),
    ]  # fmt: skip


def quote() -> Step:
    """A repairer or a handler quotes a price, which the customer accepts or declines."""
    return step("quote", Quote, by=REPAIRERS | HANDLERS, to=At.QUOTED, does=[notify("quote")])


def returning(name: StrEnum, waits_for: str, *more: Step) -> State:
    """Return a state in which the thing is given back: at a counter, on the spot or by carrier."""
    by = REPAIRERS | LOGISTICS | HANDLERS
    return State(name, waits_for, Stage.RESOLVE, clears_assignee=True, delivers=True, steps=[
        step("hand_over", Handover, by=by, to=Tail.TELLING),
        step("send_back", Handover, by=by, to=Parcel.SENDING_BACK),
        *more,
    ])  # fmt: skip


PROCESS = Process(
    kind="repair",
    prefix="WX",
    version=2,
    opens_with=Application,
    team="repairs",
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
        # Neither sorting nor dispatching answers the customer: the repairer does, by taking it.
        *front(Classification, to=At.DISPATCHED, by=HANDLERS | ROUTER, met=()),
        State(At.DISPATCHED, "the repairer to take the job", Stage.ASSIGN, steps=[
            step("take_job", TakenJob, by=REPAIRERS, to=At.TAKEN),
            step("decline_job", DeclinedJob, by=REPAIRERS, to=Front.CLASSIFIED),
            step("job_lapsed", Lapse, by=TIMER, after=JOB_LAPSES, to=Front.CLASSIFIED),
            withdraw(),
        ]),
        State(At.TAKEN, "the visit, or the thing to be brought in", Stage.RESOLVE,
              stops=[RESPONSE, ACCEPTANCE], steps=[*arrivals(At.TAKEN), withdraw()]),
        State(At.MISSED, "the customer's time for another appointment", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], steps=[
            *arrivals(At.MISSED),
            step("appointment_lapsed", Lapse, by=TIMER, after=VISIT_LAPSES, to=At.TAKEN),
            withdraw(),
        ]),
        State(At.DIAGNOSING, "what is wrong, and who pays", Stage.RESOLVE, steps=[
            step("diagnose", Diagnosis, by=REPAIRERS, to={
                Coverage.COVERED: At.REPAIRING,
                Coverage.CHARGEABLE: At.QUOTING,
                Coverage.HOPELESS: At.RETURNING_UNREPAIRED,
            }),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.QUOTING, "a quote", Stage.RESOLVE, steps=[
            quote(),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.QUOTED, "the customer's answer to the quote", Stage.RESOLVE,
              waits_on=WaitsOn.CUSTOMER, pauses=[RESOLUTION], steps=[
            step("accept_quote", Answer, by=CUSTOMER_OR_DESK, to=At.REPAIRING),
            step("decline_quote", Answer, by=CUSTOMER_OR_DESK, to=At.RETURNING_UNREPAIRED),
            step("quote_lapsed", Lapse, by=TIMER, after=QUOTE_LAPSES,
                 to=At.RETURNING_UNREPAIRED, does=[notify("quote_lapsed")]),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.REPAIRING, "the repair", Stage.RESOLVE, steps=[
            step("repair", Work, by=REPAIRERS, to=At.TESTING),
            step("give_up", GivenUp, by=REPAIRERS, to=At.RETURNING_UNREPAIRED,
                 abandons=True),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        State(At.TESTING, "the test", Stage.RESOLVE, steps=[
            step("test", Trial, by=REPAIRERS, decide=passed, to={
                True: At.RETURNING,
                False: At.REPAIRING,
            }),
            withdraw(At.RETURNING_UNREPAIRED),
        ]),
        returning(At.RETURNING, "the repaired thing to be given back"),
        returning(At.RETURNING_UNREPAIRED, "the thing to be given back as it is", quote()),
        *sending_back(),
        *tail(again=Front.CLASSIFIED, ending=ending, clears_assignee=True, only_content=True,
              others=[
            closed(At.UNREPAIRED, "nothing: given back unrepaired", outcome="unrepaired",
                   again=Front.CLASSIFIED, keeps=[FOLLOW_UP]),
        ]),
    ],
)  # fmt: skip
