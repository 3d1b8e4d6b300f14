"""Folds many cases, in several processes if there are any: folding keeps one processor busy."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, TypeVar

from ops.rebuild.folding import Folded, fold
from ops.rebuild.told import Source, Told
from ops.rebuild.workers import Workers
from store.archive import Archive, Archived, ArchiveDamaged

T = TypeVar("T")

PART: Final = 50
"""So many cases are folded, and then written, at a time."""


async def work_on(
    sources: AsyncIterator[tuple[str, Source | None]],
    work: Callable[[Sequence[Source]], T],
    by: Workers,
) -> AsyncIterator[T]:
    """What comes of the cases, a part at a time; those of which nothing is told are left out.

    Args:
        sources: what is told of each.
        work: what is done with a part; it is sent to other processes.
        by: who does it.
    """
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[T]] = set()
    async for part in _parts(sources):
        waiting.add(loop.run_in_executor(by.pool, work, part))
        if len(waiting) > 2 * by.number:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                yield each.result()
    for coming in asyncio.as_completed(waiting):
        yield await coming


def fold_part(part: Sequence[Source], archive_url: str) -> list[Folded]:
    """A few cases folded; those of which there is nothing are left out."""
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
