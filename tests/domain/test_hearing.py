"""A customer who writes while a case waits for them: the pause ends, and it waits for us."""

from datetime import datetime

import pytest

from cases.common.clocks import RESOLUTION
from cases.complaint.figures import OFFER_LAPSES
from domain.errors import NotAwaited, NotHeard, StepNotAllowed, TaskDone, TaskTaken
from domain.language.clocks import ClockInstance
from domain.language.entries import EntryType
from domain.language.table import WaitsOn
from domain.read_models.explain import explain
from domain.read_models.projection import case_view, task_views
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, WANG, ZHANG


@pytest.fixture
def offered() -> CaseDriver:
    """Return a case that waits for the customer's answer to an offer, its resolution paused."""
    driver = CaseDriver(actor=SHOP)
    driver.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    driver.do(LIU, ("claim", {}))
    driver.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    assert resolution(driver).paused_at == driver.now
    return driver


def resolution(driver: CaseDriver) -> ClockInstance:
    return driver.case.clocks[RESOLUTION.name]


def hear(driver: CaseDriver, written_at: datetime, message: str = "co-1") -> None:
    form = {"message": message, "written_at": written_at.isoformat()}
    driver.do(SHOP, ("hear", form), id=f"message:{message}")


def test_the_pause_ends_when_the_customer_writes(offered: CaseDriver) -> None:
    paused_at = offered.now
    offered.pass_time(3 * HOUR)
    written_at = offered.now
    offered.pass_time(HOUR)
    hear(offered, written_at)
    assert offered.case.last.type is EntryType.HEARD
    # It counts from when it was written, not from when the case heard of it.
    assert resolution(offered).pauses[-1] == (paused_at, written_at)
    assert resolution(offered).state.value == "running"
    view = case_view(offered.process, offered.case)
    assert (view.state, view.waits_on) == ("proposed", WaitsOn.STAFF.value)


def test_it_is_a_task_until_it_is_answered(offered: CaseDriver) -> None:
    before = task_views(offered.process, offered.case, 0)
    assert all(task.done_at for task in before), "nobody had anything to do"
    hear(offered, offered.now)
    seq = offered.case.last.seq
    [task] = [each for each in task_views(offered.process, offered.case, 0) if not each.done_at]
    assert (task.seq, task.state, task.assignee) == (seq, "proposed", LIU.id)
    assert "accept_solution" in task.steps
    # It is worked on as any other task, by its own number.
    offered.do(WANG, ("assign", {"assignee": ZHANG.id, "roles": list(ZHANG.roles)}), task=seq)
    offered.refuse(TaskDone, ZHANG, ("release", {}), task=seq - 1)
    offered.do(ZHANG, ("notify", {"text": "Yes."}), task=seq)
    last = task_views(offered.process, offered.case, 0)[-1]
    assert (last.seq, last.done_by) == (seq, ZHANG.id)
    hear(offered, offered.now, "co-2")
    assert task_views(offered.process, offered.case, 0)[-1].seq == offered.case.last.seq
    offered.do(ZHANG, ("accept_solution", {}))
    assert [t.seq for t in task_views(offered.process, offered.case, 0) if not t.done_at] == [
        offered.case.last.seq
    ]


def test_it_is_paused_again_when_somebody_answers(offered: CaseDriver) -> None:
    offered.pass_time(HOUR)
    hear(offered, offered.now)
    offered.pass_time(HOUR)
    offered.do(LIU, ("notify", {"text": "Yes, in cash too."}))
    assert resolution(offered).paused_at == offered.now
    assert case_view(offered.process, offered.case).waits_on == WaitsOn.CUSTOMER.value
    hear(offered, offered.now, "co-2")
    assert resolution(offered).paused_at is None
    begun = [pause.entry for each in explain(offered.process, offered.case, offered.now)
             if each.clock == RESOLUTION.name for pause in each.pauses]  # fmt: skip
    types = [offered.case.entries[seq - 1] for seq in begun]
    assert [entry.step or entry.type.value for entry in types] == ["propose", "notified"]


def test_what_comes_next_goes_on_as_ever(offered: CaseDriver) -> None:
    hear(offered, offered.now)
    due = resolution(offered).due
    offered.do(LIU, ("accept_solution", {"note": "He says yes."}))
    assert offered.case.heard is None
    assert resolution(offered).due == due


def test_a_message_from_before_the_pause_takes_nothing_from_it(offered: CaseDriver) -> None:
    paused_at = offered.now
    hear(offered, offered.now - DAY)
    assert resolution(offered).pauses[-1] == (paused_at, paused_at)


def test_a_message_from_a_clock_that_goes_ahead_came_when_it_was_heard(
    offered: CaseDriver,
) -> None:
    offered.pass_time(HOUR)
    before = resolution(offered).spent(offered.now)
    hear(offered, offered.now + 3 * DAY)
    assert resolution(offered).pauses[-1][1] == offered.now
    assert resolution(offered).spent(offered.now) == before
    offered.pass_time(HOUR)
    assert resolution(offered).spent(offered.now) == before + HOUR


def test_the_second_message_changes_nothing_and_the_same_comes_once(offered: CaseDriver) -> None:
    hear(offered, offered.now)
    entries, now = len(offered.case.entries), offered.now
    hear(offered, now)
    assert len(offered.case.entries) == entries
    form = {"message": "co-2", "written_at": now.isoformat()}
    offered.refuse(NotAwaited, SHOP, ("hear", form))


def test_a_case_that_waits_for_us_hears_nothing_new() -> None:
    driver = CaseDriver(actor=SHOP)
    form = {"message": "co-1", "written_at": driver.now.isoformat()}
    driver.refuse(NotAwaited, SHOP, ("hear", form))


def test_staff_cannot_say_that_the_customer_wrote(offered: CaseDriver) -> None:
    form = {"message": "co-1", "written_at": offered.now.isoformat()}
    offered.refuse(StepNotAllowed, LIU, ("hear", form))


def test_nothing_lapses_while_a_message_waits_for_us(offered: CaseDriver) -> None:
    """Who wins is said: the message came before the lapse, so it is ours to answer first."""
    hear(offered, offered.now)
    offered.pass_time(30 * DAY)
    offered.process.settle(offered.case, offered.now)
    assert offered.case.state == "proposed"
    assert offered.case.clocks[RESOLUTION.name].breached_at is not None
    offered.do(LIU, ("await", {"note": "He thanked us."}))
    answered_at = offered.now
    offered.refuse(NotHeard, LIU, ("await", {}))
    # The customer has the whole time again.
    offered.process.settle(offered.case, answered_at + OFFER_LAPSES.usual - MINUTE)
    assert offered.case.state == "proposed"
    offered.now = answered_at + OFFER_LAPSES.usual
    offered.process.settle(offered.case, offered.now)
    assert offered.case.last.step == "offer_lapsed"
    form = {"message": "co-2", "written_at": (offered.now - MINUTE).isoformat()}
    offered.refuse(NotAwaited, SHOP, ("hear", form))


def test_only_who_may_answer_says_that_no_answer_is_needed(offered: CaseDriver) -> None:
    hear(offered, offered.now)
    offered.refuse(TaskTaken, ZHANG, ("await", {}))
    offered.do(WANG, ("await", {}))
