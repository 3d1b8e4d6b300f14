"""Requests beside a case's own task: approvals, assistance (协办), and chasing (催办)."""

from datetime import timedelta
from typing import Any

import pytest

from cases.common.errors import AboveCeiling
from domain.engine.side_forms import ApprovalRequest
from domain.errors import (
    LimitPast,
    LimitTooFar,
    MoreThanRequested,
    NoApprovals,
    NoSuchRequest,
    NotACandidate,
    NoTask,
    NothingToChase,
    NotInTeam,
    NotYourCase,
    OwnRequest,
    RequestSettled,
    StepJustDone,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
    TooManyRequests,
    WrongForm,
)
from domain.language.effects import notify
from domain.language.entries import EntryType
from domain.language.roles import THE_TIMER
from domain.read_models.projection import TaskView, case_view, projection_update, task_views
from domain.read_models.side_tasks import side_task_views
from domain.stories import person, through
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, CaseDriver, StepForm
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, WANG, ZHANG, ZHAO, ZHOU

OTHER_MANAGER = person("qian.jun", "account_manager")
TECHNICIAN = person("sun.wei", "agent")
BIG = {"solution": "800 yuan.", "cost": {"amount": "800.00"}}


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def proposing() -> CaseDriver:
    """A complaint in Liu's hands, who is to propose a solution; an agent may grant 100 yuan."""
    run = CaseDriver(actor=SHOP, customer="customer-1")
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}), ("investigate", FINDING))
    return run


def asks(amount: str = "800.00", **more: Any) -> StepForm:
    return "ask_approval", {"amount": yuan(amount), "reason": "A loyal customer.", **more}


def helps(run: CaseDriver, team: str = "technical", hours: int = 4) -> StepForm:
    until = (run.now + hours * HOUR).isoformat()
    return "ask_assistance", {"team": team, "question": "Is it the battery?", "due_at": until}


def asked(run: CaseDriver, step: StepForm) -> int:
    run.do(LIU, step)
    return run.case.last.seq


def side_task(run: CaseDriver, seq: int) -> TaskView:
    return next(each for each in task_views(run.process, run.case, 0) if each.seq == seq)


@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_nobody_asks_for_nothing(amount: str) -> None:
    run = proposing()
    refused = run.refuse(WrongForm, LIU, asks(amount))
    faults: Any = refused.params["errors"]
    assert [(each["pointer"], each["code"]) for each in faults] == [("/amount", "nothing_asked")]
    stored = {"amount": {"amount": amount, "currency": "CNY"}, "reason": "From before."}
    assert not ApprovalRequest.lenient(stored).amount.amount, "history is read as it is"


def test_an_approval_is_a_task_for_those_whose_word_covers_the_amount() -> None:
    run = proposing()
    before = run.case.etag
    seq = asked(run, asks())
    task = side_task(run, seq)
    assert (task.request, task.asked_by, task.team) == ("approval", LIU.id, run.case.team)
    assert task.candidates == ("account_manager", "management", "service_manager")
    assert task.steps == ("approve_request", "decline_request")
    assert run.case.etag == before, "the case's own task goes on meanwhile"
    assert side_task(run, asked(run, asks("2000.00"))).candidates == ("management",)


def test_what_is_approved_is_what_the_asker_may_then_offer() -> None:
    run = proposing()
    run.refuse(AboveCeiling, LIU, ("propose", BIG))
    seq = asked(run, asks())
    run.do(ZHAO, ("approve_request", {"request": seq}))
    (shown,) = side_task_views(run.process, run.case)
    assert (shown.state, shown.answered_by, str(shown.granted)) == (
        "approved",
        ZHAO.id,
        "800.00 CNY",
    )
    assert side_task(run, seq).done_by == ZHAO.id
    run.do(LIU, ("propose", BIG))
    assert run.case.state != "proposing"


def test_less_may_be_approved_and_never_more() -> None:
    run = proposing()
    seq = asked(run, asks())
    more = {"request": seq, "amount": yuan("801.00")}
    run.refuse(MoreThanRequested, ZHAO, ("approve_request", more))
    run.refuse(
        MoreThanRequested,
        ZHAO,
        ("approve_request", {"request": seq, "amount": {"amount": "1.00", "currency": "EUR"}}),
    )
    run.do(ZHAO, ("approve_request", {"request": seq, "amount": yuan("500.00")}))
    run.refuse(AboveCeiling, LIU, ("propose", BIG))


