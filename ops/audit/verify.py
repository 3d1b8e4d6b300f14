"""Verification: cases, ledger and checkpoints, each held against the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ops.audit.checkpoints import Checkpoint
from ops.audit.faults import Comparison, Report
from ops.audit.keys import PublicKeys
from ops.audit.ledger import check_ledger
from ops.audit.outside import Outside
from ops.audit.pool import look_at_all
from ops.audit.trail import PATIENCE, Held, check_held, check_trail, read_trail
from store import Store

Progress = Callable[[str, int, int | None], None]
"""Told what is looked at, how much of it is done, and how much there is, if that is known."""
CASES, LEDGER = "entries", "ledger"
NOTHING = Held()
NO_MORE: Mapping[str, Comparison] = MappingProxyType({})


def silent(_what: str, _done: int, _all: int | None) -> None:
    """For whoever wants no progress."""


@dataclass(frozen=True)
class Verifier:
    """What is verified: a store, its checkpoints, and the keys that may have signed them.

    `patience` is how many seconds a checkpoint that is just being made has to arrive outside.
    """

    store: Store
    url: str
    outside: Outside
    keys: PublicKeys
    tenant: str = "default"
    patience: float = PATIENCE

    async def verify(
        self,
        held: Held = NOTHING,
        progress: Progress = silent,
        more: Mapping[str, Comparison] = NO_MORE,
        processes: int | None = None,
    ) -> Report:
        """All that is wrong; nothing, if all is well. The system may go on meanwhile.

        Args:
            held: what somebody kept, that all must go on from.
            progress: told how far it is.
            more: what else is to be compared, by its name.
            processes: how many hash; None is as many as pay.
        """
        report = Report()
        points = await self._trail(report, held)
        await self._ledger(report, points, progress)
        async for looked, total in look_at_all(self.store, self.url, self.tenant, processes):
            report.entries += looked.entries
            report.unsealed += looked.unsealed
            report.faults += looked.faults
            progress(CASES, report.entries, total)
        for name, comparison in more.items():
            await report.take(name, comparison, progress)
        return report

    async def _trail(self, report: Report, held: Held) -> list[Checkpoint]:
        trail = await read_trail(self.store, self.outside, self.tenant, self.patience)
        points, wrong = check_trail(self.tenant, trail, self.keys)
        report.checkpoints = len(points)
        report.until = points[-1].at.isoformat() if points else None
        report.faults += [*wrong, *check_held(points, held, self.keys)]
        return points

    async def _ledger(
        self, report: Report, points: Sequence[Checkpoint], progress: Progress
    ) -> None:
        def told(done: int, of: int) -> None:
            progress(LEDGER, done, of)

        rebuilt = await check_ledger(self.store, self.tenant, points, told)
        report.rows = rebuilt.size
        report.faults += rebuilt.faults
