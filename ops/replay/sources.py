"""Where the histories to replay come from: Temporal, the archive, files."""

import asyncio
import json
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from temporalio.client import Client, WorkflowExecution

from ops.replay.history import PackedHistory, UnreadableHistory
from ops.worker_pool import batched
from runtime.message import Message
from store.archive import Archive, ArchiveDamaged, ArchivedFile, Bundle
from store.archive.checked_gzip import MAX_FILE, BrokenFile, unpack_gzip
from temporal.histories import fetch_history, pack
from temporal.names import CASES_QUERY, RUNNING_CASES_QUERY

CONCURRENCY: Final = 16


class UnknownCase(LookupError):
    """Neither Temporal nor the archive knows the case."""


async def of_numbers(
    client: Client, archive: Archive, tenant: str, numbers: Iterable[str]
) -> AsyncIterator[PackedHistory]:
    """Yield every run of these cases, from Temporal or, if it has forgotten them, from the archive.

    Raises:
        UnknownCase
    """
    for number in numbers:
        histories = [each async for each in _of_temporal(client, f"WorkflowId = '{number}'")]
        runs = {each.run for each in histories}
        files = [file for file in await archive.runs(tenant, number) if file.run not in runs]
        histories += [await _read_newest(archive, file) for file in files]
        if not histories:
            raise UnknownCase(
                Message("Neither Temporal nor the archive knows a case %(number)s.", number=number)
            )
        for history in histories:
            yield history


def of_open(client: Client) -> AsyncIterator[PackedHistory]:
    """Yield all cases whose workflow runs."""
    return _of_temporal(client, RUNNING_CASES_QUERY)


async def of_all(
    client: Client, archive: Archive, tenant: str, since: datetime | None = None
) -> AsyncIterator[PackedHistory]:
    """Yield all runs that Temporal has, then those that only the archive has.

    Args:
        client: Temporal.
        archive: what outlives it.
        tenant: whose archive.
        since: only runs that started then or later.
    """
    started = f" AND StartTime >= '{since.isoformat()}'" if since else ""
    runs: set[str] = set()
    async for history in _of_temporal(client, CASES_QUERY + started):
        runs.add(history.run)
        yield history
    async for history in of_archive(archive, tenant, since, runs):
        yield history


async def of_archive(
    archive: Archive, tenant: str, since: datetime | None = None, except_for: Collection[str] = ()
) -> AsyncIterator[PackedHistory]:
    """Yield all archived runs but those; a damaged file yields an unreadable history."""
    paths = [
        path
        for path in await archive.paths(tenant)
        if ArchivedFile(path, "", 0).run not in except_for
    ]
    for start in range(0, len(paths), CONCURRENCY):
        some = paths[start : start + CONCURRENCY]
        for each in await asyncio.gather(*(_read_path(archive, path) for path in some)):
            if isinstance(each, PackedHistory):
                yield each
            elif each and (since is None or each.began >= since):
                yield _of_bundle(each)


async def of_files(paths: Sequence[Path]) -> AsyncIterator[PackedHistory]:
    """Histories as files: Temporal's JSON, plain or compressed; a folder means all in it.

    Of several, one that cannot be read does not keep the others from being read.

    Raises:
        UnreadableHistory: the only file that is named cannot be read, or a folder has none.
    """
    only_one = len(paths) == 1 and not paths[0].is_dir()
    for path in paths:
        for file in await asyncio.to_thread(_files_in, path):
            try:
                history = await asyncio.to_thread(_read_file, file)
            except UnreadableHistory as error:
                if only_one:
                    raise
                history = _unreadable(file.name.split(".")[0], str(file), error)
            yield history


async def _of_temporal(client: Client, query: str) -> AsyncIterator[PackedHistory]:
    """Yield the runs that Temporal lists; a run that was forgotten since then is left out."""
    async for runs in batched(client.list_workflows(query), CONCURRENCY):
        for history in await asyncio.gather(*(_fetch(client, run) for run in runs)):
            if history is not None:
                yield history


async def _fetch(client: Client, run: WorkflowExecution) -> PackedHistory | None:
    history = await fetch_history(client, run.id, run.run_id)
    return PackedHistory(run.id, run.run_id, pack(history)) if history else None


async def _read_newest(archive: Archive, file: ArchivedFile) -> PackedHistory:
    try:
        return _of_bundle(await archive.read_current(file))
    except ArchiveDamaged as error:
        return _unreadable(file.number, file.path, error)


async def _read_path(archive: Archive, path: str) -> Bundle | PackedHistory | None:
    try:
        archived = await archive.get(path)
    except ArchiveDamaged as error:
        return _unreadable(ArchivedFile(path, "", 0).number, path, error)
    return archived[1] if archived else None


def _of_bundle(bundle: Bundle) -> PackedHistory:
    return PackedHistory(bundle.number, bundle.run, bundle.history, bundle.path)


def _unreadable(number: str, where: str, reason: Exception) -> PackedHistory:
    return PackedHistory(number, number, b"", where, unreadable=str(reason))


def _files_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(each for each in path.rglob("*.json*") if each.is_file())
    if not files:
        raise UnreadableHistory(
            Message("The folder %(path)s holds no histories (*.json or *.json.gz).", path=path)
        )
    return files


def _read_file(path: Path) -> PackedHistory:
    """Read a history of Temporal's tools, or one with the names of an archive's bundle."""
    document, history = _parse_file(path)
    name = path.name.split(".")[0]
    number, run = str(document.get("number", name)), str(document.get("run", name))
    if isinstance(history, bytes):
        return PackedHistory(number, run, history, str(path))
    return PackedHistory(number, run, json.dumps(history).encode(), str(path), as_json=True)


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise BrokenFile(Message("it is larger than %(max_file)s bytes", max_file=MAX_FILE))
    return raw


def _parse_file(path: Path) -> tuple[dict[str, Any], Any]:
    """Return the file's document, and the history in it: as bytes if packed, else as JSON."""
    try:
        raw = _read_bytes(path)
        text = unpack_gzip(raw) if raw[:2] == b"\x1f\x8b" else raw
        document: Any = json.loads(text)
        if not isinstance(document, dict):
            return {}, {}
        history = document.get("history", document)
        return document, (b64decode(history) or history) if isinstance(history, str) else history
    except BrokenFile as error:
        reason = Message("%(path)s cannot be used: %(error)s.", path=path, error=error)
    except zlib.error:
        reason = Message(
            "%(path)s is damaged, or its end is missing: it does not unpack.", path=path
        )
    except OSError as error:
        reason = Message(
            "%(path)s cannot be read (%(value)s).", path=path, value=error.strerror or error
        )
    except (ValueError, RecursionError):
        reason = Message("%(path)s holds no JSON.", path=path)
    raise UnreadableHistory(reason)
