"""A message to the customer: from whom, what it does to clocks, that it moves nothing."""

from typing import Any

import pytest

from domain.engine.rewind.compensation import irreversible_effects
from domain.errors import (
    NoCustomer,
    NotACandidate,
    RequestReused,
    StepJustDone,
    StepNotAllowed,
    TaskTaken,
)
from domain.language.clocks import ClockState
from domain.language.entries import EntryType
from domain.language.roles import Actor, ActorKind
from domain.read_models.projection import projection_update
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, MINUTE, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, WANG, ZHANG, request

AUDITOR = Actor(kind=ActorKind.STAFF, id="shen.ji", roles=("auditor",))


def words(text: str = "Your part comes on Friday.") -> tuple[str, dict[str, Any]]:
    return "notify", {"text": text}


def held_by_liu() -> CaseDriver:
    run = CaseDriver(actor=SHOP, customer="customer-1")
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    return run


def test_it_goes_out_once_and_moves_nothing() -> None:
    run = held_by_liu()
    before = run.case.copy()
    receipt = run.do(LIU, words())
    entry = run.case.last
    assert (entry.type, entry.led_to) == (EntryType.NOTIFIED, before.state)
    (notice,) = projection_update(run.process, run.case, before.last.seq).notices
    assert (notice.template, notice.to, notice.params) == ("message", "customer", {})
    assert (run.case.etag, receipt.etag) == (before.etag, before.etag)
    assert (run.case.holder, run.case.entered) == (before.holder, before.entered)
    submitted = request(receipt.request, words(), actor=LIU)
    run.pass_time(DAY)
    assert run.process.apply_request(run.case, submitted, run.now) == receipt
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_it_is_news_so_the_next_news_is_due_later() -> None:
    run = held_by_liu()
    run.pass_time(40 * HOUR)
    run.do(LIU, words())
    assert run.case.clocks["progress"].due == run.now + 2 * DAY


def test_it_is_the_first_answer_by_a_person() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(CHEN, words("We look into it."))
    clock = run.case.clocks["response"]
    assert (clock.state, clock.ended_at) == (ClockState.MET, run.now)
    assert run.case.clocks["acceptance"].state is ClockState.RUNNING
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    assert run.case.clocks["response"] == clock, "accepting answers no second time"


def test_an_answer_that_comes_late_is_late() -> None:
    run = CaseDriver(actor=SHOP)
    run.pass_time(20 * MINUTE)
    run.do(CHEN, words())
    clock = run.case.clocks["response"]
    assert (clock.state, clock.breached_at) == (ClockState.MET_LATE, NINE + 15 * MINUTE)


def test_who_may_write() -> None:
    run = held_by_liu()
    run.refuse(TaskTaken, ZHANG, words())
    run.refuse(StepNotAllowed, SHOP, words())
    run.do(WANG, words())
    run.do(LIU, ("release", {}))
    run.refuse(NotACandidate, AUDITOR, words("other"))
    run.do(ZHANG, words("And another."))


def test_while_the_customer_is_waited_for_the_holder_may_and_leads() -> None:
    run = held_by_liu()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    run.refuse(TaskTaken, ZHANG, words())
    run.do(LIU, words())
    run.do(LIU, ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", SOLVED))
    assert run.process.state_of(run.case).closed
    run.do(LIU, words("The invoice is in the mail."))
    assert run.process.state_of(run.case).closed
    run.refuse(NotACandidate, AUDITOR, words("x"))


def test_a_case_of_nobody() -> None:
    run = CaseDriver(actor=CHEN)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.refuse(NoCustomer, CHEN, words())


def test_an_impatient_finger_says_it_once() -> None:
    run = held_by_liu()
    run.do(LIU, words(), id="one")
    run.now -= MINUTE  # at the same moment
    refused = run.refuse(StepJustDone, LIU, words(), if_match=run.case.etag)
    assert refused.params["by"] == LIU.id
    run.now -= MINUTE
    run.do(LIU, words("Something else."))
    with pytest.raises(RequestReused):
        run.do(LIU, words(), id="one", digest="other")


def test_it_leaves_a_hold_alone() -> None:
    run = held_by_liu()
    run.do(LIU, ("hold", {"until": (NINE + DAY).isoformat(), "reason": "part"}))
    run.do(LIU, words())
    assert run.case.held_until == NINE + DAY


def test_it_cannot_be_unsaid() -> None:
    run = held_by_liu()
    to = run.case.last.seq
    run.do(LIU, words())
    (stays,) = irreversible_effects(run.process, run.case, to)
    assert (stays.port, stays.template, stays.entry) == ("notice", "message", run.case.last.seq)
