"""On a real server: what time brings about queues behind what people wait for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.language.entries import EntryType
from temporal.case_client import CaseClient
from tests.support.cases import new_number, opening
from tests.support.engine import Engine, running
from tests.support.waiting import until

HALF_OF_THE_RESPONSE = timedelta(minutes=7.5)
SOON = timedelta(seconds=1)
USUAL, BEHIND = 0, 4


async def priorities(engine: Engine, number: str) -> list[int]:
    history = await engine.client.get_workflow_handle(number).fetch_history()
    scheduled = (event.activity_task_scheduled_event_attributes for event in history.events)
    return [each.priority.priority_key for each in scheduled if each.activity_id]


async def test_a_warning_is_recorded_behind_steps(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        number, received = new_number(), datetime.now(UTC) - HALF_OF_THE_RESPONSE + SOON
        await CaseClient(engine.client).start(opening(number, received_at=received))

        async def warned() -> bool:
            entries = await engine.store.entries.of("default", number)
            return any(entry.type is EntryType.WARNED for entry in entries)

        await until(warned)
        assert await priorities(engine, number) == [USUAL, BEHIND]
