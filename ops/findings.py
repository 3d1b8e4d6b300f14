"""What verification finds: a code, the record, a sentence."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written; `number` and `seq` name the first bad record."""

    code: str
    detail: str
    number: str | None = None
    seq: int | None = None
    tenant: str | None = None


Comparison = AsyncIterator[tuple[str, Finding | None]]
"""Each thing that was looked at, with what is wrong with it."""


@dataclass
class Report:
    """What was looked at, and what is wrong with it.

    `unsealed` counts entries that no checkpoint covers yet: they are in the ledger, which nobody
    has signed so far. `until` is when the newest checkpoint was made; `compared` counts what else
    was looked at. `tenants` are those whose rows were.
    """

    tenants: list[str] = field(default_factory=list)
    entries: int = 0
    unsealed: int = 0
    rows: int = 0
    checkpoints: int = 0
    until: str | None = None
    compared: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, tenant: str, other: "Report") -> None:
        """Take in what was found of one tenant."""
        self.entries += other.entries
        self.unsealed += other.unsealed
        self.rows += other.rows
        self.checkpoints += other.checkpoints
        self.until = max(filter(None, (self.until, other.until)), default=None)
        self.findings += [replace(finding, tenant=tenant) for finding in other.findings]

    async def take(
        self, name: str, found: Comparison, told: Callable[[str, int, int | None], None]
    ) -> None:
        """Take in what a comparison finds, and count what it looked at."""
        self.compared[name] = 0
        async for _, finding in found:
            self.compared[name] += 1
            self.findings += [finding] if finding else []
            told(name, self.compared[name], None)


def is_count(value: object) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int)


def is_text(value: object) -> bool:
    """Whether it is a text."""
    return isinstance(value, str)
