"""What a Temporal history yields, without running any code of the workflow."""

from collections.abc import Iterable
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from domain.entries import Entry
from domain.messages import Life
from domain.views import RecordBatch
from workflows.names import RECORD


async def life_of(converter: DataConverter, events: Iterable[HistoryEvent]) -> Life | None:
    """What the run began with."""
    for event in events:
        started = event.workflow_execution_started_event_attributes
        if started.input.payloads:
            life: Life = await _read(converter, started.input, Life)
            return life
    return None


async def entries_of(converter: DataConverter, events: Iterable[HistoryEvent]) -> list[Entry]:
    """All entries of a case: those its latest run began with, and those it had recorded."""
    life, found = await life_of(converter, events), {}
    if life:
        found = {entry.seq: entry for entry in life.entries}
    for event in events:
        asked = event.activity_task_scheduled_event_attributes
        if asked.activity_type.name == RECORD:
            batch: RecordBatch = await _read(converter, asked.input, RecordBatch)
            found |= {entry.seq: entry for entry in batch.entries}
    return [found[seq] for seq in sorted(found)]


async def _read(converter: DataConverter, given: Payloads, kind: type[Any]) -> Any:
    return (await converter.decode(given.payloads, [kind]))[0]