def test_nobody_answers_their_own() -> None:
    run = proposing()
    run.do(ZHAO, ("ask_approval", asks()[1]))
    seq = run.case.last.seq
    for answer in (
        ("approve_request", {"request": seq}),
        ("decline_request", {"request": seq, "reason": "No."}),
        ("claim_request", {"request": seq}),
    ):
        run.refuse(OwnRequest, ZHAO, answer)
    run.do(OTHER_MANAGER, ("approve_request", {"request": seq}))


def test_nobody_decides_beyond_their_authority() -> None:
    run = proposing()
    seq = asked(run, asks("2000.00"))
    run.refuse(NotACandidate, CHEN, ("approve_request", {"request": seq}))
    for answer in (
        ("approve_request", {"request": seq}),
        ("decline_request", {"request": seq, "reason": "No."}),
        ("claim_request", {"request": seq}),
    ):
        run.refuse(AboveCeiling, ZHAO, answer)
    run.do(ZHOU, ("approve_request", {"request": seq}))


def test_a_declined_request_says_why_and_covers_nothing() -> None:
    run = proposing()
    seq = asked(run, asks())
    run.do(ZHAO, ("decline_request", {"request": seq, "reason": "Too much."}))
    (shown,) = side_task_views(run.process, run.case)
    assert (shown.state, shown.answer) == ("declined", "Too much.")
    assert case_view(run.process, run.case).unseen_by == (LIU.id,)
    run.refuse(RequestSettled, OTHER_MANAGER, ("approve_request", {"request": seq}))
    run.refuse(AboveCeiling, LIU, ("propose", BIG))
    run.do(LIU, ("propose", OFFER))
    assert case_view(run.process, run.case).unseen_by == ()


def test_a_team_is_asked_for_help_and_its_members_answer() -> None:
    run = proposing()
    seq = asked(run, helps(run))
    task = side_task(run, seq)
    assert (task.request, task.team, task.candidates) == (
        "assistance",
        "technical",
        ("team:technical",),
    )
    assert task.due_at is not None
    answer = {"request": seq, "answer": "Yes.", "teams": ["east"]}
    run.refuse(NotInTeam, TECHNICIAN, ("answer_request", answer))
    run.refuse(NoSuchRequest, ZHAO, ("approve_request", {"request": seq}))
    of_team = {"request": seq, "teams": ["technical"]}
    run.do(TECHNICIAN, ("claim_request", of_team))
    run.refuse(TaskTaken, ZHANG, ("answer_request", {**of_team, "answer": "No."}))
    run.do(TECHNICIAN, ("answer_request", {**of_team, "answer": "Yes."}))
    (shown,) = side_task_views(run.process, run.case)
    assert (shown.state, shown.answer, shown.answered_by) == ("answered", "Yes.", TECHNICIAN.id)
    assert run.holder == LIU.id
    told = run.process.effects(run.case, run.case.last)
    assert told == [notify("request_answered", f"staff:{LIU.id}")]


def test_who_took_a_request_puts_it_back_or_a_lead_does() -> None:
    run = proposing()
    seq = asked(run, helps(run))
    on_it = {"request": seq}
    run.refuse(TaskNotClaimed, TECHNICIAN, ("release_request", on_it))
    run.do(TECHNICIAN, ("claim_request", {**on_it, "teams": ["technical"]}))
    run.refuse(TaskTaken, TECHNICIAN, ("claim_request", {**on_it, "teams": ["technical"]}))
    run.refuse(TaskTaken, ZHANG, ("release_request", on_it))
    run.do(WANG, ("release_request", on_it))
    assert side_task(run, seq).assignee is None


def test_the_asker_or_a_lead_takes_a_request_back() -> None:
    run = proposing()
    first, second = asked(run, asks()), asked(run, helps(run))
    run.refuse(StepNotAllowed, ZHANG, ("withdraw_request", {"request": first}))
    run.do(LIU, ("withdraw_request", {"request": first}))
    run.do(WANG, ("withdraw_request", {"request": second, "reason": "Solved."}))
    assert [each.state for each in side_task_views(run.process, run.case)] == ["withdrawn"] * 2
    assert case_view(run.process, run.case).unseen_by == (LIU.id,)


def test_who_does_not_work_on_the_case_asks_for_nothing() -> None:
    run = proposing()
    run.refuse(TaskTaken, ZHANG, asks())
    run.refuse(NotACandidate, person("he.tao", "logistics"), asks())
    run.refuse(StepNotAllowed, SHOP, asks())
    run.refuse(NoSuchRequest, ZHAO, ("approve_request", {"request": 2}))


def test_a_kind_without_amounts_has_nothing_approved() -> None:
    run = CaseDriver("inquiry", actor=SHOP)
    run.refuse(NoApprovals, LIU, asks())


