"""A backup is whole or refused, a restore complete or undone; keys stay at home by default."""

import fcntl
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.backup import (
    BackupError,
    Busy,
    Damaged,
    InTheWay,
    NothingThere,
    restore_backup,
    take_backup,
    verify_backup,
)
from store import Store
from store.sign_in.records import SessionLimits
from store.sign_in.tables import EPHEMERAL
from tests.support.temporal import DevServer

pytestmark = pytest.mark.xdist_group("backup")
AT = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC)
SECRETS = {"secret": "canary-secret", "audit.key": "canary-private", "sign.pem": "canary-pem"}
PLAIN = {
    "audit.pub.pem": "public",
    "archive/default/TS2026/x.json.gz": "run",
    "checkpoints/default/0000000001.json": "{}",
}
LEFT_OUT = {"logs/api.log": "log", "up.lock": "1", "pids.json": "[]", "archive/x#1": "half"}


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a system that was stopped without ado: both files still have their WAL."""
    folder = tmp_path_factory.mktemp("system")
    server = DevServer(folder)
    server.start()
    await server.client()
    server.kill()
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'banjie.db'}", migrate=True)
    await store.people.add_staff("default", "chen.min", "陈敏", ("seat",), ())
    for name, text in {**SECRETS, **PLAIN, **LEFT_OUT}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    await store.passwords.set("default", "chen.min", "hash", how="own")
    await sign_in(store)
    client = {"url": "http://127.0.0.1:1", "keys": {"admin": "canary-key"}, "sampled": True}
    client["sample_password"] = "canary-password"
    (folder / "client.json").write_text(json.dumps(client), encoding="utf-8")
    await store.close()
    return folder


async def sign_in(store: Store) -> None:
    """Leave a row in each table of what a restore must end."""
    await store.links.add("default", "chen.min")
    await store.attempts.count("default", b"who")
    await store.known_browsers.remember("default", "chen.min", None)
    await store.staff_sessions.open(
        "default", "chen.min", method="password", device="", limits=SessionLimits()
    )


@pytest.fixture(scope="module")
def backup(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taken(folder, tmp_path_factory.mktemp("backup") / "b.tar.gz")


def taken(folder: Path, out: Path, *, with_keys: bool = False) -> Path:
    return take_backup(folder, out, at=AT, with_keys=with_keys, say=lambda _: None).file


def restored(file: Path, to: Path, *, force: bool = False) -> Path | None:
    return restore_backup(file, to, at=AT, force=force, say=lambda _: None).before


def below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def named(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_what_is_restored_is_what_was_there(backup: Path, tmp_path: Path) -> None:
    assert restored(backup, tmp_path / "new") is None
    assert below(tmp_path / "new") == {*PLAIN, "temporal.db", "banjie.db", "client.json"}
    for name, text in PLAIN.items():
        assert (tmp_path / "new" / name).read_text(encoding="utf-8") == text
    for path in ((tmp_path / "new"), *(tmp_path / "new").rglob("*.db"), backup):
        assert path.stat().st_mode & 0o077 == 0
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'banjie.db'}")
    assert await store.migrated()
    assert await store.people.get("default", "chen.min")
    kept = await store.passwords.find("default", "chen.min", None)
    assert kept is not None
    assert kept.hash == "hash"
    tables = {table for of in (await store.inventory.tenants()).values() for table in of}
    assert not tables & {table.name for table in EPHEMERAL}, "no session begun before goes on"
    await store.close()
    assert named(tmp_path) == {"new"}


def test_private_keys_stay_at_home(backup: Path, tmp_path: Path) -> None:
    with gzip.open(backup) as plain:
        assert b"canary" not in plain.read()
    restored(backup, tmp_path / "new")
    client = json.loads((tmp_path / "new" / "client.json").read_text(encoding="utf-8"))
    assert client == {"url": "", "temporal": "", "keys": {}, "sample_password": "", "sampled": True}


def test_private_keys_go_along_if_asked(folder: Path, tmp_path: Path) -> None:
    file = taken(folder, tmp_path / "keys.tar.gz", with_keys=True)
    assert verify_backup(file).keys
    restored(file, tmp_path / "new")
    for name, text in SECRETS.items():
        assert (tmp_path / "new" / name).read_text(encoding="utf-8") == text
        assert (tmp_path / "new" / name).stat().st_mode & 0o077 == 0
    assert "canary-key" in (tmp_path / "new" / "client.json").read_text(encoding="utf-8")


def test_a_changed_byte_is_seen_or_changes_nothing(backup: Path, tmp_path: Path) -> None:
    """Some bits of a compressed file mean nothing; then all that is in it is as it was."""
    whole, manifest = backup.read_bytes(), verify_backup(backup)
    places, seen = range(10, len(whole), len(whole) // 80), 0
    for at in places:
        spoilt = bytearray(whole)
        spoilt[at] ^= 0x10
        file = tmp_path / "bad.tar.gz"
        file.write_bytes(spoilt)
        try:
            assert verify_backup(file) == manifest
        except Damaged:
            seen += 1
    assert seen > 0.9 * len(places)


@pytest.mark.parametrize("cut", [0, 1, 100, 4000, -9, -1])
def test_a_file_that_was_cut_is_refused(backup: Path, tmp_path: Path, cut: int) -> None:
    _refused(tmp_path, backup.read_bytes()[:cut])


def _refused(tmp_path: Path, content: bytes) -> None:
    file, to = tmp_path / "bad.tar.gz", tmp_path / "new"
    file.write_bytes(content)
    with pytest.raises(Damaged, match="no backup that can be used"):
        restored(file, to)
    assert named(tmp_path) == {"bad.tar.gz"}


def _file(name: str, content: bytes = b"x", **more: object) -> Callable[[tarfile.TarFile], None]:
    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        for key, value in more.items():
            setattr(info, key, value)
        tar.addfile(info, io.BytesIO(content))

    return add


@pytest.mark.parametrize(
    "planted",
    [
        _file("../outside"),
        _file("/outside"),
        _file("archive/../../outside"),
        _file("something"),
        _file("archive"),
        _file("archive/more"),
        _file("archive/link", b"", type=tarfile.SYMTYPE, linkname="/"),
        _file("banjie.db"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_refused(
    backup: Path, tmp_path: Path, planted: Callable[[tarfile.TarFile], None]
) -> None:
    made = io.BytesIO()
    with tarfile.open(backup) as old, tarfile.open(fileobj=made, mode="w:gz") as new:
        for info in old:
            if info.name == "manifest.json":
                planted(new)
            new.addfile(info, old.extractfile(info))
    _refused(tmp_path, made.getvalue())


def test_a_system_in_the_folder_is_not_overwritten(backup: Path, tmp_path: Path) -> None:
    to = tmp_path / "new"
    restored(backup, to)
    (to / "mark").write_text("mine")
    with pytest.raises(InTheWay, match="--force"):
        restored(backup, to)
    with (to / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="runs in"):
            restored(backup, to, force=True)
    assert (to / "mark").read_text() == "mine"
    before = restored(backup, to, force=True)
    assert before == tmp_path / "new.before-20261122T040506Z"
    assert (before / "mark").read_text() == "mine"
    assert not (to / "mark").exists()


def test_other_peoples_folders_are_left_alone(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis").write_text("mine")
    for force in (False, True):
        with pytest.raises(InTheWay, match="other things"):
            restored(backup, tmp_path / "home", force=force)
    assert below(tmp_path / "home") == {"thesis"}


def test_an_empty_folder_will_do(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert restored(backup, tmp_path / "new") is None
    assert (tmp_path / "new" / "banjie.db").is_file()


def test_what_is_not_there_is_said(folder: Path, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingThere, match=r"none of temporal\.db, banjie\.db"):
        taken(tmp_path, tmp_path / "b.tar.gz")
    with pytest.raises(NothingThere, match="no file"):
        verify_backup(tmp_path / "b.tar.gz")
    with pytest.raises(InTheWay, match="another file"):
        taken(folder, backup)
    with pytest.raises(BackupError, match="No such file"):
        taken(folder, tmp_path / "no" / "b.tar.gz")


def test_a_broken_database_is_not_backed_up(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    restored(taken(folder, tmp_path / "b.tar.gz"), bad)
    whole = bytearray((bad / "banjie.db").read_bytes())
    whole[4096 * 3 : 4096 * 9] = os.urandom(4096 * 6)
    (bad / "banjie.db").write_bytes(whole)
    with pytest.raises(BackupError):
        taken(bad, tmp_path / "never.tar.gz")
    assert named(tmp_path) == {"b.tar.gz", "bad"}


@pytest.mark.parametrize("act", ["take_backup", "restore_backup"])
def test_nothing_is_left_where_there_is_no_room(
    folder: Path, backup: Path, tmp_path: Path, act: str
) -> None:
    """In a process in which no file may grow beyond 64 KiB."""
    here, there = {"take_backup": (folder, "b.tar.gz"), "restore_backup": (backup, "new")}[act]
    more = {"take_backup": "with_keys=False", "restore_backup": "force=False"}[act]
    code = f"""
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from ops.backup import {act}
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
{act}(Path(sys.argv[1]), Path(sys.argv[2]), at=datetime.now(UTC), {more}, say=print)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(here), str(tmp_path / there)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    # What SQLite makes of a limit is an error of the disk; a full disk it calls full.
    said = {
        "take_backup": "BackupError: It failed while writing",
        "restore_backup": "NoRoom: The disk is full",
    }
    assert f"ops.backup.errors.{said[act]}" in done.stderr
    assert named(tmp_path) == set()
