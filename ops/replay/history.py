"""What a Temporal history says of a case: its steps, and the entries that were recorded from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadConverter

from domain.engine.messages import Request
from domain.language.entries import Entry
from domain.read_models.projection import ProjectionUpdate
from temporal.converter import data_converter
from temporal.names import RECORD


class NoHistory(ValueError):
    """What was given is no history of a case."""


@dataclass(frozen=True)
class Kept:
    """A history to be replayed, as bytes, so that it can go to another process.

    `told` is Temporal's `History` message or, where it came from a file, the JSON of one, which
    takes a hundred times as long to read. `where` says in a few words where it comes from, and
    `unread` why there is nothing to be read there, if so.
    """

    number: str
    run: str
    told: bytes
    where: str = "Temporal"
    as_json: bool = False
    unread: str = ""


@dataclass(frozen=True)
class Written:
    """An entry that the history shows to be recorded, and the event that recorded it."""

    event: int
    entry: Entry


def read(kept: Kept) -> WorkflowHistory:
    """The history.

    Raises:
        NoHistory: it is none.
    """
    if kept.unread:
        raise NoHistory(kept.unread)
    try:
        if kept.as_json:
            history = WorkflowHistory.from_json(kept.number, kept.told.decode())
        else:
            history = WorkflowHistory(kept.number, History.FromString(kept.told).events)
    except (ParseError, DecodeError, ValueError, TypeError, KeyError) as error:
        raise NoHistory(f"{kept.where} holds no Temporal history of {kept.number}.") from error
    if not history.events:
        raise NoHistory(f"{kept.where} holds an empty history of {kept.number}.")
    return history


def written(events: Sequence[HistoryEvent]) -> Iterator[Written]:
    """All entries that activities were told to record, in order; no codec hides them here."""
    for event in events:
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name != RECORD:
            continue
        (batch,) = _converter().from_payloads(scheduled.input.payloads, [ProjectionUpdate])
        yield from (Written(event.event_id, entry) for entry in batch.entries)


def steps_until(events: Sequence[HistoryEvent], event: int) -> str:
    """What the case was doing at an event: the last steps that somebody asked for before it."""
    doing = "its opening"
    for each in events:
        if each.event_id > event:
            break
        accepted = each.workflow_execution_update_accepted_event_attributes
        if accepted.accepted_request.input.args.payloads:
            doing = _steps(accepted.accepted_request.input.args.payloads)
        elif each.HasField("timer_fired_event_attributes"):
            doing = "what time does"
    return doing


def _steps(payloads: Sequence[Any]) -> str:
    (request,) = _converter().from_payloads(payloads, [Request])
    return ", ".join(command.step for command in request.commands)


def _converter() -> PayloadConverter:
    return data_converter().payload_converter
