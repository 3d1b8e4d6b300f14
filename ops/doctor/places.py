"""Checks the disk and the API."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from ops.doctor.checks import CheckResult, ok, warning, wrong
from runtime.message import Message

MIB = 1024 * 1024
LOW, FULL = 2048 * MIB, 200 * MIB


async def check_disk(database: Path | None, *urls: str) -> list[CheckResult]:
    """Check that there is room where we write; of a bucket nobody sees the end."""
    folders = [database.parent] if database is not None else []
    folders += [folder for url in urls if (folder := folder_of(url)) is not None]
    free: dict[Path, int] = {}
    for folder in map(existing, folders):
        free[folder] = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    if not free:
        return [ok("disk", Message("Nothing is kept on this machine."))]
    place, least = min(free.items(), key=lambda item: item[1])
    message = Message(
        "%(value)s MiB are free at %(place)s.", value=f"{least // MIB:,}", place=place
    )
    if least >= LOW:
        return [ok("disk", message)]
    level = wrong if least < FULL else warning
    return [level("disk", message, Message("Make room: old backups, exports, and logs first."))]


async def check_api(url: str | None) -> list[CheckResult]:
    """Check that the API is ready."""
    if url is None:
        return []
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            response = await http.get(f"{url}/readyz")
        status = str(response.json().get("status"))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        remedy = Message(
            "Start it: `banjie up`, or `python -m api`; see that its port is free and right."
        )
        return [wrong("api", Message("No API answers at %(url)s.", url=url), remedy)]
    if status != "ready":
        remedy = Message("See what is said of the database and of Temporal, and the API's log.")
        return [
            wrong(
                "api", Message("The API at %(url)s is %(status)s.", url=url, status=status), remedy
            )
        ]
    return [ok("api", Message("It is ready at %(url)s.", url=url))]


def folder_of(url: str) -> Path | None:
    """Return the folder of a `file://` address; None for any other."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists and so is on the same disk."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place
