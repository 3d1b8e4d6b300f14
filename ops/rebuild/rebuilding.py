"""Makes the whole read model again in a fresh store, and holds it against the one there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from ops.rebuild.comparing import (
    Known,
    Progress,
    folded_cases,
    known_cases,
    look_again,
    numbers_of,
    silent,
)
from ops.rebuild.differences import Difference, Sort
from ops.rebuild.folding import Folded
from ops.rebuild.judging import Look
from ops.rebuild.looking import Looker
from ops.rebuild.reports import Rebuilt
from store import Store
from store.projection import Rows, none, same

PART: Final = 200


@dataclass(frozen=True)
class Rebuilder:
    """Where cases come from, the store there is (if it can be read), and the one to be filled."""

    looker: Looker
    fresh: Store
    live: bool = True
    processes: int | None = None

    async def run(self, progress: Progress = silent, *, records: bool = True) -> Rebuilt:
        """Make it, compare it, and last copy the records, so that they are as new as can be.

        Raises:
            StoreDown, ArchiveDown, RPCError
        """
        report, began = Rebuilt(), monotonic()
        known = await known_cases(self.looker, stored=self.live)
        await self._fill(report, known, progress)
        report.seconds = monotonic() - began
        if self.live:
            began = monotonic()
            await self._compare(report, progress)
            report.comparing = monotonic() - began
            if records:
                report.records = await self._copy()
        return report

    async def _fill(self, report: Rebuilt, known: Known, progress: Progress) -> None:
        async for part in folded_cases(self.looker, known, self.processes):
            for tenant, made in _by_tenant(part).items():
                await self.fresh.projection.fill(tenant, made)
                report.cases += len(made)
                report.entries += sum(len(rows["entries"]) for rows in made.values())
            for each in part:
                if each.wrong:
                    told = (each.tenant, each.number, Sort.UNREADABLE)
                    report.found.append(Difference(*told, detail=each.wrong))
            progress("cases made", report.cases, len(known.tenants))

    async def _compare(self, report: Rebuilt, progress: Progress) -> None:
        report.compared, live = 0, self.looker.store
        wrong = {each.number for each in report.found}
        tenants = {*await live.projection.tenants(), *await self.fresh.projection.tenants()}
        for tenant in sorted(tenants):
            numbers = sorted(
                {*await numbers_of(live, tenant), *await numbers_of(self.fresh, tenant)}
            )
            for start in range(0, len(numbers), PART):
                part = numbers[start : start + PART]
                await self._part(report, tenant, [n for n in part if n not in wrong])
                report.compared += len(part)
                progress("cases compared", report.compared, len(numbers))

    async def _part(self, report: Rebuilt, tenant: str, numbers: Sequence[str]) -> None:
        """Cases in both stores; a case that differs is judged anew by its history."""
        made = await self.fresh.projection.rows(tenant, numbers)
        there = await self.looker.store.projection.rows(tenant, numbers)
        looks = [
            Look(tenant, number, there.get(number, none()), None)
            for number in numbers
            if not same(made.get(number, none()), there.get(number, none()))
        ]
        for look in await look_again(self.looker, looks):
            if look.moving:
                report.moving.append(look.number)
            elif look.found:
                report.found += look.found
            else:
                report.moved += await self._follow(look, made.get(look.number, none()))

    async def _follow(self, look: Look, made: Rows) -> bool:
        """Write what a case became since it was made; whether it became anything."""
        if look.wanted is None or same(look.wanted, made):
            return False
        await self.fresh.projection.replace(
            look.tenant, look.number, made, look.wanted, entries=True
        )
        return True

    async def _copy(self) -> int:
        copied = 0
        async for name, rows in self.looker.store.copying.read():
            await self.fresh.copying.put(name, rows)
            copied += len(rows)
        await self.fresh.copying.settle()
        return copied


def _by_tenant(folded: Iterable[Folded]) -> dict[str, dict[str, Rows]]:
    """The rows that are sure, by tenant and number."""
    made: dict[str, dict[str, Rows]] = {}
    for each in folded:
        if each.rows is not None:
            made.setdefault(each.tenant, {})[each.number] = each.rows
    return made
