"""On the real server: large cases go on in new runs, and those that are too large in their own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from cases import CURRENT
from domain.engine.capacity import FULL
from domain.engine.messages import CaseInput
from domain.read_models.projection import CaseView
from ops.incidents.incidents import find_incidents
from ops.oracle.oracle import Oracle
from temporal.case_client import CaseClient
from temporal.names import TASK_QUEUE
from tests.support.cases import CHEN, FINDING, OFFER, SORTED, new_number, opening, request
from tests.support.engine import Engine, running
from tests.support.waiting import until
from tests.workflows.test_runs import SHORT_RUNS, runs
from workflows.case import MAX_CARRIED_OVER

pytestmark = pytest.mark.xdist_group("capacity")
LONGEST = "🀄" * 3990


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("capacity"), *SHORT_RUNS) as up:
        yield up


def case_of(size: int) -> CaseInput:
    """A complaint of so many bytes, as it could become before there were bounds."""
    process, at = CURRENT["complaint"], datetime.now(UTC)
    case = process.open(opening(new_number(), customer="customer-1"), at)
    process.apply_request(case, request("in", ("accept", {}), ("classify", SORTED), actor=CHEN), at)
    process.apply_request(case, request("mine", ("claim", {})), at)
    while case.size < size:
        text = {"text": f"{case.next_seq} {LONGEST}"}
        process.apply_request(case, request(f"n{case.next_seq}", ("notify", text)), at)
    return CaseInput(opening=case.opening, entries=tuple(case.entries))


async def begun(engine: Engine, size: int) -> str:
    """Start such a case, of which nothing is recorded yet."""
    case_input = case_of(size)
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
    for name, form in (
        ("investigate", FINDING),
        ("propose", OFFER),
        ("accept_solution", {}),
        ("carry_out", {"done": "x" * 4000}),
    ):

        async def recorded(name: str = name, form: object = form) -> bool:
            step = request(f"go-{name}", (name, form))  # type: ignore[arg-type]
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
    number = await begun(engine, MAX_CARRIED_OVER - 20_000)
    await go_on(engine, number)
    handle = engine.client.get_workflow_handle(number)
    assert (await handle.describe()).history_length > 30
    assert len(await runs(engine, number)) == 1
    assert [each async for each in find_incidents(engine.client, [number], tolerated=1)] == []
