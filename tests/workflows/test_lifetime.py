"""How long a case lives: lapses, the reopen window, the end, a new run."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from domain.language.entries import EntryType
from temporal.case_client import CaseClient
from temporal.results import CaseOver, Refused
from tests.domain.return_case import HE
from tests.support.cases import LIU, SHOP, WHOLE_COMPLAINT, new_number, opening, request
from tests.support.complaints import submit_complaint, tell_by_hand, until_state
from tests.support.time_skipping import Skipping, skipping

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("skipping")) as running:
        yield running


async def opened(engine: Skipping, upto: int) -> str:
    """A complaint taken through its first requests."""
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number, received_at=await engine.now()))
    await submit_complaint(case_client, number, upto)
    return number


async def closed(engine: Skipping) -> str:
    case_client, number = CaseClient(engine.client), await opened(engine, 6)
    await tell_by_hand(case_client, number)
    await case_client.submit(number, request("end", *WHOLE_COMPLAINT[6]))
    return number


async def _in(case_client: CaseClient, number: str, state: str) -> bool:
    return (await case_client.snapshot(number)).state == state


async def test_an_unanswered_offer_lapses_when_it_is_due(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = await opened(engine, 4)
    offered = (await case_client.snapshot(number)).since
    await engine.skip(7 * DAY - timedelta(minutes=1))
    assert await _in(case_client, number, "proposed")
    await engine.skip(timedelta(minutes=2))
    await until_state(case_client, number, "telling_by_hand")
    entries = await engine.store.entries.of("default", number)
    lapse = next(entry for entry in entries if entry.step == "offer_lapsed")
    assert (lapse.at, lapse.due_at) == (offered + 7 * DAY, offered + 7 * DAY)
    assert lapse.detected_at is not None
    assert lapse.detected_at >= lapse.at


async def test_an_answer_in_time_stops_the_timer(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = await opened(engine, 5)
    await engine.skip(8 * DAY)
    assert await _in(case_client, number, "carrying_out")


async def test_a_closed_case_can_be_reopened_for_seven_days(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = await closed(engine)
    await engine.skip(6 * DAY)
    again = request("again", ("reopen", {"reason": "It broke again."}))
    result = await case_client.submit(number, again)
    assert result.receipt is not None
    assert result.receipt.state == "proposing"
    await engine.skip(30 * DAY)
    assert await _in(case_client, number, "proposing")


async def test_after_the_window_the_workflow_ends(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = await closed(engine)
    await engine.skip(7 * DAY + timedelta(minutes=1))
    result = await engine.client.get_workflow_handle(number).result()
    assert result["state"] == "closed"
    with pytest.raises(CaseOver):
        await case_client.submit(number, request("late", ("reopen", {"reason": "too late"})))


async def test_the_workflow_waits_for_a_measure_and_ends_when_it_is_checked(
    engine: Skipping,
) -> None:
    case_client, number = CaseClient(engine.client), await closed(engine)
    due = ((await engine.now()) + 60 * DAY).date().isoformat()
    measure = {"measure": "Another supplier.", "owner": "procurement", "due": due}
    recorded = await case_client.submit(number, request("measure", ("record_measure", measure)))
    assert recorded.receipt is not None
    await engine.skip(61 * DAY)
    assert await _in(case_client, number, "closed")
    effect = {"of": recorded.receipt.last, "effective": True, "effect": "No more of it."}
    await case_client.submit(number, request("check", ("check_measure", effect)))
    result = await engine.client.get_workflow_handle(number).result()
    assert result["state"] == "closed"


async def test_only_reopening_is_left_of_a_closed_case(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = await closed(engine)
    with pytest.raises(Refused) as refused:
        await case_client.submit(number, request("more", ("carry_out", {"done": "more"})))
    assert refused.value.code == "step_not_offered"


async def test_the_customer_withdraws_through_the_shop(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number = new_number()
    await case_client.start(opening(number, actor=SHOP, received_at=await engine.now()))
    await case_client.submit(
        number, request("off", ("withdraw", {"reason": "solved itself"}), actor=SHOP)
    )
    entries = await engine.store.entries.of("default", number)
    assert [entry.type for entry in entries] == [EntryType.OPENED, EntryType.STEPPED]
    assert (await case_client.snapshot(number)).outcome == "withdrawn"


@pytest.mark.parametrize("days", [6, 8])
async def test_goods_of_a_withdrawn_return_are_taken_in_for_a_week(
    engine: Skipping, days: int
) -> None:
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number, "returns", SHOP, received_at=await engine.now()))
    await case_client.submit(number, request("off", ("withdraw", {}), actor=SHOP))
    await engine.skip(days * DAY)
    parcel = request("parcel", ("receive", {}), actor=HE)
    if days > 7:
        with pytest.raises(CaseOver):
            await case_client.submit(number, parcel)
    else:
        await case_client.submit(number, parcel)
        assert await _in(case_client, number, "goods_here")


async def test_the_workflow_also_runs_inside_the_sandbox(tmp_path: Path) -> None:
    async with skipping(tmp_path, SandboxedWorkflowRunner()) as engine:
        case_client = CaseClient(engine.client)
        number = await opened(engine, 3)
        assert (await case_client.snapshot(number)).assignee == LIU.id
