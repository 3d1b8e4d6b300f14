"""On the real server: large cases go on in new runs, and those that are too large in their own."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import CURRENT
from domain.engine.capacity import FULL
from domain.engine.chain import entry_hash, first_break, link
from domain.engine.messages import CaseInput, Request
from domain.language.entries import Cause, EntryType
from domain.read_models.projection import CaseView
from ops.incidents.incidents import find_incidents
from ops.incidents.retry import retry
from ops.oracle.oracle import Oracle
from temporal.case_client import CaseClient
from temporal.histories import case_input_of
from temporal.names import TASK_QUEUE
from temporal.results import EngineDown
from tests.support.cases import CHEN, FINDING, OFFER, SORTED, new_number, opening, request
from tests.support.engine import Engine, running
from tests.support.waiting import until
from tests.workflows.test_runs import SHORT_RUNS, runs
from workflows.case import MAX_CARRIED_OVER

STEPS_LEFT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("investigate", {**FINDING, "finding": "长" * 4000}),
    ("propose", OFFER),
    ("accept_solution", {}),
    ("carry_out", {"done": "x" * 4000}),
)
pytestmark = pytest.mark.xdist_group("capacity")


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("capacity"), *SHORT_RUNS) as up:
        yield up


def case_of(size: int) -> CaseInput:
    """A complaint that takes a little more bytes to carry, as it could before there were bounds."""
    process, at = CURRENT["complaint"], datetime.now(UTC)
    case = process.open(opening(new_number(), customer="customer-1"), at)
    process.apply_request(case, request("in", ("accept", {}), ("classify", SORTED), actor=CHEN), at)
    process.apply_request(case, request("mine", ("claim", {})), at)
    while (left := size - case.size) > 0:
        text = {"text": f"{case.next_seq} " + "长" * max(1, min(left // 3 - 300, 3990))}
        process.apply_request(case, request(f"n{case.next_seq}", ("notify", text)), at)
    return CaseInput(opening=case.opening, entries=tuple(case.entries))


async def begun(engine: Engine, size: int) -> str:
    """Start such a case, of which nothing is recorded yet."""
    return await start(engine, case_of(size))


async def start(engine: Engine, case_input: CaseInput) -> str:
    """Start a case that has entries already, and wait until they are recorded."""
    number = case_input.opening.number
    await engine.client.start_workflow(
        case_input.opening.kind, case_input, id=number, task_queue=TASK_QUEUE
    )

    async def recorded() -> bool:
        row: CaseView | None = await engine.store.cases.get("default", number)
        return row is not None and row.last_seq >= len(case_input.entries)

    await until(recorded)
    return number


async def go_on(engine: Engine, number: str) -> None:
    """Take the steps that are left; each must be recorded."""
    case_client = CaseClient(engine.client)
    for name, form in STEPS_LEFT:
        step = request(f"go-{name}", (name, form))

        async def recorded(step: Request = step) -> bool:
            return (await case_client.submit(number, step)).recorded

        await until(recorded)
    assert await Oracle(engine.client, engine.store).case(number) == []


async def test_a_full_case_goes_on_in_new_runs(engine: Engine) -> None:
    number = await begun(engine, FULL)
    await go_on(engine, number)

    async def carried() -> bool:
        return len(await runs(engine, number)) > 1

    await until(carried)


async def test_a_case_too_large_for_a_new_run_goes_on_in_its_own(engine: Engine) -> None:
    """It was made that large before there were bounds, and nothing of it was recorded."""
    number = await begun(engine, MAX_CARRIED_OVER)
    await go_on(engine, number)
    handle = engine.client.get_workflow_handle(number)
    assert (await handle.describe()).history_length > 30
    assert len(await runs(engine, number)) == 1
    assert [each async for each in find_incidents(engine.client, [number], tolerated=1)] == []


async def test_a_case_that_stands_still_is_named_and_goes_on_when_it_is_retried(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under code that carried over whatever there was: Temporal refuses it for ever."""
    with monkeypatch.context() as before:
        before.setattr("workflows.case.MAX_CARRIED_OVER", 10 * MAX_CARRIED_OVER)
        number, sound = await begun(engine, MAX_CARRIED_OVER), await begun(engine, 10_000)
        case_client = CaseClient(engine.client)
        with suppress(EngineDown):
            for name, form in STEPS_LEFT:
                await case_client.submit(number, request(f"go-{name}", (name, form)))

        async def stands_still() -> bool:
            return any([each async for each in find_incidents(engine.client, [number], 1)])

        await until(stands_still)
        oracle = Oracle(engine.client, engine.store, catch_up=timedelta())
        findings = [finding async for finding in oracle.verify()]
        assert {finding.number for finding in findings} == {number}
        assert {finding.code for finding in findings} == {"no_answer"}
        assert await oracle.case(sound) == []
    assert (await retry(engine.client, number)).code
    await go_on(engine, number)


async def test_what_a_newer_version_wrote_goes_on_into_new_runs(engine: Engine) -> None:
    """And its entries still chain, are recorded as they are, and replay."""
    document = case_of(0).model_dump(mode="json")
    document["opening"]["branch"] = {"id": "north"}
    document["entries"][-1]["cause"]["seat"] = 7
    document["entries"][-1]["actor"]["grade"] = "senior"
    case_input = CaseInput.model_validate(document)
    noted = case_input.entries[-1].model_copy(
        update={"seq": len(case_input.entries) + 1, "type": EntryType("praised"), "step": None,
                "form": {"stars": 5}, "cause": Cause(entry=3)}
    )  # fmt: skip
    number = case_input.opening.number
    praised = link(noted, case_input.entries[-1], "default", number)
    await start(engine, case_input.model_copy(update={"entries": (*case_input.entries, praised)}))
    await go_on(engine, number)

    async def carried() -> bool:
        return len(await runs(engine, number)) > 1

    await until(carried)
    handle = engine.client.get_workflow_handle(number)
    begun = await case_input_of(engine.client.data_converter, (await handle.fetch_history()).events)
    assert begun is not None
    assert begun.opening.model_extra == {"branch": {"id": "north"}}
    assert praised in begun.entries
    stored = await engine.store.entries.of("default", number)
    assert first_break(stored, "default", number) is None
    assert stored[: praised.seq] == [*case_input.entries, praised]
    hashes = await engine.store.entry_hashes.read_case("default", number)
    assert [each.hash for each in hashes.entries] == [entry_hash(entry) for entry in stored]
