"""A customer who writes after a case is closed: a task to open it again, or to let it be."""

from datetime import timedelta

import pytest

from cases.common.figures import REOPEN_WINDOW
from domain.errors import NoTask, NotAwaited, NotHeard, StepNotOffered
from domain.language.entries import EntryType
from domain.language.table import WaitsOn
from domain.read_models.projection import TaskView, case_view, task_views
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, LIU, SHOP

SOLVED = {"reached": True, "solved": True, "satisfaction": "satisfied"}


@pytest.fixture
def closed() -> CaseDriver:
    """Return an inquiry that was answered by 刘洋 and is closed."""
    run = CaseDriver("inquiry", actor=SHOP, customer="customer-1")
    run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
    run.do(LIU, ("claim", {}))
    run.do(LIU, ("answer", {"answer": "Here it is."}))
    run.tell_customer()
    run.do(LIU, ("follow_up", SOLVED))
    assert run.process.state_of(run.case).closed
    return run


def hear(run: CaseDriver, message: str = "co-1") -> None:
    form = {"message": message, "written_at": run.now.isoformat()}
    run.do(SHOP, ("hear", form), id=f"message:{message}")


def open_tasks(run: CaseDriver) -> list[TaskView]:
    return [task for task in task_views(run.process, run.case, 0) if not task.done_at]


def test_it_is_a_task_for_whoever_held_the_case(closed: CaseDriver) -> None:
    assert open_tasks(closed) == []
    closed.pass_time(DAY)
    hear(closed)
    assert closed.case.last.type is EntryType.HEARD
    [task] = open_tasks(closed)
    holder = closed.holder
    assert (task.seq, task.assignee) == (closed.case.last.seq, holder)
    assert (task.steps, task.state) == (("reopen",), closed.case.state)
    assert set(LIU.roles) <= set(task.candidates)
    view = case_view(closed.process, closed.case)
    assert (view.waits_on, view.closed_at is None) == (WaitsOn.STAFF.value, False)
    closed.refuse(
        NotAwaited, SHOP, ("hear", {"message": "co-2", "written_at": closed.now.isoformat()})
    )


def test_it_is_done_by_opening_the_case_again(closed: CaseDriver) -> None:
    hear(closed)
    closed.do(LIU, ("reopen", {"reason": "It is not solved."}))
    [task] = open_tasks(closed)
    assert task.seq == closed.case.last.seq
    assert closed.case.heard is None


@pytest.mark.parametrize("answer", [("notify", {"text": "It is as we said."}), ("await", {})])
def test_it_is_done_by_an_answer_and_the_case_stays_closed(
    closed: CaseDriver, answer: tuple[str, dict[str, str]]
) -> None:
    over = closed.process.steps_end_at(closed.case)
    hear(closed)
    closed.do(LIU, answer)
    assert open_tasks(closed) == []
    assert closed.process.state_of(closed.case).closed
    assert closed.process.steps_end_at(closed.case) == over
    closed.refuse(NoTask, LIU, ("claim", {}))
    closed.refuse(NotHeard, LIU, ("await", {}))
    hear(closed, "co-2")
    assert [task.seq for task in open_tasks(closed)] == [closed.case.last.seq]


def test_a_case_is_not_over_while_somebody_waits_for_an_answer(closed: CaseDriver) -> None:
    closed.pass_time(REOPEN_WINDOW.usual - HOUR)
    hear(closed)
    closed.pass_time(DAY)
    assert closed.process.steps_end_at(closed.case) is None
    closed.refuse(StepNotOffered, LIU, ("reopen", {"reason": "x"}))
    closed.do(LIU, ("notify", {"text": "We opened a new case for it."}))
    over = closed.process.steps_end_at(closed.case)
    assert over is not None
    assert over < closed.now


def test_later_it_opens_nothing(closed: CaseDriver) -> None:
    closed.pass_time(REOPEN_WINDOW.usual - timedelta(minutes=1))
    closed.refuse(
        NotAwaited, SHOP, ("hear", {"message": "co-1", "written_at": closed.now.isoformat()})
    )


def test_what_was_withdrawn_waits_for_nobody() -> None:
    run = CaseDriver("inquiry", actor=SHOP, customer="customer-1")
    run.do(SHOP, ("withdraw", {}))
    run.pass_time(MINUTE)
    run.refuse(NotAwaited, SHOP, ("hear", {"message": "co-1", "written_at": run.now.isoformat()}))
