"""Makes the whole read model again in a fresh store, and holds it against the one there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final

from ops.rebuild.diff import Difference, Look, Rebuilt, Sort, of_stray
from ops.rebuild.fold import Folded, Workers, fold_part
from ops.rebuild.history import Source
from ops.rebuild.inspect import (
    Known,
    Looker,
    Progress,
    known_cases,
    look_again,
    numbers_of,
    silent,
    strays_of,
    worked_on,
)
from store import Store
from store.projection import Packed, Rows, none, pack, same


@dataclass(frozen=True)
class Made:
    """Some cases: their rows, how many cases and entries, and the cases that cannot be read."""

    packed: Sequence[Packed]
    cases: int
    entries: int
    wrong: Sequence[Difference]


def make_part(part: Sequence[Source], archive_url: str, dialect: str) -> Made:
    """The rows that are sure, packed for a database of this dialect."""
    folded = fold_part(part, archive_url)
    made = _by_tenant(folded)
    rows = [each for ours in made.values() for each in ours.values()]
    return Made(
        packed=[pack(dialect, tenant, ours) for tenant, ours in made.items()],
        cases=len(rows),
        entries=sum(len(each["entries"]) for each in rows),
        wrong=[
            Difference(each.tenant, each.number, Sort.UNREADABLE, detail=each.wrong)
            for each in folded
            if each.wrong
        ],
    )


def _by_tenant(folded: Sequence[Folded]) -> Mapping[str, Mapping[str, Rows]]:
    made: dict[str, dict[str, Rows]] = {}
    for each in folded:
        if each.rows is not None:
            made.setdefault(each.tenant, {})[each.number] = each.rows
    return made


PART: Final = 500


@dataclass(frozen=True)
class Rebuilder:
    """Where cases come from, the store there is (if it can be read), and the one to be filled."""

    looker: Looker
    fresh: Store
    live: bool = True
    by: Workers | None = None

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
        work = partial(
            make_part,
            archive_url=self.looker.sources.archive_url,
            dialect=self.fresh.projection.dialect,
        )
        async with _behind(self._write) as write:
            async for made in worked_on(self.looker, known, work, self.by):
                await write(made)
                report.cases += made.cases
                report.entries += made.entries
                report.found += made.wrong
                progress("cases made", report.cases, len(known.numbers))

    async def _write(self, made: Made) -> None:
        for packed in made.packed:
            await self.fresh.projection.put(packed)

    async def _compare(self, report: Rebuilt, progress: Progress) -> None:
        report.compared, live = 0, self.looker.store
        wrong, seen = {each.number for each in report.found}, set[tuple[str, str]]()
        tenants = {*await live.projection.tenants(), *await self.fresh.projection.tenants()}
        for tenant in sorted(tenants):
            numbers = sorted(
                {*await numbers_of(live, tenant), *await numbers_of(self.fresh, tenant)}
            )
            seen.update((tenant, number) for number in numbers)
            for start in range(0, len(numbers), PART):
                part = numbers[start : start + PART]
                await self._part(report, tenant, [n for n in part if n not in wrong])
                report.compared += len(part)
                progress("cases compared", report.compared, len(numbers))
        for stray in await strays_of(live):
            if (stray.tenant, stray.number) not in seen:
                report.found += of_stray(stray)

    async def _part(self, report: Rebuilt, tenant: str, numbers: Sequence[str]) -> None:
        """Cases in both stores; a case that differs is judged anew by its history."""
        numbers = await self._unlike(tenant, numbers)
        if not numbers:
            return
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

    async def _unlike(self, tenant: str, numbers: Sequence[str]) -> Sequence[str]:
        """Those that may differ: as they are written, where both stores write alike."""
        fresh, live = self.fresh.projection, self.looker.store.projection
        if fresh.dialect != live.dialect:
            return numbers
        made, there = await asyncio.gather(
            fresh.raw_rows(tenant, numbers), live.raw_rows(tenant, numbers)
        )
        return [number for number in numbers if made[number] != there[number]]

    async def _follow(self, look: Look, made: Rows) -> bool:
        """Write what a case became since it was made; whether it became anything."""
        if look.wanted is None or same(look.wanted, made):
            return False
        await self.fresh.projection.replace(
            look.tenant, look.number, made, look.wanted, entries=True
        )
        return True

    async def _copy(self) -> int:
        live, fresh, copied = self.looker.store, self.fresh, 0
        if fresh.projection.dialect == live.projection.dialect:
            async for name, plain in live.record_copy.read_raw():
                await fresh.record_copy.put_raw(name, plain)
                copied += len(plain)
        else:
            async for name, rows in live.record_copy.read():
                await fresh.record_copy.put(name, rows)
                copied += len(rows)
        await fresh.record_copy.settle()
        return copied


@asynccontextmanager
async def _behind(
    work: Callable[[Made], Coroutine[None, None, None]],
) -> AsyncIterator[Callable[[Made], Awaitable[None]]]:
    """Lets one part be written while the next is got ready; all is written at the end."""
    writing: asyncio.Task[None] | None = None

    async def write(made: Made) -> None:
        nonlocal writing
        if writing is not None:
            await writing
        writing = asyncio.create_task(work(made))

    try:
        yield write
        if writing is not None:
            await writing
    finally:
        if writing is not None:
            writing.cancel()
            await asyncio.wait([writing])
