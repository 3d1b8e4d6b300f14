"""Puts a backup into a folder: all of it, verified before and after, or nothing."""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops.backup.databases import examine
from ops.backup.errors import BackupError, Busy, Damaged, InTheWay, named
from ops.backup.layout import CLIENT, DATABASES
from ops.backup.manifest import Hashing, Manifest
from ops.backup.read import check, there, walk

LOCK = "up.lock"


@dataclass(frozen=True)
class Restored:
    """What was restored, where to, and where what was there before is now."""

    folder: Path
    manifest: Manifest
    before: Path | None


def _not_noted(_folder: Path, _manifest: Manifest) -> None:
    """For whoever restores to look at it."""


def restore(
    file: Path,
    folder: Path,
    *,
    at: datetime,
    force: bool,
    say: Callable[[str], None],
    note: Callable[[Path, Manifest], None] = _not_noted,
) -> Restored:
    """Unpack beside the folder, verify what is on the disk, then give it the folder's name.

    Args:
        file: the backup.
        folder: not there yet, or empty.
        at: the time, for the name of what is put aside.
        force: what is in the folder is put aside, beside it; never while a system runs in it.
        say: told what is being done.
        note: writes down that it was done, in what is unpacked; if it cannot, nothing is done.

    Raises:
        NothingThere, Damaged, InTheWay, Busy, NoRoom, BackupError
    """
    folder = folder.absolute()
    there(file)
    with named(f"restoring to {folder}"), _free(folder, force=force):
        say(f"Verifying {file}.")
        manifest = check(file)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as stage:
            say(f"Unpacking {len(manifest.members)} files, {manifest.bytes} bytes.")
            unpacked = walk(file, lambda path, content: _write(stage / path, content))
            if unpacked != manifest:
                raise Damaged(f"{file} changed while it was read; nothing was restored.")
            say("Verifying what was unpacked.")
            _verify(stage, manifest)
            _forget_addresses(stage / CLIENT)
            note(stage, manifest)
            (stage / "logs").mkdir()
            before = _swap(stage, folder, at)
    return Restored(folder, manifest, before)


def _verify(stage: Path, manifest: Manifest) -> None:
    """What the disk gives back, byte by byte."""
    for member in manifest.members:
        with (stage / member.path).open("rb") as file:
            hashing = Hashing(file)
            for _ in hashing.parts():
                pass
        if hashing.member(member.path) != member:
            raise Damaged(f"The disk did not keep {member.path} as it was written.")
    for name in DATABASES:
        examine(stage / name)


def _write(path: Path, content: Hashing) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in content.parts():
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def _forget_addresses(file: Path) -> None:
    """They are those of the system that was backed up, which may still run: no command goes there.

    The next `banjie up` writes its own.
    """
    if file.is_file():
        told = json.loads(file.read_text(encoding="utf-8")) | {"url": "", "temporal": ""}
        file.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")


@contextmanager
def _free(folder: Path, *, force: bool) -> Iterator[None]:
    """Hold the folder, if there is one, so that nobody starts a system in it meanwhile.

    Raises:
        InTheWay, Busy
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        yield
        return
    _refuse(folder, force=force)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Busy(f"Banjie runs in {folder}. Stop it first, or restore to another one.") from None
    finally:
        os.close(handle)


def _refuse(folder: Path, *, force: bool) -> None:
    ours = folder.is_dir() and any((folder / name).exists() for name in DATABASES)
    if not ours:
        raise InTheWay(f"{folder} is there and holds other things than Banjie's; name another.")
    if not force:
        raise InTheWay(
            f"{folder} holds a system already. Name a folder that is empty or not there yet; or "
            "say --force, and what is in it is put aside, beside it."
        )


def _swap(stage: Path, folder: Path, at: datetime) -> Path | None:
    before = None
    if folder.exists() and any(folder.iterdir()):
        before = folder.with_name(f"{folder.name}.before-{at:%Y%m%dT%H%M%SZ}")
        folder.rename(before)
    try:
        stage.rename(folder)
    except OSError as error:
        if before:
            before.rename(folder)
        raise BackupError(f"{folder} cannot be put in place: {error.strerror}.") from None
    return before


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder beside it, for its owner alone; it is gone afterwards, renamed or removed."""
    made = tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent)
    try:
        yield Path(made.name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            made.cleanup()
