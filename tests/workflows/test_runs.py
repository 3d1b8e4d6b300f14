"""On the real server: a case carried into new runs, requests done once, histories that replay."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ops.oracle.oracle import Oracle
from temporal.case_client import CaseClient
from temporal.results import CaseNotFound, Refused
from tests.support.cases import FINDING, LIU, WHOLE_COMPLAINT, ZHANG, new_number, opening, request
from tests.support.complaints import tell_by_hand
from tests.support.engine import Engine, running
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("runs")
SHORT_RUNS = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=30")
"""Makes the server suggest a new run after 30 events; the default is 4,096."""


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("runs"), *SHORT_RUNS) as up:
        yield up


async def whole_complaint(engine: Engine) -> str:
    """A complaint from start to end, its customer told in person."""
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number))
    for index, commands in enumerate(WHOLE_COMPLAINT):
        if index == len(WHOLE_COMPLAINT) - 1:
            await tell_by_hand(case_client, number)
        await case_client.submit(number, request(f"{number}-{index}", *commands))
        await settled(engine, number)
    return number


async def settled(engine: Engine, number: str) -> None:
    """Wait until all that is due is archived, and a new run that was due has begun."""
    handle = engine.client.get_workflow_handle(number)

    async def quiet() -> bool:
        description = await handle.describe()
        raw = description.raw_description
        waits = raw.pending_activities or raw.HasField("pending_workflow_task")
        # The server lets a new run wait a while; the SDK replays no history without a task.
        return not waits and description.history_length > 1

    await until(quiet)


async def runs(engine: Engine, number: str) -> list[str]:
    query = f"WorkflowId = '{number}'"
    return [run.run_id async for run in engine.client.list_workflows(query)]


async def test_a_case_lives_through_new_runs(engine: Engine) -> None:
    number = await whole_complaint(engine)

    async def carried() -> bool:
        return len(await runs(engine, number)) >= 3

    await until(carried)
    oracle = Oracle(engine.client, engine.store)
    assert await oracle.case(number) == []
    entries = await engine.store.entries.of("default", number)
    assert entries[-1].led_to == "closed"
    assert len({e.cause.request for e in entries if e.cause.request}) == len(WHOLE_COMPLAINT) + 2


async def test_a_request_is_done_once_across_runs(engine: Engine) -> None:
    case_client = CaseClient(engine.client)
    number = await whole_complaint(engine)
    before = await engine.store.entries.of("default", number)
    again = await case_client.submit(
        number, request(f"{number}-0", *WHOLE_COMPLAINT[0], attempt="again")
    )
    assert again.replayed
    assert again.receipt is not None
    assert (again.receipt.first, again.receipt.last) == (2, 3)
    assert await engine.store.entries.of("default", number) == before


async def test_the_same_id_with_another_body_is_refused(engine: Engine) -> None:
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number))
    await case_client.submit(number, request("once", ("accept", {}), digest="a"))
    with pytest.raises(Refused) as refused:
        await case_client.submit(number, request("once", ("accept", {}), digest="b"))
    assert refused.value.code == "request_reused"


async def test_ten_at_once_with_one_id_do_it_once(engine: Engine) -> None:
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number))
    one = request("the-same", ("accept", {}))
    results = await asyncio.gather(*(case_client.submit(number, one) for _ in range(10)))
    assert {each.receipt.last for each in results if each.receipt} == {2}
    assert len(await engine.store.entries.of("default", number)) == 2


async def test_two_claims_have_one_winner(engine: Engine) -> None:
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number))
    claims = (
        case_client.submit(number, request(a.id, ("claim", {}), actor=a)) for a in (LIU, ZHANG)
    )
    results = await asyncio.gather(*claims, return_exceptions=True)
    losers = [each for each in results if isinstance(each, Refused)]
    assert len(losers) == 1
    assert losers[0].code == "task_taken"
    winner = (await case_client.snapshot(number)).assignee
    assert losers[0].params["by"] == winner


async def test_a_refusal_leaves_no_event(engine: Engine) -> None:
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number))
    await case_client.submit(number, request("in", ("accept", {})))
    handle = engine.client.get_workflow_handle(number)
    before = len((await handle.fetch_history()).events)
    for commands in (
        ("investigate", FINDING),
        ("classify", {"category": "no such"}),
        ("release", {}),
    ):
        with pytest.raises(Refused):
            await case_client.submit(number, request(f"bad-{commands[0]}", commands))
    assert len((await handle.fetch_history()).events) == before


async def test_unknown_cases_are_not_found(engine: Engine) -> None:
    with pytest.raises(CaseNotFound):
        await CaseClient(engine.client).submit(new_number(), request("x", ("accept", {})))


async def test_histories_replay_under_any_hash_seed(engine: Engine, tmp_path: Path) -> None:
    number = await whole_complaint(engine)
    files: list[Path] = []
    for run in await runs(engine, number):
        history = await engine.client.get_workflow_handle(number, run_id=run).fetch_history()
        files.append(tmp_path / f"{run}.json")
        files[-1].write_text(history.to_json())
    assert len(files) >= 3
    for seed in ("1", "2"):
        replayed = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.replay", *files,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert await replayed.wait() == 0
