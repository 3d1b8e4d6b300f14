"""The archive: whether it can be written, and what it kept last is as it was written."""

import asyncio

from ops.doctor import places
from ops.doctor.findings import Finding, Level, ok, wrong
from store.archive import Archive, Archived, ArchiveDamaged, Listed, Manifests

NEWEST = 20
"""So many files are read; `banjie archive verify` reads them all."""
MEND = "Run `banjie archive verify`, which names all that is; restore them from a backup."


async def look(url: str, tenant: str) -> list[Finding]:
    """Whether it can be written; if so, its list, and the newest files of it."""
    found = await places.archive(url)
    if any(each.level is Level.WRONG for each in found):
        return found
    archive = Archive(url)
    known = await Manifests(archive).read(tenant)
    if known.broken:
        n, why = known.broken[0]
        return [wrong("archive", f"Part {n} of the archive's list is damaged: {why}.", MEND)]
    files = sorted(known.files.values(), key=lambda each: each.archived_at)[-NEWEST:]
    said = [why for why in await asyncio.gather(*(_spoilt(archive, f) for f in files)) if why]
    if said:
        return [wrong("archive", f"{said[0]}{_others(said)}", MEND)]
    if files:
        return [ok("archive", f"It can be written; its list and newest {len(files)} are sound.")]
    return found


def _others(said: list[str]) -> str:
    return f" And {len(said) - 1} more." if said[1:] else ""


async def _spoilt(archive: Archive, file: Listed) -> str:
    """What is wrong with a file; nothing, if it is what was written."""
    try:
        await archive.read(Archived(file.path, file.sha256, file.bytes))
    except ArchiveDamaged as error:
        return str(error)
    return ""
