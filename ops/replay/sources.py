"""Where histories to replay come from: Temporal, the archive, files."""

import asyncio
import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.replay.history import Kept, NoHistory
from store.archive import Archive, Archived, ArchiveDamaged, Bundle

AT_ONCE = 16
RUNNING = "ExecutionStatus = 'Running'"
KNOWN = "BanjieKind IS NOT NULL"
"""Only cases have it; what else runs there is not ours to replay."""


class UnknownCase(LookupError):
    """Neither Temporal nor the archive knows the case."""


async def of_numbers(
    client: Client, archive: Archive, tenant: str, numbers: Iterable[str]
) -> AsyncIterator[Kept]:
    """Every run of these cases, from Temporal or, if it has forgotten them, from the archive.

    Raises:
        UnknownCase
    """
    for number in numbers:
        found = [kept async for kept in _runs(client, f"WorkflowId = '{number}'")]
        known = {kept.run for kept in found}
        files = [file for file in await archive.runs(tenant, number) if file.run not in known]
        found += [await _read(archive, file) for file in files]
        if not found:
            raise UnknownCase(f"Neither Temporal nor the archive knows a case {number}.")
        for kept in found:
            yield kept


def of_open(client: Client) -> AsyncIterator[Kept]:
    """All cases whose workflow runs."""
    return _runs(client, f"{KNOWN} AND {RUNNING}")


async def of_all(
    client: Client, archive: Archive, tenant: str, since: datetime | None = None
) -> AsyncIterator[Kept]:
    """All runs that Temporal has, then those that only the archive has.

    Args:
        client: Temporal.
        archive: what outlives it.
        tenant: whose archive.
        since: only runs that started then or later.
    """
    started = f" AND StartTime >= '{since.isoformat()}'" if since else ""
    seen: set[str] = set()
    async for kept in _runs(client, KNOWN + started):
        seen.add(kept.run)
        yield kept
    async for kept in of_archive(archive, tenant, since, seen):
        yield kept


async def of_archive(
    archive: Archive, tenant: str, since: datetime | None = None, but: Collection[str] = ()
) -> AsyncIterator[Kept]:
    """All archived runs, but for those; what is damaged is one that cannot be read."""
    paths = [path for path in await archive.paths(tenant) if Archived(path, "", 0).run not in but]
    for at in range(0, len(paths), AT_ONCE):
        taken = await asyncio.gather(*(_taken(archive, p) for p in paths[at : at + AT_ONCE]))
        for each in taken:
            if isinstance(each, Kept):
                yield each
            elif each and (since is None or each.began >= since):
                yield _archived(each)


async def of_files(paths: Sequence[Path]) -> AsyncIterator[Kept]:
    """Histories as files: Temporal's JSON, plain or compressed; a folder means all in it.

    Of several, one that cannot be read does not keep the others from being read.

    Raises:
        NoHistory: the only file that is named cannot be read, or a folder has none.
    """
    alone = len(paths) == 1 and not paths[0].is_dir()
    for path in paths:
        for file in await asyncio.to_thread(_inside, path):
            try:
                kept = await asyncio.to_thread(_file, file)
            except NoHistory as error:
                if alone:
                    raise
                kept = _unread(file.name.split(".")[0], str(file), error)
            yield kept


def _inside(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.rglob("*.json*") if each.is_file())
    if not found:
        raise NoHistory(f"The folder {path} holds no histories (*.json or *.json.gz).")
    return found


def _file(path: Path) -> Kept:
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        told: Any = json.loads(text)
        history = told.get("history", told) if isinstance(told, dict) else {}
        packed = b64decode(history) if isinstance(history, str) else b""
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise NoHistory(f"{path} is damaged, or its end is missing: it does not unpack.") from None
    except OSError as error:
        raise NoHistory(f"{path} cannot be read ({error.strerror or error}).") from None
    except (ValueError, RecursionError):
        raise NoHistory(f"{path} holds no JSON.") from None
    known = told if isinstance(told, dict) else {}
    name = path.name.split(".")[0]
    number, run = str(known.get("number", name)), str(known.get("run", name))
    if packed:
        return Kept(number, run, packed, str(path))
    return Kept(number, run, json.dumps(history).encode(), str(path), as_json=True)


async def _read(archive: Archive, file: Archived) -> Kept:
    try:
        return _archived(await archive.read_now(file))
    except ArchiveDamaged as error:
        return _unread(file.number, file.path, error)


async def _taken(archive: Archive, path: str) -> Bundle | Kept | None:
    try:
        taken = await archive.take(path)
    except ArchiveDamaged as error:
        return _unread(Archived(path, "", 0).number, path, error)
    return taken[1] if taken else None


def _unread(number: str, where: str, why: Exception) -> Kept:
    return Kept(number, number, b"", where, unread=str(why))


def _archived(bundle: Bundle) -> Kept:
    return Kept(bundle.number, bundle.run, bundle.history, bundle.path)


async def _runs(client: Client, query: str) -> AsyncIterator[Kept]:
    """Fetched a few at a time; what was forgotten since it was listed is left out."""
    waiting: list[tuple[str, str]] = []
    async for run in client.list_workflows(query):
        waiting.append((run.id, run.run_id))
        if len(waiting) == AT_ONCE:
            for kept in await _fetched(client, waiting):
                yield kept
            waiting.clear()
    for kept in await _fetched(client, waiting):
        yield kept


async def _fetched(client: Client, runs: Sequence[tuple[str, str]]) -> list[Kept]:
    found = await asyncio.gather(*(_fetch(client, *run) for run in runs))
    return [kept for kept in found if kept is not None]


async def _fetch(client: Client, number: str, run: str) -> Kept | None:
    try:
        history = await client.get_workflow_handle(number, run_id=run).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return Kept(number, run, History(events=history.events).SerializeToString())
