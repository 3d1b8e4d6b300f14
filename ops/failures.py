"""Failures as operators are told them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from temporalio.service import RPCError, RPCStatusCode

from runtime.message import Message

PATIENCE: Final = 8.0
"""Seconds that a person at a page waits for the engine."""
NAMESPACE: Final = "Namespace "
"""So begins what Temporal says of a namespace that is not there."""


class OperationFailed(Exception):
    """Something could not be done; the message says why, to an operator."""


@asynccontextmanager
async def failures_told(seconds: float = PATIENCE) -> AsyncIterator[None]:
    """Turn failures of the engine into sentences, and do not wait longer than a person would.

    Raises:
        OperationFailed
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except (RPCError, ConnectionError) as error:
        raise OperationFailed(sentence_of(error) or str(error)) from None
    except TimeoutError:
        why = Message("no answer within %(seconds)s s", seconds=f"{seconds:g}")
        raise OperationFailed(Message("The engine does not answer: %(name)s.", name=why)) from None


def sentence_of(error: Exception) -> str | None:
    """Return what people are told of a failure; None if nobody expects it.

    An error whose text is a message was made for people.
    """
    if isinstance(error, RPCError):
        return engine_failure(error)
    text = str(error)
    return text if isinstance(text, Message) else None


def engine_failure(error: RPCError) -> str:
    """Return what people are told of a failure of the engine."""
    if error.status is RPCStatusCode.NOT_FOUND:
        if error.message.startswith(NAMESPACE):
            return Message("The engine says: %(message)s", message=error.message)
        return Message("The engine knows no such case that still runs.")
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return Message("This engine cannot do that; it tries again by itself.")
    return Message("The engine does not answer: %(name)s.", name=error.status.name)
