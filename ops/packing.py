"""Temporal's histories as the archive keeps them, and as the JSON that people read."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory


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
