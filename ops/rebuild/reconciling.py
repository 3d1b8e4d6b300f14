"""Finds where the store is not what workflows and archive say, and mends it while cases move."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ops.rebuild.comparing import (
    Progress,
    folded_cases,
    known_cases,
    look_again,
    missing,
    silent,
)
from ops.rebuild.differences import Difference, Fate, Sort
from ops.rebuild.judging import Look
from ops.rebuild.looking import Looker
from ops.rebuild.reports import Reconciled
from store.projection import Moved

TRIES = 5
ALWAYS = frozenset({"cases", "tasks", "task_roles", "clocks"})
ADDED = frozenset({"entries", "outbox"})
"""Of these, rows are only ever added."""


@dataclass(frozen=True)
class Reconciler:
    """Looks at all cases of the looker's store, and mends what it finds if it is to.

    `entries` says whether entries that differ are replaced, too: one that was changed may be a
    trace. `processes` is how many fold; one is this one, in a thread.
    """

    looker: Looker
    mend: bool = True
    entries: bool = False
    processes: int | None = None

    async def run(self, progress: Progress = silent) -> Reconciled:
        """All cases.

        Raises:
            StoreDown, ArchiveDown, RPCError
        """
        report, began = Reconciled(), monotonic()
        async for look in self._wrong(report, progress):
            if look.moving:
                report.moving.append(look.number)
            report.found += await self._mended(look) if self.mend else look.found
        report.seconds = monotonic() - began
        return report

    async def _wrong(self, report: Reconciled, progress: Progress) -> AsyncIterator[Look]:
        """Each case with which something is wrong, or that cannot be judged."""
        known = await known_cases(self.looker)
        seen: set[str] = set()
        async for part in folded_cases(self.looker, known, self.processes):
            seen.update(each.number for each in part)
            for look in await look_again(self.looker, await self.looker.part(part)):
                if look.found or look.moving:
                    yield look
            report.cases = len(seen)
            progress("cases", report.cases, len(known.tenants))
        for tenant, number in missing(known.tenants, seen):
            report.cases += 1
            look = await self.looker.case(tenant, number)
            if look.found or look.moving:
                yield look

    async def _mended(self, look: Look) -> Sequence[Difference]:
        """The differences, each with what became of it."""
        first = look.found
        for _ in range(TRIES):
            if look.wanted is None or not any(map(self._may_mend, look.found)):
                break
            try:
                await self.looker.store.projection.replace(
                    look.tenant, look.number, look.there, look.wanted, entries=self.entries
                )
                look = await self.looker.case(look.tenant, look.number)
                break
            except Moved:
                look = await self.looker.case(look.tenant, look.number)
        left = {(each.sort, each.table, each.key) for each in look.found}
        return [
            replace(each, fate=Fate.STAYS if _key(each) in left else Fate.MENDED) for each in first
        ]

    def _may_mend(self, each: Difference) -> bool:
        if each.sort in {Sort.UNKNOWN_CASE, Sort.UNREADABLE}:
            return False
        added = each.table in ADDED and each.sort is Sort.MISSING
        return each.table in ALWAYS or added or (self.entries and each.table == "entries")


def _key(each: Difference) -> tuple[Sort, str, str]:
    return each.sort, each.table, each.key
