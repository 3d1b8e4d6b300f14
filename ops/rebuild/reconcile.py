"""Finds where the store is not what workflows and archive say, and mends it while cases move."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Final

from pydantic import JsonValue
from temporalio.client import Client

from ops.rebuild.diff import Difference, Fate, Look, Reconciled, Sort, of_stray
from ops.rebuild.fold import Workers, fold_part
from ops.rebuild.inspect import (
    Looker,
    Progress,
    known_cases,
    look_again,
    silent,
    strays_of,
    worked_on,
)
from ops.rebuild.sources import Sources
from store import Store
from store.projection import Moved

TRIES = 5
ALWAYS = frozenset({"cases", "tasks", "task_roles", "clocks"})
ADDED = frozenset({"entries", "outbox"})
"""Of these, rows are only ever added."""


@dataclass(frozen=True)
class Reconciler:
    """Looks at all cases of the looker's store, and mends what it finds if it is to.

    `entries` says whether entries that differ are replaced, too: one that was changed may be a
    trace. `by` is who folds: without, a thread of this process.
    """

    looker: Looker
    mend: bool = True
    entries: bool = False
    by: Workers | None = None

    async def run(self, progress: Progress = silent) -> Reconciled:
        """All cases.

        Raises:
            StoreDown, ArchiveDown, RPCError
        """
        report, began = Reconciled(), monotonic()
        seen: set[tuple[str, str]] = set()
        async for look in self._wrong(report, seen, progress):
            await self._take(report, look)
        await self._strays(report, seen)
        report.seconds = monotonic() - began
        return report

    async def _take(self, report: Reconciled, look: Look) -> None:
        if look.moving:
            report.moving.append(look.number)
        report.found += await self._mended(look) if self.mend else look.found

    async def _strays(self, report: Reconciled, seen: set[tuple[str, str]]) -> None:
        """Rows of cases that are not there: of no case that was looked at, at least."""
        for stray in await strays_of(self.looker.store):
            if (stray.tenant, stray.number) in seen:
                continue
            look = await self.looker.case(stray.tenant, stray.number)
            if look.wanted is not None or look.moving:
                await self._take(report, look)
            else:
                gone = await self.looker.store.orphans.remove(stray) if self.mend else None
                report.found += of_stray(stray, gone)

    async def _wrong(
        self, report: Reconciled, seen: set[tuple[str, str]], progress: Progress
    ) -> AsyncIterator[Look]:
        """Each case with which something is wrong, or that cannot be judged."""
        known = await known_cases(self.looker)
        work = partial(fold_part, archive_url=self.looker.sources.archive_url)
        async for part in worked_on(self.looker, known, work, self.by):
            seen.update((each.tenant, each.number) for each in part)
            for look in await look_again(self.looker, await self.looker.part(part)):
                if look.found or look.moving:
                    yield look
            report.cases = len(seen)
            progress("cases", report.cases, len(known.numbers))
        for tenant, number in known.stored:
            if (tenant, number) in seen:
                continue
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
        added = each.table in ADDED and each.sort is Sort.MISSING
        return each.table in ALWAYS or added or (self.entries and each.table == "entries")


def _key(each: Difference) -> tuple[Sort, str, str]:
    return each.sort, each.table, each.key


RECONCILE: Final = "reconcile"
TOLD: Final = 100
"""So many differences are in the report at most: it is kept in Temporal's history."""


def reconciling(
    client: Client, store: Store, archive_url: str
) -> Callable[[], Awaitable[dict[str, JsonValue]]]:
    """The chore: mend what is not tamper evidence, and report each difference."""

    async def chore() -> dict[str, JsonValue]:
        looker = Looker(Sources(client, archive_url), store)
        report = await Reconciler(looker).run()
        found: list[JsonValue] = [each.document() for each in report.found[:TOLD]]
        return {
            "cases": report.cases,
            "differences": len(report.found),
            "stays": report.stays,
            "found": found,
        }

    return chore
