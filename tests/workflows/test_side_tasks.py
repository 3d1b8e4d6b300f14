"""Requests to others under Temporal's own time: overdue once, to the second, and lapsing."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from cases import CURRENT
from domain.engine.messages import opening_of
from domain.language.entries import EntryType
from domain.read_models.projection import projection_update
from store.projection import rows_of, same_rows
from temporal.case_client import CaseClient
from temporal.results import Refused
from tests.support.cases import LIU, ZHAO, new_number, opening, request
from tests.support.complaints import submit_complaint
from tests.support.time_skipping import Skipping, skipping
from tests.workflows.test_hold import entries

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("side")) as running:
        yield running


async def asked(engine: Skipping, time: timedelta) -> tuple[str, int, datetime]:
    """A complaint in Liu's hands who asked a team: its number, the entry, and when it is due."""
    case_client, number = CaseClient(engine.client), new_number()
    await case_client.start(opening(number, received_at=await engine.now(), customer="customer-1"))
    await submit_complaint(case_client, number, 2)
    due_at = (await engine.now()).replace(microsecond=0) + time
    form = {"team": "technical", "question": "Is it the battery?", "due_at": due_at.isoformat()}
    done = await case_client.submit(number, request(f"{number}-ask", ("ask_assistance", form)))
    assert done.receipt is not None
    return number, done.receipt.first, due_at


async def test_it_becomes_overdue_by_itself_once(engine: Skipping) -> None:
    number, seq, due_at = await asked(engine, 3 * HOUR)
    await engine.skip(2 * HOUR)
    assert EntryType.REQUEST_OVERDUE not in [e.type for e in await entries(engine, number)]
    await engine.skip(3 * HOUR)
    (overdue,) = [
        each for each in await entries(engine, number) if each.type is EntryType.REQUEST_OVERDUE
    ]
    assert (overdue.due_at, overdue.at, overdue.cause.entry) == (due_at, due_at, seq)
    assert overdue.detected_at is not None
    assert due_at <= overdue.detected_at < due_at + MINUTE
    task = await engine.store.tasks.get("default", number, seq)
    assert task is not None
    assert (task.request, task.due_at, task.done_at) == ("assistance", due_at, None)


async def test_it_lapses_with_the_case_and_history_makes_the_same_rows(engine: Skipping) -> None:
    number, seq, _ = await asked(engine, 3 * HOUR)
    case_client = CaseClient(engine.client)
    money = {"amount": {"amount": "800.00"}, "reason": "A loyal customer."}
    await case_client.submit(number, request(f"{number}-money", ("ask_approval", money)))
    form = {"request": seq + 1}
    with pytest.raises(Refused) as own:
        await case_client.submit(number, request(f"{number}-own", ("approve_request", form)))
    assert own.value.code == "own_request"
    await case_client.submit(
        number, request(f"{number}-given", ("approve_request", {"request": seq + 1}), actor=ZHAO)
    )
    withdrawal = ("withdraw", {"reason": "The customer called."})
    await case_client.submit(number, request(f"{number}-end", withdrawal, actor=LIU))
    recorded = await entries(engine, number)
    (lapsed,) = [each for each in recorded if each.type is EntryType.REQUEST_LAPSED]
    assert lapsed.form == {"request": seq}
    process = CURRENT["complaint"]
    case = process.fold(opening_of(recorded[0]), recorded)
    made = rows_of(projection_update(process, case, 0))
    stored = (await engine.store.projection.rows("default", [number]))[number]
    assert same_rows(made, stored)
