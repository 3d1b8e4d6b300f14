"""Restores a backup into a folder: all of it, verified before and after, or nothing."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from ops.backup.databases import check_integrity
from ops.backup.errors import BackupError, Busy, Damaged, InTheWay, NoRoom, disk_errors
from ops.backup.file import (
    CLIENT,
    DATABASES,
    STORE,
    Client,
    HashingReader,
    Manifest,
    read_members,
    refuse_missing,
    verify_backup,
)
from runtime.message import Message
from store import Store
from store.audit.records import By
from store.errors import StoreError

LOCK = "up.lock"
TENANT = "default"


@dataclass(frozen=True)
class RestoreReport:
    """What was restored, where, and where that is now which was there before."""

    folder: Path
    manifest: Manifest
    before: Path | None


def restore_backup(
    file: Path,
    folder: Path,
    *,
    at: datetime,
    force: bool,
    say: Callable[[str], None],
    by: By | None = None,
) -> RestoreReport:
    """Unpack beside the folder, verify what is on the disk, then give it the folder's name.

    Args:
        file: the backup.
        folder: does not exist yet, or is empty.
        at: the time, for the name of what is put aside.
        force: put what is in the folder aside, beside it; never while a system runs in it.
        say: called with what is being done.
        by: who restores; written into the restored audit log, or nothing is restored.

    Raises:
        NothingThere, Damaged, InTheWay, Busy, NoRoom, BackupError
    """
    folder = folder.absolute()
    refuse_missing(file)
    with disk_errors(Message("restoring to %(folder)s", folder=folder)), _lock(folder, force=force):
        say(Message("Verifying %(file)s.", file=file))
        manifest = verify_backup(file)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _refuse_no_room(manifest, folder.parent)
        with _stage(folder) as stage:
            say(
                Message(
                    "Unpacking %(members)s files, %(bytes)s bytes.",
                    members=len(manifest.members),
                    bytes=manifest.bytes,
                )
            )
            unpacked = read_members(file, lambda path, content: _write(stage / path, content))
            if unpacked != manifest:
                raise Damaged(
                    Message("%(file)s changed while it was read; nothing was restored.", file=file)
                )
            say(Message("Verifying what was unpacked."))
            _verify(stage, manifest)
            _forget_addresses(stage / CLIENT)
            _prepare_store(stage, manifest, by)
            (stage / "logs").mkdir()
            before = _swap(stage, folder, at)
    return RestoreReport(folder, manifest, before)


@contextmanager
def _lock(folder: Path, *, force: bool) -> Iterator[None]:
    """Lock the folder, if there is one, so that nobody starts a system in it meanwhile.

    Raises:
        InTheWay, Busy
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        yield
        return
    _refuse_occupied(folder, force=force)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Busy(
            Message(
                "Banjie runs in %(folder)s. Stop it first, or restore to another one.",
                folder=folder,
            )
        ) from None
    finally:
        os.close(handle)


def _refuse_occupied(folder: Path, *, force: bool) -> None:
    ours = folder.is_dir() and any((folder / name).exists() for name in DATABASES)
    if not ours:
        raise InTheWay(
            Message(
                "%(folder)s is there and holds other things than Banjie's; name another.",
                folder=folder,
            )
        )
    if not force:
        raise InTheWay(
            Message(
                "%(folder)s holds a system already. Name a folder that is empty or not "
                "there yet; or say --force, and what is in it is put aside, beside it.",
                folder=folder,
            )
        )


def _refuse_no_room(manifest: Manifest, place: Path) -> None:
    """Refuse what does not fit on the disk, before anything is written.

    Raises:
        NoRoom
    """
    free = shutil.disk_usage(place).free
    if manifest.bytes > free:
        raise NoRoom(
            Message(
                "The backup unpacks to %(bytes)s bytes, and %(place)s has %(free)s left. "
                "Make room, or restore to another disk.",
                bytes=manifest.bytes,
                place=place,
                free=free,
            )
        )


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """Yield a folder beside it, its owner's only; it is gone afterwards, renamed or removed."""
    stage = tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent)
    try:
        yield Path(stage.name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            stage.cleanup()


def _write(path: Path, content: HashingReader) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in content.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _verify(stage: Path, manifest: Manifest) -> None:
    """Compare what the disk gives back with the manifest, byte by byte."""
    for member in manifest.members:
        with (stage / member.path).open("rb") as file:
            reader = HashingReader(file)
            for _ in reader.chunks():
                pass
        if reader.member(member.path) != member:
            raise Damaged(
                Message("The disk did not keep %(path)s as it was written.", path=member.path)
            )
    for name in DATABASES:
        check_integrity(stage / name)


def _forget_addresses(file: Path) -> None:
    """Remove the addresses of the system that was backed up: it may still run.

    No command may go there by mistake; the next `banjie up` writes its own addresses.
    """
    if file.is_file():
        client = Client.model_validate_json(file.read_bytes())
        client = client.model_copy(update={"url": "", "temporal": ""})
        file.write_text(client.text(), encoding="utf-8")


def _prepare_store(folder: Path, manifest: Manifest, by: By | None) -> None:
    """End what must not go on, and write the restore into the audit log, before anything else.

    Sessions that were ended since, and links that were used since, would be good again.
    """
    details: dict[str, JsonValue] = {"banjie": manifest.banjie, "keys": manifest.keys}
    made_at = manifest.made_at.isoformat()

    async def write() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{folder / STORE}")
        try:
            await store.record_copy.drop_ephemeral()
            if by is not None:
                await store.audit_log.add(
                    TENANT, by.actor, "system.restored", made_at, by.reason, details
                )
        finally:
            await store.close()

    try:
        # In a thread, since whoever restores may have a loop that runs.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, write()).result()
    except StoreError as error:
        raise BackupError(
            Message("The restored store cannot be written to: %(error)s", error=error)
        ) from None


def _swap(stage: Path, folder: Path, at: datetime) -> Path | None:
    """Put the stage in the folder's place; return where the old content is now."""
    before = None
    if folder.exists() and any(folder.iterdir()):
        before = folder.with_name(f"{folder.name}.before-{at:%Y%m%dT%H%M%SZ}")
        folder.rename(before)
    try:
        stage.rename(folder)
    except OSError as error:
        if before:
            before.rename(folder)
        raise BackupError(
            Message(
                "%(folder)s cannot be put in place: %(why)s.",
                folder=folder,
                why=error.strerror,
            )
        ) from None
    return before
