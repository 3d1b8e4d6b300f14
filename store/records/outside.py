"""What went out of the house, or is about to: letters on their way, and the ledger."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A row of the outbox that one dispatcher holds for a while; `attempts` counts this one too.

    `happened`, `step` and `led_to` are of the entry that brought it about, while it is there.
    """

    tenant: str
    number: str
    seq: int
    n: int
    template: str
    to: str
    at: datetime
    attempts: int
    happened: str | None
    step: str | None
    led_to: str | None

    @property
    def id(self) -> str:
        """The same however often it is sent."""
        return f"{self.number}-{self.seq}-{self.n}"


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One thing that a built-in port did, and the reference it gave."""

    tenant: str
    number: str
    seq: int
    n: int
    port: str
    template: str
    params: dict[str, JsonValue]
    reference: str
    at: datetime
