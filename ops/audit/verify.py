"""Verification: cases, ledger and checkpoints, each held against the others."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ops.audit.checkpoints import Checkpoint
from ops.audit.faults import Fault, Report
from ops.audit.keys import PublicKeys
from ops.audit.ledger import check_ledger
from ops.audit.outside import Outside
from ops.audit.pool import Others, collecting_seldom, look_at_all
from ops.audit.trail import PATIENCE, Held, check_held, check_trail, read_trail
from store import Store

Progress = Callable[[str, int, int | None], None]
"""Told what is looked at, how much of it is done, and how much there is, if that is known."""
CASES = "entries"
NOTHING = Held()


def silent(_what: str, _done: int, _all: int | None) -> None:
    """For whoever wants no progress."""


@dataclass(frozen=True)
class Verifier:
    """What is verified: a store, its checkpoints, and the keys that may have signed them.

    `patience` is how many seconds a checkpoint that is just being made has to arrive outside;
    `beside` are other processes that hash as well.
    """

    store: Store
    outside: Outside
    keys: PublicKeys
    tenant: str = "default"
    patience: float = PATIENCE
    beside: Others | None = None

    async def verify(
        self,
        held: Held = NOTHING,
        progress: Progress = silent,
    ) -> Report:
        """All that is wrong; nothing, if all is well. The system may go on meanwhile.

        Args:
            held: what somebody kept, that all must go on from.
            progress: told how far it is.
        """
        report = Report()
        points = await self._trail(report, held)
        # Beside the cases: those keep other processes busy.
        ledger = asyncio.create_task(check_ledger(self.store, self.tenant, points))
        try:
            with collecting_seldom():
                wrong = await self._cases(report, progress)
                rebuilt = await ledger
        finally:
            ledger.cancel()
        report.rows = rebuilt.size
        report.faults += [*rebuilt.faults, *wrong]
        return report

    async def _cases(self, report: Report, progress: Progress) -> list[Fault]:
        wrong: list[Fault] = []
        async for looked, total in look_at_all(self.store, self.tenant, self.beside):
            report.entries += looked.entries
            report.unsealed += looked.unsealed
            wrong += looked.faults
            progress(CASES, report.entries, total)
        return sorted(wrong, key=lambda fault: (fault.number or "", fault.seq or 0))

    async def _trail(self, report: Report, held: Held) -> list[Checkpoint]:
        trail = await read_trail(self.store, self.outside, self.tenant, self.patience)
        points, wrong = check_trail(self.tenant, trail, self.keys)
        report.checkpoints = len(points)
        report.until = points[-1].at.isoformat() if points else None
        report.faults += [*wrong, *check_held(points, held, self.keys)]
        return points
