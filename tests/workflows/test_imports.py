"""Cases of another system under Temporal's own time: they go on, and their history replays."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from cases import CURRENT
from domain.engine.messages import opening_of
from domain.language.entries import EntryType
from domain.read_models.projection import projection_update
from ops.conformance import check_conformance
from store.projection import rows_of, same_rows
from temporal.case_client import CaseClient
from tests.support.cases import FINDING, SORTED, new_number, opening, request
from tests.support.replay import replay
from tests.support.time_skipping import Skipping, skipping
from tests.support.waiting import until
from tests.workflows.test_hold import entries

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("imports")) as running:
        yield running


async def taken_over(engine: Skipping, age: timedelta, **imported: object) -> str:
    """Import a complaint of this age; return its number once it is recorded."""
    number, now = new_number(), await engine.now()
    first = opening(
        number, received_at=now - age, source="oldsys", imported=imported, customer="customer-1"
    )
    await CaseClient(engine.client).start(first)

    async def recorded() -> bool:
        return await engine.store.cases.get("default", number) is not None

    await until(recorded)
    return number


async def check(engine: Skipping, number: str) -> None:
    """What is recorded is what the history makes, and the history replays."""
    recorded = await entries(engine, number)
    assert not check_conformance("default", number, recorded)
    case = CURRENT["complaint"].fold(opening_of(recorded[0]), recorded)
    made = rows_of(projection_update(CURRENT["complaint"], case, 0))
    stored = (await engine.store.projection.rows("default", [number]))[number]
    assert same_rows(made, stored)
    history = await engine.client.get_workflow_handle(number).fetch_history()
    await replay(number, history.to_json())


async def test_an_old_one_goes_on_and_sends_nothing_of_what_was(engine: Skipping) -> None:
    number = await taken_over(engine, 30 * DAY, state="investigating", classification=SORTED)
    assert [each.type for each in await entries(engine, number)] == [EntryType.OPENED]
    assert await engine.store.outbox.of("default", number) == []
    await CaseClient(engine.client).submit(number, request("go", ("investigate", FINDING)))
    row = await engine.store.cases.get("default", number)
    assert row is not None
    assert row.state == "proposing"
    await check(engine, number)


async def test_what_becomes_due_here_is_told_here(engine: Skipping) -> None:
    number = await taken_over(engine, 47 * HOUR, state="investigating", classification=SORTED)
    await engine.skip(2 * HOUR)

    async def breached() -> bool:
        return EntryType.BREACHED in {each.type for each in await entries(engine, number)}

    await until(breached)
    assert await engine.store.outbox.of("default", number)
    await check(engine, number)


async def test_what_was_done_there_does_nothing_here(engine: Skipping) -> None:
    steps = [{"step": "propose", "form": {"solution": "退款", "cost": {"amount": "20.00"}}}]
    number = await taken_over(
        engine, 3 * DAY, state="proposing", classification=SORTED, steps=steps
    )
    opened, offered = await entries(engine, number)
    assert (opened.led_to, offered.led_to, offered.actor.id) == ("proposing", "proposed", "oldsys")
    assert await engine.store.outbox.of("default", number) == []
    await CaseClient(engine.client).submit(
        number, request("yes", ("accept_solution", {"offer": 2}))
    )
    row = await engine.store.cases.get("default", number)
    assert row is not None
    assert row.state == "carrying_out"
    await check(engine, number)


async def test_a_closed_one_ends_at_once(engine: Skipping) -> None:
    closed_at = await engine.now() - 20 * DAY
    number = await taken_over(engine, 30 * DAY, state="closed", closed_at=closed_at.isoformat())
    result = await engine.client.get_workflow_handle(number).result()
    assert (result["state"], result["outcome"]) == ("closed", "solved")
    await check(engine, number)
