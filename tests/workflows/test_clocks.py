"""Clocks under Temporal's own time: warned, breached once, escalated, to the second."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from cases import CURRENT
from domain.language.entries import Entry, EntryType
from domain.read_models.projection import ClockView
from temporal.case_client import CaseClient
from tests.support.cases import LIU, ZHAO, new_number, opening, request
from tests.support.complaints import submit_complaint, tell_by_hand
from tests.support.time_skipping import Skipping, skipping
from tests.support.waiting import until

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LADDER = [EntryType.WARNED, EntryType.WARNED, EntryType.BREACHED, EntryType.ESCALATED]


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("clocks")) as running:
        yield running


async def received(engine: Skipping, kind: str = "complaint", at: datetime | None = None) -> str:
    number = new_number(CURRENT[kind].prefix)
    await CaseClient(engine.client).start(
        opening(number, kind, received_at=at or await engine.now())
    )
    return number


async def milestones(engine: Skipping, number: str, clock: str) -> list[Entry]:
    """The milestones of a clock that were reached, once all of them are recorded."""

    async def recorded() -> bool:
        row = await engine.store.cases.get("default", number)
        return row == await CaseClient(engine.client).snapshot(number)

    await until(recorded)
    entries = await engine.store.entries.of("default", number)
    return [each for each in entries if each.form.get("clock") == clock and "rungs" in each.form]


async def clock(engine: Skipping, number: str, name: str) -> ClockView:
    clocks = await engine.store.clocks.of("default", number)
    return next(each for each in clocks if each.clock == name)


@pytest.mark.parametrize("kind", sorted(set(CURRENT)))
async def test_fifteen_minutes_and_the_hours_warn_breach_once_and_escalate(
    engine: Skipping, kind: str
) -> None:
    number = await received(engine, kind)
    start = (await CaseClient(engine.client).snapshot(number)).received_at
    for pause in (8 * MINUTE, 4 * MINUTE, 4 * MINUTE, DAY, DAY, DAY, DAY):
        await engine.skip(pause)
    budgets = {"response": 15 * MINUTE, "acceptance": 24 * HOUR, "resolution": 48 * HOUR}
    for name, budget in budgets.items():
        events = await milestones(engine, number, name)
        assert [each.type for each in events] == LADDER
        moments = [budget / 2, budget * 3 / 4, budget, budget + DAY]
        assert [each.due_at for each in events] == [start + moment for moment in moments]
        assert all((each.detected_at or start) >= (each.due_at or start) for each in events)
        assert (await clock(engine, number, name)).state == "breached"


async def test_follow_up_is_due_72_hours_after_the_customer_was_told(engine: Skipping) -> None:
    case_client, number = CaseClient(engine.client), await received(engine)
    await submit_complaint(case_client, number, 6)
    await tell_by_hand(case_client, number)
    told_at = (await case_client.snapshot(number)).since
    for _ in range(5):
        await engine.skip(DAY)
    events = await milestones(engine, number, "follow_up")
    assert [each.type for each in events] == LADDER
    assert events[2].due_at == told_at + 72 * HOUR
    assert (await clock(engine, number, "resolution")).state == "met"


async def test_a_pause_moves_the_due_time_by_exactly_the_pause(engine: Skipping) -> None:
    case_client, number = CaseClient(engine.client), await received(engine)
    await submit_complaint(case_client, number, 4)
    before = await clock(engine, number, "resolution")
    assert (before.state, before.due_at) == ("paused", None)
    await engine.skip(3 * DAY)
    await case_client.submit(number, request(f"{number}-no", ("reject_solution", {})))
    after, row = await clock(engine, number, "resolution"), await case_client.snapshot(number)
    paused: datetime = before.paused_at or row.since
    assert after.due_at == after.started_at + 48 * HOUR + (row.since - paused)
    assert await milestones(engine, number, "resolution") == []


async def test_a_case_born_overdue_breaches_once(engine: Skipping) -> None:
    raised = await engine.now() - 20 * HOUR
    number = await received(engine, at=raised)
    (only,) = await milestones(engine, number, "response")
    assert (only.type, only.due_at) == (EntryType.BREACHED, raised + 15 * MINUTE)
    assert only.detected_at is not None
    assert only.detected_at - raised >= 20 * HOUR


async def test_a_raised_task_is_kept_until_the_next_tier_claims_it(engine: Skipping) -> None:
    case_client, number = CaseClient(engine.client), await received(engine)
    await submit_complaint(case_client, number, 2)
    await engine.skip(49 * HOUR)
    assert (await case_client.snapshot(number)).assignee == LIU.id
    task = (await engine.store.tasks.of("default", number))[-1]
    assert "service_manager" in task.candidates
    await case_client.submit(number, request(f"{number}-up", ("claim", {}), actor=ZHAO))
    assert (await case_client.snapshot(number)).assignee == ZHAO.id
