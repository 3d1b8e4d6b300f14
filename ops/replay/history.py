"""Histories to be replayed, and what they say: the steps taken until an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseError
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from domain.engine.messages import Request
from runtime.message import Message
from temporal.converter import data_converter
from temporal.histories import unpack


class UnreadableHistory(ValueError):
    """There is no history of a case here."""


@dataclass(frozen=True)
class PackedHistory:
    """A history to be replayed, as bytes, so that it can be sent to another process.

    Args:
        number, run: the case and its run.
        data: Temporal's `History` message.
        where: where it comes from, in a few words.
        as_json: `data` is the message's JSON instead, which takes a hundred times as long to read.
        unreadable: why there is no history, if so.
    """

    number: str
    run: str
    data: bytes
    where: str = "Temporal"
    as_json: bool = False
    unreadable: str = ""


def unpack_history(packed: PackedHistory) -> WorkflowHistory:
    """Return the history.

    Raises:
        UnreadableHistory: it is none.
    """
    if packed.unreadable:
        raise UnreadableHistory(packed.unreadable)
    number, where = packed.number, packed.where
    try:
        if packed.as_json:
            history = WorkflowHistory.from_json(number, packed.data.decode())
        else:
            history = WorkflowHistory(number, unpack(packed.data))
    except (ParseError, ValueError, TypeError, KeyError) as error:
        raise UnreadableHistory(
            Message(
                "%(where)s holds no Temporal history of %(number)s.", where=where, number=number
            )
        ) from error
    if not history.events:
        raise UnreadableHistory(
            Message("%(where)s holds an empty history of %(number)s.", where=where, number=number)
        )
    return history


def steps_until(events: Sequence[HistoryEvent], event: int) -> str:
    """Return what the case was doing at an event: the last steps that were submitted before it."""
    doing: str = Message("its opening")
    for each in events:
        if each.event_id > event:
            break
        accepted = each.workflow_execution_update_accepted_event_attributes
        if accepted.accepted_request.input.args.payloads:
            doing = _steps(accepted.accepted_request.input.args.payloads)
        elif each.HasField("timer_fired_event_attributes"):
            doing = Message("what time does")
    return doing


def _steps(payloads: Sequence[Any]) -> str:
    (request,) = data_converter().payload_converter.from_payloads(payloads, [Request])
    return ", ".join(command.step for command in request.commands)
