"""The interface of the systems that carry out orders: payments and the courier.

A business refusal is an answer. Any other failure is raised: Temporal tries again for ever, and
operators see it as an incident.
"""

from dataclasses import dataclass
from typing import Protocol

from domain.engine.messages import PendingCall


class PortFailed(Exception):
    """The other system did not answer as it should; whether it was done is unknown."""


@dataclass(frozen=True)
class Done:
    """It was done: the other system's own reference for it."""

    reference: str


@dataclass(frozen=True)
class Declined:
    """It will not be done, and why, as a code; asking again would not help."""

    reason: str


Answer = Done | Declined


class Port(Protocol):
    """A system that carries out orders. The same call twice is one order."""

    async def order(self, call: PendingCall) -> Answer:
        """Have the call carried out.

        Raises:
            PortFailed, StoreDown: whether it was done is unknown.
        """
        ...