def test_a_request_is_due_in_the_future_within_a_year_and_they_are_bounded() -> None:
    run = proposing()
    run.refuse(LimitPast, LIU, asks(due_at=run.now.isoformat()))
    run.refuse(LimitTooFar, LIU, asks(due_at=(run.now + 367 * DAY).isoformat()))
    run.do(LIU, helps(run))
    again = helps(run)
    run.do(LIU, again)
    run.pass_time(-HOUR / 120)
    run.refuse(StepJustDone, LIU, again)
    for amount in range(8):
        run.do(LIU, asks(f"{amount + 1}.00"))
    run.refuse(TooManyRequests, LIU, asks())


def test_a_request_becomes_overdue_once_at_its_own_time() -> None:
    run = proposing()
    seq = asked(run, helps(run, hours=1))
    due = run.case.side_tasks[seq].due_at
    assert due is not None
    assert run.process.next_timer(run.case) is not None
    run.pass_time(timedelta(hours=5))
    run.process.settle(run.case, run.now)
    (overdue,) = [e for e in run.case.entries if e.type is EntryType.REQUEST_OVERDUE]
    assert (overdue.at, overdue.actor, overdue.cause.entry) == (due, THE_TIMER, seq)
    assert side_task_views(run.process, run.case)[0].overdue
    assert LIU.id in run.case.unseen_by
    notices = projection_update(run.process, run.case, overdue.seq - 1).notices
    assert ("request_overdue", "service_manager") in [(n.template, n.to) for n in notices]
    run.do(
        TECHNICIAN, ("answer_request", {"request": seq, "answer": "Yes.", "teams": ["technical"]})
    )


def test_open_requests_lapse_when_the_case_closes() -> None:
    run = proposing()
    first, second = asked(run, asks()), asked(run, helps(run))
    run.do(LIU, ("withdraw", {"reason": "The customer called."}))
    closing = next(e for e in run.case.entries if e.step == "withdraw")
    lapsed = [e for e in run.case.entries if e.type is EntryType.REQUEST_LAPSED]
    assert [e.form["request"] for e in lapsed] == [first, second]
    assert {(e.cause.entry, e.led_to) for e in lapsed} == {(closing.seq, closing.led_to)}
    assert {side_task(run, seq).done_at for seq in (first, second)} == {closing.at}
    run.refuse(RequestSettled, ZHAO, ("approve_request", {"request": first}))
    run.refuse(NoTask, LIU, asks())
    run.refuse(NothingToChase, LIU, ("chase", {"channel": "phone"}))


def test_a_rewind_takes_back_an_approval_and_leaves_what_is_open() -> None:
    run = proposing()
    to = run.case.last.seq
    seq = asked(run, asks())
    run.do(ZHAO, ("approve_request", {"request": seq}))
    still = asked(run, helps(run))
    run.do(ZHAO, ("rewind", {"to": to, "reason": "A mistake.", "clocks": "go_on"}))
    assert [task.seq for task in run.case.open_side_tasks] == [still]
    run.refuse(AboveCeiling, LIU, ("propose", BIG))


def test_chases_are_counted_and_move_nothing() -> None:
    run = proposing()
    etag, due = run.case.etag, run.case.next_due
    run.do(SHOP, ("chase", {"channel": "app", "note": "Where is my money?"}))
    run.do(CHEN, ("chase", {"channel": "phone"}))
    row = case_view(run.process, run.case)
    assert (row.chases, row.chased_at, row.unseen_by) == (2, run.now, (LIU.id,))
    assert (run.case.etag, run.case.next_due) == (etag, due)
    assert run.process.effects(run.case, run.case.last) == [notify("chased", "assignee")]
    run.do(LIU, ("propose", OFFER))
    assert case_view(run.process, run.case).unseen_by == ()
    assert case_view(run.process, run.case).chases == 2


def test_only_who_has_a_part_in_it_chases() -> None:
    run = proposing()
    run.refuse(NotYourCase, through("elsewhere"), ("chase", {"channel": "app"}))
    run.refuse(StepNotAllowed, person("yan.shu", "auditor"), ("chase", {"channel": "phone"}))


@pytest.mark.parametrize("steps", [("ask_approval", "approve_request"), ("ask_assistance",)])
def test_history_makes_the_same_case(steps: tuple[str, ...]) -> None:
    run = proposing()
    run.do(LIU, asks() if steps[0] == "ask_approval" else helps(run))
    if len(steps) > 1:
        run.do(ZHAO, ("approve_request", {"request": run.case.last.seq}))
    again = run.process.fold(run.case.opening, run.case.entries)
    assert again.side_tasks == run.case.side_tasks
    assert again == run.case
