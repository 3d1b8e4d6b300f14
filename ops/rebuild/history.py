"""What a Temporal history says of a case's entries, taken out of it but not read yet."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from domain.language.entries import Entry
from store.archive import Archived, Bundle
from temporal.names import RECORD


@dataclass(frozen=True)
class Told:
    """What the newest run of a case began with, and the batches that it had recorded, as JSON.

    The first `done` batches are in the store. One more may be on its way: nobody knows whether it
    is there yet.
    """

    number: str
    life: bytes
    batches: tuple[bytes, ...]
    done: int


Source = Told | Archived
"""Where a case's entries are: in Temporal's history or, once it forgot the case, in a file."""


async def told_by(
    converter: DataConverter, number: str, events: Iterable[HistoryEvent]
) -> Told | None:
    """What the history of a run tells; None if the run is none of a case."""
    life: Payload | None = None
    asked: dict[int, Payload] = {}
    answered: set[int] = set()
    for event in events:
        kind = event.WhichOneof("attributes")
        if kind == "activity_task_scheduled_event_attributes":
            wanted = event.activity_task_scheduled_event_attributes
            if wanted.activity_type.name == RECORD:
                asked[event.event_id] = wanted.input.payloads[0]
        elif kind == "activity_task_completed_event_attributes":
            answered.add(event.activity_task_completed_event_attributes.scheduled_event_id)
        elif kind == "workflow_execution_started_event_attributes":
            begun = event.workflow_execution_started_event_attributes
            life = begun.input.payloads[0] if begun.input.payloads else None
    if life is None:
        return None
    first, *batches = await _clear(converter, [life, *asked.values()])
    return Told(number, first, tuple(batches), len(answered & asked.keys()))


async def _clear(converter: DataConverter, payloads: Sequence[Payload]) -> list[bytes]:
    """The payloads' JSON, without what a codec made of it."""
    codec = converter.payload_codec
    return [each.data for each in (await codec.decode(payloads) if codec else payloads)]


def tenant_of(told: Told | Bundle) -> str | None:
    """Whose case it is; None if it is none."""
    if isinstance(told, Bundle):
        return told.tenant
    try:
        tenant = json.loads(told.life)["opening"]["tenant"]
    except (ValueError, LookupError, TypeError):
        return None
    return tenant if isinstance(tenant, str) else None


def entries_of(told: Told | Bundle) -> tuple[list[Entry], int]:
    """The entries in order, and how many of them are recorded for sure."""
    if isinstance(told, Bundle):
        return list(told.entries), len(told.entries)
    found = {entry.seq: entry for entry in _Carried.model_validate_json(told.life).entries}
    recorded = len(found)
    for place, text in enumerate(told.batches):
        found |= {entry.seq: entry for entry in _Batch.model_validate_json(text).entries}
        if place < told.done:
            recorded = len(found)
    return [found[seq] for seq in sorted(found)], recorded


class _Batch(BaseModel):
    """What is read of a batch: its views are made again."""

    entries: tuple[Entry, ...]


class _Carried(BaseModel):
    """What a run began with; the first one of a case carries none."""

    entries: tuple[Entry, ...] = ()
