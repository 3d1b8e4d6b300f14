"""Checks the archive: it can be written, and its newest files are as they were written."""

import asyncio
import os
from pathlib import Path

from ops.doctor.checks import CheckResult, Level, ok, wrong
from ops.doctor.places import existing, folder_of
from runtime.message import Message
from store.archive import Archive, ArchiveDamaged, ArchivedFile, ListedFile, Manifests
from store.archive.storage import ObjectStorage
from store.errors import ArchiveDown, WrongUrl

NEWEST = 20
"""So many files are read; `banjie archive verify` reads them all."""
REMEDY = Message(
    "Run `banjie archive verify`, which names all that is; restore them from a backup."
)


async def check_archive(url: str, tenant: str) -> list[CheckResult]:
    """Check that it can be written; if so, its list and the newest files of the list."""
    writable = await _check_place(url)
    if writable.level is Level.WRONG:
        return [writable]
    archive = Archive(url)
    state = await Manifests(archive).read(tenant)
    if state.broken:
        n, why = state.broken[0]
        return [
            wrong(
                "archive",
                Message("Part %(n)s of the archive's list is damaged: %(why)s.", n=n, why=why),
                REMEDY,
            )
        ]
    files = sorted(state.files.values(), key=lambda file: file.archived_at)[-NEWEST:]
    damage = await asyncio.gather(*(_damage(archive, file) for file in files))
    if first := next(iter(damaged := [why for why in damage if why]), ""):
        more = Message(" And %(value)s more.", value=len(damaged) - 1) if damaged[1:] else ""
        return [wrong("archive", f"{first}{more}", REMEDY)]
    if files:
        return [
            ok(
                "archive",
                Message(
                    "It can be written; its list and newest %(files)s are sound.", files=len(files)
                ),
            )
        ]
    return [writable]


async def _check_place(url: str) -> CheckResult:
    folder = folder_of(url)
    if folder is not None and not folder.exists():
        return _check_missing(folder)
    try:
        await ObjectStorage(url).probe()
    except WrongUrl as error:
        return wrong("archive", str(error), Message("Correct BANJIE_ARCHIVE_URL."))
    except ArchiveDown as error:
        remedy = Message("Mend it or BANJIE_ARCHIVE_URL; cases that end wait for it meanwhile.")
        return wrong("archive", str(error), remedy)
    return ok("archive", Message("It can be written."))


def _check_missing(folder: Path) -> CheckResult:
    """Check that the folder can be made, which happens when the first run ends."""
    above = existing(folder)
    if os.access(above, os.W_OK | os.X_OK):
        return ok("archive", Message("Nothing is archived yet; its folder can be made."))
    remedy = Message("Make the folder for the user of the worker, or correct BANJIE_ARCHIVE_URL.")
    return wrong(
        "archive",
        Message(
            "%(folder)s is not there, and %(above)s may not be written.", folder=folder, above=above
        ),
        remedy,
    )


async def _damage(archive: Archive, file: ListedFile) -> str:
    """Return what is wrong with a file; nothing if it is as it was written."""
    try:
        await archive.read(ArchivedFile(file.path, file.sha256, file.bytes))
    except ArchiveDamaged as error:
        return str(error)
    return ""
