"""What the process asks of other systems: payments and couriers, as small interfaces.

A business refusal is an answer. Anything else that goes wrong is raised: Temporal tries again for
ever, and operators see it as an incident.
"""

from dataclasses import dataclass
from typing import Protocol

from domain.engine.messages import Outcome, PendingCall


class PortFailed(Exception):
    """The other system did not answer as it should; nobody knows yet whether it was done."""


@dataclass(frozen=True)
class Done:
    """It was done: the other system's own reference for it."""

    reference: str


@dataclass(frozen=True)
class Refused:
    """It will not be done, and why, as a code; asking again would not help."""

    reason: str


Answer = Done | Refused


class Payments(Protocol):
    """Whoever moves money. The same errand twice moves it once."""

    async def refund(self, pending_call: PendingCall) -> Answer:
        """Pay back `params["amount"]` in `params["currency"]`."""
        ...


class Couriers(Protocol):
    """Whoever carries parcels. The same errand twice is one parcel."""

    async def send(self, pending_call: PendingCall) -> Answer:
        """Bring the goods of the case to its customer: the same ones, or a replacement."""
        ...


def outcome(pending_call: PendingCall, answer: Answer) -> Outcome:
    """The answer as the step that the process wants for it."""
    if isinstance(answer, Done):
        return Outcome(step=pending_call.done, form={"reference": answer.reference})
    return Outcome(step=pending_call.refused, form={"reason": answer.reason})
