"""What a Temporal history says of a case's entries, taken out of it but not read yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from store.archive import Archived
from workflows.names import RECORD


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
