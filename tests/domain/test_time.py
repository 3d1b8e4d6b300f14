"""Time: steps it takes itself, each counted from when it was due, and doors that it closes."""

from datetime import timedelta

from domain.errors import NoTask, StepNotAllowed, StepNotOffered
from domain.language.entries import EntryType
from domain.language.roles import THE_TIMER, the_world
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, UNREACHED

WEEK = 7 * DAY


def offered() -> CaseDriver:
    """A complaint whose customer has an offer to answer."""
    run = CaseDriver(actor=SHOP)
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    return run


def closed() -> CaseDriver:
    run = offered()
    run.do(SHOP, ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", SOLVED))
    return run


def test_time_takes_the_step_that_is_due() -> None:
    run = offered()
    since = run.now
    assert run.process.next_timer(run.case) is not None
    run.process.settle(run.case, since + WEEK - MINUTE)
    assert run.case.state == "proposed"
    run.process.settle(run.case, since + WEEK)
    lapse = run.case.last
    assert (lapse.type, lapse.step, lapse.led_to) == (EntryType.STEPPED, "offer_lapsed", "telling")
    assert (lapse.actor, lapse.cause.entry, lapse.cause.request) == (
        THE_TIMER,
        run.case.arrivals()[-2].seq,
        None,
    )
    assert lapse.at == lapse.due_at == lapse.detected_at == since + WEEK


def test_a_timer_seen_late_counts_from_when_it_was_due() -> None:
    run = offered()
    due = run.now + WEEK
    run.process.settle(run.case, due + 3 * DAY)
    lapse = next(entry for entry in run.case.entries if entry.step == "offer_lapsed")
    assert (lapse.at, lapse.due_at, lapse.detected_at) == (due, due, due + 3 * DAY)
    assert run.case.since == due


def test_what_is_due_comes_before_who_comes_late() -> None:
    run = offered()
    before = len(run.case.entries)
    run.pass_time(WEEK + HOUR)
    run.refuse(StepNotOffered, SHOP, ("accept_solution", {}))
    assert len(run.case.entries) == before
    run.do(the_world("tell"), ("told", {"message": "note-1", "channel": "sms"}))
    assert run.steps[before:] == ["informed", "offer_lapsed", "told"]
    lapse, told = run.case.entries[-2:]
    assert lapse.at < told.at
    assert lapse.detected_at == told.at


def test_nobody_but_time_lets_an_offer_lapse() -> None:
    run = offered()
    run.refuse(StepNotAllowed, LIU, ("offer_lapsed", {}))
    run.refuse(StepNotAllowed, SHOP, ("offer_lapsed", {}))


def test_a_state_without_time_is_never_left_by_it() -> None:
    run = CaseDriver()
    run.process.settle(run.case, run.now + 20 * WEEK)
    assert run.case.state == "received"
    assert not any(entry.step for entry in run.case.entries)


def test_an_attempt_that_reaches_nobody_keeps_the_task() -> None:
    run = offered()
    run.do(SHOP, ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "it"}))
    run.tell_customer()
    task, since = run.case.entered, run.case.since
    run.do(LIU, ("follow_up", UNREACHED))
    run.do(LIU, ("follow_up", UNREACHED))
    assert (run.case.entered, run.case.since) == (task, since)
    for _ in range(2):
        run.pass_time(DAY)
        run.do(LIU, ("follow_up", UNREACHED))
    assert run.case.state == "unconfirmed"


def test_attempts_are_counted_anew_after_the_case_was_worked_on() -> None:
    run = offered()
    run.do(SHOP, ("accept_solution", {}))
    for _ in range(2):
        run.do(LIU, ("carry_out", {"done": "it"}))
        run.tell_customer()
        run.do(LIU, ("follow_up", UNREACHED))
        run.pass_time(DAY)
        run.do(LIU, ("follow_up", UNREACHED))
        run.do(SHOP, ("confirm", {"solved": False}))
        run.do(LIU, ("propose", OFFER))
        run.do(SHOP, ("accept_solution", {"offer": run.case.entered}))
    assert run.case.state == "carrying_out"


def test_a_closed_case_may_be_reopened_within_the_window() -> None:
    run = closed()
    over = run.process.steps_end_at(run.case)
    assert over == run.now + WEEK
    run.pass_time(WEEK - 2 * MINUTE)
    run.do(SHOP, ("reopen", {"reason": "It broke again."}))
    assert run.case.state == "proposing"
    assert run.process.steps_end_at(run.case) is None


def test_after_the_window_nothing_is_offered() -> None:
    run = closed()
    run.pass_time(WEEK - MINUTE)
    run.refuse(StepNotOffered, SHOP, ("reopen", {"reason": "too late"}))
    run.refuse(NoTask, LIU, ("claim", {}))
    assert not list(run.process.steps(run.case, run.now))


def test_a_withdrawn_case_is_over_at_once() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(SHOP, ("withdraw", {}))
    assert run.process.steps_end_at(run.case) == run.now
    run.refuse(StepNotOffered, CHEN, ("reopen", {"reason": "x"}))


def test_a_case_entered_late_keeps_the_time_it_was_raised() -> None:
    run = CaseDriver()
    raised = run.now - timedelta(hours=9)
    late = CaseDriver(received_at=raised)
    assert late.case.opening.received_at == raised
    assert late.case.entries[0].at == run.now
