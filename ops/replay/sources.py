"""Where histories to replay come from: Temporal, the archive, files."""

import asyncio
import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.replay.history import Kept, NoHistory
from store.archive import Archive, Archived, Bundle

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
        found += [_archived(await archive.read_now(file)) for file in files]
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
    paths = [path for path in await archive.paths(tenant) if Archived(path, "", 0).run not in seen]
    for at in range(0, len(paths), AT_ONCE):
        taken = await asyncio.gather(*map(archive.take, paths[at : at + AT_ONCE]))
        for _, bundle in filter(None, taken):
            if since is None or bundle.began >= since:
                yield _archived(bundle)


async def of_files(paths: Sequence[Path]) -> AsyncIterator[Kept]:
    """Histories as files: Temporal's JSON, plain or compressed; a folder means all in it.

    Raises:
        NoHistory: a file cannot be read.
    """
    for path in paths:
        for file in await asyncio.to_thread(_inside, path):
            yield await asyncio.to_thread(_file, file)


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
    except OSError as error:
        raise NoHistory(f"{path} cannot be read ({error.strerror or error}).") from None
    except (ValueError, zlib.error, EOFError):
        raise NoHistory(f"{path} holds no JSON.") from None
    known = told if isinstance(told, dict) else {}
    name = path.name.split(".")[0]
    number, run = str(known.get("number", name)), str(known.get("run", name))
    if packed:
        return Kept(number, run, packed, str(path))
    return Kept(number, run, json.dumps(history).encode(), str(path), as_json=True)


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
