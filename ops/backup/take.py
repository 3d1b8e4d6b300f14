"""Takes a backup of a data folder, while the system in it runs or after it stopped.

A case moves in Temporal first and is written to the store after it. So the store is held still
while both files are copied: what Temporal's copy believes recorded was in the store before, and
what the store has was in Temporal before. What was on its way is recorded again after a restore.
"""

import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from ops.backup import layout
from ops.backup.databases import copy, examine, held
from ops.backup.errors import BackupError, Damaged, InTheWay, NothingThere, named
from ops.backup.manifest import Hashing, Manifest, Member
from ops.backup.read import check

Say = Callable[[str], None]
LEVEL = 6


@dataclass(frozen=True)
class Taken:
    """A backup, written and read again; `held` is how many seconds the store stood still."""

    file: Path
    bytes: int
    manifest: Manifest
    held: float


def take(folder: Path, out: Path, *, at: datetime, with_keys: bool, say: Say) -> Taken:
    """Write the backup, read it again, and only then give it its name.

    Args:
        folder: the data folder.
        out: the file; it must not be there yet.
        at: the time, for the manifest.
        with_keys: whether private keys go in: those of the API, of the cursors, of the audit log.
        say: told what is being done.

    Raises:
        NothingThere, InTheWay, Busy, Damaged, NoRoom, BackupError
    """
    if missing := [name for name in layout.DATABASES if not (folder / name).is_file()]:
        raise NothingThere(f"{folder} holds no {' and no '.join(missing)}: nothing to back up.")
    if out.exists():
        raise InTheWay(f"{out} is there already; name another file.")
    with named(f"writing {out}"), _beside(out) as stage:
        trees, seconds = _copied(folder, stage, say)
        for name in layout.DATABASES:
            examine(stage / name)
        packed = stage / "packed"
        # It holds customers' data: for its owner alone from the first byte on.
        with os.fdopen(os.open(packed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            written = _pack(folder, stage, trees, with_keys=with_keys, at=at, into=file)
            file.flush()
            os.fsync(file.fileno())
        say("Reading it again.")
        if check(packed) != written:
            raise Damaged(f"{out} did not come out as it was written; nothing is left of it.")
        size = packed.stat().st_size
        packed.rename(out)
    return Taken(out, size, written, seconds)


def _copied(folder: Path, stage: Path, say: Say) -> tuple[list[str], float]:
    """The databases and the names of the other files, all of one moment."""
    began = time.monotonic()
    with held(folder / layout.STORE):
        for name in layout.DATABASES:
            say(f"Copying {name}.")
            copy(folder / name, stage / name)
        # After both: a checkpoint must not know more than the store, nor Temporal more than the
        # archive. These files are written once, so their names are enough for now.
        trees = list(layout.trees(folder))
    seconds = time.monotonic() - began
    say(f"Copied in {seconds:.1f} s, in which nothing was recorded; packing {len(trees)} files.")
    return trees, seconds


def _pack(
    folder: Path, stage: Path, trees: list[str], *, with_keys: bool, at: datetime, into: IO[bytes]
) -> Manifest:
    with tarfile.open(fileobj=into, mode="w:gz", compresslevel=LEVEL) as tar:
        members = [_add(tar, stage / name, name) for name in layout.DATABASES]
        keys = (name for name in layout.keys(folder) if with_keys or not layout.is_secret(name))
        members += [_add(tar, folder / name, name) for name in keys]
        members += _client(tar, folder, with_keys=with_keys)
        members += [_add(tar, folder / name, name) for name in trees]
        manifest = Manifest(
            banjie=version("banjie"), made_at=at, keys=with_keys, members=tuple(members)
        )
        _put(tar, layout.MANIFEST, io.BytesIO(manifest.model_dump_json(indent=1).encode()))
    return manifest


def _client(tar: tarfile.TarFile, folder: Path, *, with_keys: bool) -> Iterator[Member]:
    """`client.json`, its keys taken out: the next `banjie up` gives out new ones."""
    path = folder / layout.CLIENT
    if path.is_file():
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise BackupError(f"{path} cannot be read; remove it, or mend it.") from None
        kept = told if with_keys else {**told, "keys": {}}
        text = json.dumps(kept, indent=2, ensure_ascii=False)
        yield _put(tar, layout.CLIENT, io.BytesIO(text.encode()))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> Member:
    with path.open("rb") as file:
        return _put(tar, name, file)


def _put(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.mode = file.seek(0, io.SEEK_END), 0o600
    file.seek(0)
    hashing = Hashing(file)
    tar.addfile(info, hashing)
    return hashing.member(name)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder for the copies, for its owner alone, on the disk where the backup will be."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as stage:
        yield Path(stage)
