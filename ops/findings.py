"""What verification finds: a stable code, the record it is about, and a sentence."""

from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    `number` names the case and `seq` its first bad entry; either is None if the finding is about
    something larger. `tenant` is set where several tenants are verified together.
    """

    code: str
    detail: str
    number: str | None = None
    seq: int | None = None
    tenant: str | None = None


Comparison = AsyncIterator[tuple[str, Finding | None]]
"""Yields everything that was compared, each with its finding if it has one."""
