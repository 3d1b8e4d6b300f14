"""Reads and packs Temporal histories of cases, without running any code of the workflow."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from domain.engine.messages import CaseInput
from domain.language.entries import Entry
from temporal.names import RECORD


async def fetch_history(
    client: Client, number: str, run: str | None = None
) -> WorkflowHistory | None:
    """Return the history of a case's run, by default the newest; None if Temporal has none."""
    try:
        return await client.get_workflow_handle(number, run_id=run).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


@dataclass(frozen=True)
class RunPayloads:
    """What a run of a case began with, and the batches of entries that it recorded, as JSON.

    Args:
        case_input: what the run began with.
        batches: each batch by the id of the event that scheduled its recording, in order.
        completed: how many of the batches, from the first, were recorded for sure. One more may
            be on its way: nobody knows whether it is in the store yet.
    """

    case_input: bytes
    batches: Mapping[int, bytes]
    completed: int

    def tenant(self) -> str | None:
        """Whose case it is; None if it is none."""
        try:
            tenant = json.loads(self.case_input)["opening"]["tenant"]
        except (ValueError, LookupError, TypeError):
            return None
        return tenant if isinstance(tenant, str) else None

    def entries(self) -> tuple[list[Entry], int]:
        """Return the entries in order, and how many of them are recorded for sure.

        Raises:
            ValueError: they cannot be read.
        """
        carried = _CarriedEntries.model_validate_json(self.case_input).entries
        by_seq = {entry.seq: entry for entry in carried}
        recorded = len(by_seq)
        for place, batch in enumerate(self.batches.values()):
            by_seq |= {entry.seq: entry for entry in _Batch.model_validate_json(batch).entries}
            if place < self.completed:
                recorded = len(by_seq)
        return [by_seq[seq] for seq in sorted(by_seq)], recorded

    def entries_by_event(self) -> Iterator[tuple[int, Entry]]:
        """Yield the entries that this run recorded, each with the id of the event that did it.

        Raises:
            ValueError: they cannot be read.
        """
        for event, batch in self.batches.items():
            for entry in _Batch.model_validate_json(batch).entries:
                yield event, entry


async def read_payloads(
    converter: DataConverter, events: Iterable[HistoryEvent]
) -> RunPayloads | None:
    """Return the payloads in the history of a run, not parsed yet; None if it is none of a case.

    A rebuild does this with every history: nothing is looked into but what is needed.
    """
    case_input: Payload | None = None
    batches: dict[int, Payload] = {}
    completed: set[int] = set()
    for event in events:
        kind = event.WhichOneof("attributes")
        if kind == "activity_task_scheduled_event_attributes":
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == RECORD:
                batches[event.event_id] = scheduled.input.payloads[0]
        elif kind == "activity_task_completed_event_attributes":
            completed.add(event.activity_task_completed_event_attributes.scheduled_event_id)
        elif kind == "workflow_execution_started_event_attributes":
            started = event.workflow_execution_started_event_attributes
            case_input = started.input.payloads[0] if started.input.payloads else None
    if case_input is None:
        return None
    codec = converter.payload_codec
    payloads = [case_input, *batches.values()]
    first, *rest = [each.data for each in (await codec.decode(payloads) if codec else payloads)]
    return RunPayloads(
        first, dict(zip(batches, rest, strict=True)), len(completed & batches.keys())
    )


async def case_input_of(
    converter: DataConverter, events: Iterable[HistoryEvent]
) -> CaseInput | None:
    """Return what the run began with; None if it is none of a case."""
    payloads = await read_payloads(converter, events)
    return CaseInput.model_validate_json(payloads.case_input) if payloads else None


async def entries_of(converter: DataConverter, events: Iterable[HistoryEvent]) -> list[Entry]:
    """Return all entries of a case: those its latest run began with, and those it recorded."""
    payloads = await read_payloads(converter, events)
    return payloads.entries()[0] if payloads else []


def pack(history: WorkflowHistory) -> bytes:
    """Return the history as bytes; JSON takes ten times as long to make, and a hundred to read."""
    return History(events=history.events).SerializeToString(deterministic=True)


def unpack(packed: bytes) -> Sequence[HistoryEvent]:
    """Return the events of a packed history, in order.

    Raises:
        ValueError: the bytes are no history.
    """
    try:
        return History.FromString(packed).events
    except DecodeError as error:
        raise ValueError("These bytes are no Temporal history.") from error


def as_json(packed: bytes) -> dict[str, Any]:
    """Return a packed history as Temporal's own JSON, which its tools read.

    Raises:
        ValueError: the bytes are no history.
    """
    return MessageToDict(History(events=unpack(packed)))


class _Batch(BaseModel):
    """What is read of a batch: its views are made again."""

    entries: tuple[Entry, ...]


class _CarriedEntries(BaseModel):
    """What is read of a run's input; the first run of a case carries no entries."""

    entries: tuple[Entry, ...] = ()
