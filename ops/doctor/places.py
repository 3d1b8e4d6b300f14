"""Places beside the database and Temporal: the disk, the archive, the API."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from ops.doctor.findings import Finding, ok, warning, wrong
from store.archive.place import Place
from store.errors import ArchiveDown, WrongUrl

MIB = 1024 * 1024
LOW, FULL = 2048 * MIB, 200 * MIB


async def disk(file: Path | None, *urls: str) -> list[Finding]:
    """Whether there is room where we write; a bucket has no end that we see."""
    least: dict[Path, int] = {}
    for place in _folders(file, urls):
        least[place] = (await asyncio.to_thread(shutil.disk_usage, place)).free
    if not least:
        return [ok("disk", "Nothing is kept on this machine.")]
    place, free = min(least.items(), key=lambda each: each[1])
    said = f"{free // MIB:,} MiB are free at {place}."
    if free >= LOW:
        return [ok("disk", said)]
    level = wrong if free < FULL else warning
    return [level("disk", said, "Make room: old backups, exports, and logs first.")]


async def archive(url: str) -> list[Finding]:
    """Whether finished runs can be kept."""
    folder = _folder(url)
    if folder is not None and not folder.exists():
        return [_unmade(folder)]
    try:
        await Place(url).probe()
    except WrongUrl as error:
        return [wrong("archive", str(error), "Correct BANJIE_ARCHIVE_URL.")]
    except ArchiveDown as error:
        mend = "Mend it or BANJIE_ARCHIVE_URL; cases that end wait for it meanwhile."
        return [wrong("archive", str(error), mend)]
    return [ok("archive", "It can be written.")]


async def api(url: str | None) -> list[Finding]:
    """Whether the API is ready."""
    if url is None:
        return []
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            answer = await http.get(f"{url}/readyz")
        status = str(answer.json().get("status"))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        mend = "Start it: `banjie up`, or `python -m api`; see that its port is free and right."
        return [wrong("api", f"No API answers at {url}.", mend)]
    if status != "ready":
        mend = "See what is said of the database and of Temporal, and the API's log."
        return [wrong("api", f"The API at {url} is {status}.", mend)]
    return [ok("api", f"It is ready at {url}.")]


def _unmade(folder: Path) -> Finding:
    """A folder that the first run to end will make."""
    above = _there(folder)
    if os.access(above, os.W_OK | os.X_OK):
        return ok("archive", "Nothing is archived yet; its folder can be made.")
    mend = "Make the folder for the user of the worker, or correct BANJIE_ARCHIVE_URL."
    return wrong("archive", f"{folder} is not there, and {above} may not be written.", mend)


def _folders(file: Path | None, urls: tuple[str, ...]) -> Iterator[Path]:
    folders = [file.parent] if file is not None else []
    folders += [folder for url in urls if (folder := _folder(url)) is not None]
    # What is not there yet will lie on the disk of the folder above.
    yield from map(_there, folders)


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _there(folder: Path) -> Path:
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place
