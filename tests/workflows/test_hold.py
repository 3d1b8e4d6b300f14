"""A task on hold under Temporal's own time: back once, to the second, whatever happens."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from cases import CURRENT
from domain.engine.messages import opening_of
from domain.language.entries import Entry, EntryType
from domain.read_models.projection import projection_update
from store.projection import rows_of, same_rows
from temporal.case_client import CaseClient
from temporal.results import Refused
from tests.support.cases import LIU, WHOLE_COMPLAINT, new_number, opening, request
from tests.support.complaints import submit_complaint
from tests.support.time_skipping import Skipping, skipping
from tests.support.waiting import until

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("hold")) as running:
        yield running


async def put_on_hold(engine: Skipping, time: timedelta) -> tuple[str, datetime]:
    """A complaint in Liu's hands, on hold for so long; its number, and until when."""
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number, received_at=await engine.now(), customer="customer-1"))
    await submit_complaint(case_client, number, 2)
    back = (await engine.now()).replace(microsecond=0) + time
    form = {"until": back.isoformat(), "reason": "The part comes on Friday."}
    await case_client.submit(number, request(f"{number}-hold", ("hold", form)))
    return number, back


async def entries(engine: Skipping, number: str) -> list[Entry]:
    """All of it, once it is recorded."""

    async def recorded() -> bool:
        row = await engine.store.cases.get("default", number)
        return row == await CaseClient(engine.client).snapshot(number)

    await until(recorded)
    return await engine.store.entries.of("default", number)


async def test_it_comes_back_by_itself_once(engine: Skipping) -> None:
    number, back = await put_on_hold(engine, 3 * HOUR)
    row = await engine.store.cases.get("default", number)
    (task,) = [t for t in await engine.store.tasks.of("default", number) if not t.done_at]
    assert row is not None
    assert (row.held_until, task.held_until) == (back, back)
    await engine.skip(2 * HOUR)
    assert EntryType.RESUMED not in [e.type for e in await entries(engine, number)]
    await engine.skip(2 * HOUR)
    recorded_entries = await entries(engine, number)
    (resumed,) = [e for e in recorded_entries if e.type is EntryType.RESUMED]
    assert (resumed.due_at, resumed.at) == (back, back)
    assert resumed.detected_at is not None
    assert back <= resumed.detected_at < back + MINUTE
    row = await engine.store.cases.get("default", number)
    assert row is not None
    assert (row.held_until, row.assignee) == (None, LIU.id)


async def test_a_promise_is_broken_while_it_is_on_hold(engine: Skipping) -> None:
    number, _ = await put_on_hold(engine, 10 * DAY)
    for _ in range(4):
        await engine.skip(DAY)
    recorded_entries = await entries(engine, number)
    mine = [e.type for e in recorded_entries if e.form.get("clock") == "resolution"]
    assert mine == [EntryType.WARNED, EntryType.WARNED, EntryType.BREACHED, EntryType.ESCALATED]
    row = await engine.store.cases.get("default", number)
    assert row is not None
    assert row.held_until is not None


async def test_what_is_done_before_leaves_nothing_for_the_timer(engine: Skipping) -> None:
    case_client = CaseClient(engine.client)
    number, back = await put_on_hold(engine, DAY)
    again = {"until": back.isoformat(), "reason": "again"}
    with pytest.raises(Refused) as refused:
        await case_client.submit(number, request(f"{number}-again", ("hold", again)))
    assert refused.value.code == "on_hold"
    await case_client.submit(number, request(f"{number}-said", ("notify", {"text": "On Friday."})))
    await case_client.submit(number, request(f"{number}-on", *WHOLE_COMPLAINT[2]))
    await engine.skip(2 * DAY)
    recorded_entries = await entries(engine, number)
    assert EntryType.RESUMED not in [e.type for e in recorded_entries]
    messages = [row for row in await engine.store.outbox.of("default", number) if row.seq > 1]
    assert [(row.template, row.to) for row in messages if row.template == "message"] == [
        ("message", "customer")
    ]
    assert (await case_client.snapshot(number)).held_until is None


async def test_the_rows_are_what_the_entries_make(engine: Skipping) -> None:
    number, _ = await put_on_hold(engine, DAY)
    recorded_entries = await entries(engine, number)
    rows = (await engine.store.projection.rows("default", [number]))[number]
    process = CURRENT["complaint"]
    case = process.fold(opening_of(recorded_entries[0]), recorded_entries)
    assert same_rows(rows, rows_of(projection_update(process, case, 0)))
