"""Takes a backup of a data folder, while the system in it runs or after it stopped.

A case moves in Temporal first and is written to the store after it. So the store is locked while
both files are copied: what Temporal's copy believes recorded was in the store before, and what the
store has was in Temporal before. What was on its way is recorded again after a restore.
"""

import io
import os
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from ops.backup.databases import check_integrity, compact, copy_database, write_lock
from ops.backup.errors import BackupError, Damaged, InTheWay, NothingThere, disk_errors
from ops.backup.file import (
    CLIENT,
    DATABASES,
    MANIFEST,
    STORE,
    Client,
    HashingReader,
    Manifest,
    Member,
    is_secret,
    key_files,
    tree_files,
    verify_backup,
)
from runtime.message import Message

LEVEL = 6
Say = Callable[[str], None]
"""Called with a sentence about what is being done."""


@dataclass(frozen=True)
class BackupReport:
    """A backup, written and read again; the store was locked for `locked` seconds."""

    file: Path
    bytes: int
    manifest: Manifest
    locked: float


def take_backup(
    folder: Path, out: Path, *, at: datetime, with_keys: bool, say: Say
) -> BackupReport:
    """Write the backup, read it again, and only then give it its name.

    Args:
        folder: the data folder.
        out: the file; it must not exist yet.
        at: the time, for the manifest.
        with_keys: include private keys: those of the API, of the cursors, of the audit log.
        say: called with what is being done.

    Raises:
        NothingThere, InTheWay, Busy, Damaged, NoRoom, BackupError
    """
    if missing := [name for name in DATABASES if not (folder / name).is_file()]:
        raise NothingThere(
            Message(
                "%(folder)s holds none of %(missing)s: nothing to back up.",
                folder=folder,
                missing=missing,
            )
        )
    if out.exists():
        raise InTheWay(Message("%(out)s is there already; name another file.", out=out))
    with disk_errors(Message("writing %(out)s", out=out)), _stage(out) as stage:
        trees, seconds = _copy(folder, stage, say)
        for name in DATABASES:
            compact(stage / name)
            check_integrity(stage / name)
        packed = stage / "packed"
        # It holds customers' data, so only its owner may read it, from the first byte on.
        with os.fdopen(os.open(packed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            manifest = _pack(folder, stage, trees, with_keys=with_keys, at=at, into=file)
            file.flush()
            os.fsync(file.fileno())
        say(Message("Reading it again."))
        if verify_backup(packed) != manifest:
            raise Damaged(
                Message(
                    "%(out)s did not come out as it was written; nothing is left of it.", out=out
                )
            )
        size = packed.stat().st_size
        packed.rename(out)
    return BackupReport(out, size, manifest, seconds)


def _copy(folder: Path, stage: Path, say: Say) -> tuple[list[str], float]:
    """Copy the databases of one moment; return the names of the other files, and the seconds."""
    began = time.monotonic()
    with write_lock(folder / STORE):
        for name in DATABASES:
            say(Message("Copying %(name)s.", name=name))
            copy_database(folder / name, stage / name)
        # Listed after both copies: a checkpoint must not know more than the store, nor Temporal
        # more than the archive. These files never change, so their names are enough for now.
        trees = list(tree_files(folder))
    seconds = time.monotonic() - began
    say(
        Message(
            "Copied in %(seconds)s s, in which nothing was recorded; packing %(trees)s files.",
            seconds=f"{seconds:.1f}",
            trees=len(trees),
        )
    )
    return trees, seconds


def _pack(
    folder: Path, stage: Path, trees: list[str], *, with_keys: bool, at: datetime, into: IO[bytes]
) -> Manifest:
    with tarfile.open(fileobj=into, mode="w:gz", compresslevel=LEVEL) as tar:
        members = [_add(tar, stage / name, name) for name in DATABASES]
        keys = (name for name in key_files(folder) if with_keys or not is_secret(name))
        members += [_add(tar, folder / name, name) for name in keys]
        members += _add_client(tar, folder, with_keys=with_keys)
        members += _add_trees(tar, folder, trees)
        manifest = Manifest(
            banjie=version("banjie"), made_at=at, keys=with_keys, members=tuple(members)
        )
        _put(tar, MANIFEST, io.BytesIO(manifest.model_dump_json(indent=1).encode()))
    return manifest


def _add_client(tar: tarfile.TarFile, folder: Path, *, with_keys: bool) -> Iterator[Member]:
    """Add `client.json` without its secrets: the next `banjie up` gives out new ones."""
    path = folder / CLIENT
    if path.is_file():
        try:
            client = Client.model_validate_json(path.read_bytes())
        except ValidationError:
            raise BackupError(
                Message("%(path)s cannot be read; remove it, or mend it.", path=path)
            ) from None
        if not with_keys:
            client = client.model_copy(update={"keys": {}, "sample_password": ""})
        yield _put(tar, CLIENT, io.BytesIO(client.text().encode()))


def _add_trees(tar: tarfile.TarFile, folder: Path, names: list[str]) -> Iterator[Member]:
    """Add the files of the trees; an attachment may have been erased since they were listed."""
    for name in names:
        with suppress(FileNotFoundError):
            yield _add(tar, folder / name, name)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> Member:
    with path.open("rb") as file:
        return _put(tar, name, file)


def _put(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.mode = file.seek(0, io.SEEK_END), 0o600
    file.seek(0)
    reader = HashingReader(file)
    tar.addfile(info, reader)
    return reader.member(name)


@contextmanager
def _stage(out: Path) -> Iterator[Path]:
    """Yield a folder for the copies, its owner's only, on the disk where the backup will be."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as stage:
        yield Path(stage)
