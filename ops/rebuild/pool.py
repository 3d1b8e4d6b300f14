"""Folds many cases, in several processes if it is worth it: folding keeps one processor busy."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from typing import Final

from ops.rebuild.folding import Folded, fold
from ops.rebuild.told import Source, Told
from ops.rebuild.workers import workers
from store.archive import Archive, Archived, ArchiveDamaged

PART: Final = 50
"""So many cases are folded, and then written, at a time."""
WORTH_IT: Final = 400
"""Processes take a second or two to be ready; for fewer cases they do not pay."""


async def fold_all(
    sources: AsyncIterator[tuple[str, Source | None]],
    archive_url: str,
    cases: int,
    processes: int | None = None,
) -> AsyncIterator[list[Folded]]:
    """The cases, a part at a time; those of which there is nothing are left out.

    Args:
        sources: what is told of each.
        archive_url: where archived ones are read.
        cases: how many there may be.
        processes: how many fold; None is as many as there are processors, if it is worth it. One
            is this one, in a thread beside what else it does.
    """
    wanted = processes or ((os.cpu_count() or 1) if cases >= WORTH_IT else 1)
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[list[Folded]]] = set()
    with workers(wanted) as pool:
        async for part in _parts(sources):
            waiting.add(loop.run_in_executor(pool, fold_part, part, archive_url))
            if len(waiting) > 2 * wanted:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    yield each.result()
        for coming in asyncio.as_completed(waiting):
            yield await coming


def fold_part(part: Sequence[Source], archive_url: str) -> list[Folded]:
    """The same of a few, here and now."""
    found = [fold(source) for source in part if isinstance(source, Told)]
    if files := [source for source in part if isinstance(source, Archived)]:
        found += asyncio.run(_files(Archive(archive_url), files))
    return [each for each in found if each is not None]


async def _files(archive: Archive, files: Sequence[Archived]) -> list[Folded | None]:
    return [await _file(archive, file) for file in files]


async def _file(archive: Archive, file: Archived) -> Folded | None:
    try:
        return fold(await archive.read_now(file))
    except ArchiveDamaged as error:
        return Folded(file.tenant, file.number, None, wrong=str(error))


async def _parts(
    sources: AsyncIterator[tuple[str, Source | None]],
) -> AsyncIterator[list[Source]]:
    part: list[Source] = []
    async for _, source in sources:
        if source is not None:
            part.append(source)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part
