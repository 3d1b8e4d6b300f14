"""What a Temporal history yields, without running any code of the workflow."""

from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from domain.engine.messages import CaseInput
from domain.language.entries import Entry
from domain.read_models.projection import ProjectionUpdate
from temporal.names import RECORD


async def life_of(converter: DataConverter, events: Iterable[HistoryEvent]) -> CaseInput | None:
    """What the run began with."""
    for event in events:
        started = event.workflow_execution_started_event_attributes
        if started.input.payloads:
            life: CaseInput = await _read(converter, started.input, CaseInput)
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
            batch: ProjectionUpdate = await _read(converter, asked.input, ProjectionUpdate)
            found |= {entry.seq: entry for entry in batch.entries}
    return [found[seq] for seq in sorted(found)]


async def _read(converter: DataConverter, given: Payloads, kind: type[Any]) -> Any:
    return (await converter.decode(given.payloads, [kind]))[0]


def packed(history: WorkflowHistory) -> bytes:
    """The history as bytes; its JSON takes ten times as long to make, and a hundred to read."""
    return History(events=history.events).SerializeToString(deterministic=True)


def unpacked(told: bytes) -> Sequence[HistoryEvent]:
    """Its events, in order.

    Raises:
        ValueError: it is no history.
    """
    try:
        return History.FromString(told).events
    except DecodeError as error:
        raise ValueError("These bytes are no Temporal history.") from error


def as_json(told: bytes) -> dict[str, Any]:
    """The history as Temporal's own JSON, which its tools read.

    Raises:
        ValueError: it is no history.
    """
    return MessageToDict(History(events=unpacked(told)))
