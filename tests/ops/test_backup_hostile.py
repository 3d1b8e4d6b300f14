"""A backup that somebody made to harm: refused in one sentence, within bounds, nothing written."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.backup import Damaged, NoRoom, restore_backup, tar_reader, verify_backup

AT = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC)
DATABASES = (("temporal.db", b"engine"), ("banjie.db", b"store"))
Files = Sequence[tuple[str, bytes]]


def manifest(files: Files, *, keys: bool) -> bytes:
    """The list of contents that says of the files what they are."""
    members = [
        {"path": path, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for path, text in files
    ]
    made = {"format": "banjie.backup.v1", "banjie": "0.1.0", "made_at": AT.isoformat()}
    return json.dumps({**made, "keys": keys, "members": members}).encode()


def plain_header(name: str, size: int, **more: object) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    for key, value in more.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.USTAR_FORMAT)


def padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 512)


def tar_of(files: Files, before: bytes = b"", *, keys: bool = False) -> bytes:
    """A backup of these files, consistent with itself; `before` stands before its first header."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, text in (*files, ("manifest.json", manifest(files, keys=keys))):
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return gzip.compress(before + packed.getvalue(), compresslevel=6)


def pax(records: bytes) -> bytes:
    return plain_header("x", len(records), type=tarfile.XHDTYPE) + padded(records)


def pax_record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = len(body) + len(str(len(body) + 2))
    return f"{length}".encode() + body


def sparse() -> bytes:
    records = pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0")
    records += pax_record("GNU.sparse.name", "archive/x")
    text = b"not a number\n"
    return pax(records) + plain_header("archive/x", len(text)) + padded(text)


def refusal(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "bad.tar.gz"
    file.write_bytes(content)
    with pytest.raises(Damaged) as refused:
        restore_backup(file, tmp_path / "new", at=AT, force=False, say=lambda _: None)
    assert {each.name for each in tmp_path.iterdir()} == {"bad.tar.gz"}
    text = str(refused.value)
    assert "no backup that can be used" in text
    assert "\n" not in text
    return text


def test_what_these_tests_make_is_a_backup_but_for_the_harm(tmp_path: Path) -> None:
    long = "archive/default/TS20261129/" + "n" * 120 + ".json.gz"
    file = tmp_path / "good.tar.gz"
    file.write_bytes(tar_of((*DATABASES, (long, b"run"), ("client.json", b'{"keys": {}}'))))
    assert {each.path for each in verify_backup(file).members} >= {long, "banjie.db"}


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (pax(pax_record("path", "9" * 200_000)), "longer than"),
        (pax(b"9" * 5000 + b" path=x\n"), "cannot be read"),
        (pax(pax_record("size", "9" * 5000)), "ends before"),
        (pax(pax_record("size", "-1")) + plain_header("archive/x", 0), "unasked"),
        (pax(pax_record("path", "archive/\0x")) + plain_header("x", 0), "does not belong"),
        (pax(pax_record("x", "y")) * 3000 + plain_header("archive/x", 0), "cannot be"),
        (sparse(), "cannot be read"),
        (plain_header("x", 0, type=tarfile.GNUTYPE_SPARSE), "no plain file"),
        (plain_header("x", 1 << 20, type=tarfile.GNUTYPE_LONGNAME), "no plain file"),
        (plain_header("x", 1 << 20, type=tarfile.XGLTYPE), "no plain file"),
        (plain_header("archive/x", 0, type=tarfile.LNKTYPE, linkname="/etc/passwd"), "no plain"),
        (plain_header("archive/x", 0, type=tarfile.CHRTYPE), "no plain file"),
        (bytes(range(1, 256)) * 2 + b"xx", "cannot be read"),
    ],
)  # fmt: skip
def test_a_header_that_misleads_is_refused(tmp_path: Path, before: bytes, says: str) -> None:
    assert says in refusal(tmp_path, tar_of(DATABASES, before))


@pytest.mark.parametrize(
    "path",
    ["archive/" + "d/" * 2000 + "x", "archive/" + "n" * 300, "archive//x", "archive/./x",
     "archive/\x1b[2Jx", "archive/\u202ex", "secret/x", "client.json/x", "checkpoints"],
)  # fmt: skip
def test_a_path_that_has_no_place_is_refused(tmp_path: Path, path: str) -> None:
    assert "does not belong" in refusal(tmp_path, tar_of((*DATABASES, (path, b"x"))))


@pytest.mark.parametrize(
    "client",
    [b"[]", b"{", b"null", b'{"keys": ["x"]}', b'{"url": 7}', b"\xff", b"[" * 100_000,
     b'{"keys": {"admin": 1}}', b" " * (1 << 20) + b"{}"],
)  # fmt: skip
def test_a_client_file_that_nobody_wrote_is_refused(tmp_path: Path, client: bytes) -> None:
    assert "client.json" in refusal(tmp_path, tar_of((*DATABASES, ("client.json", client))))


@pytest.mark.parametrize(
    ("path", "text"),
    [("secret", b"s"), ("audit.pem", b"p"), ("other.key", b"k"),
     ("client.json", b'{"keys": {"admin": "bj_x_y"}}'),
     ("client.json", b'{"keys": {}, "sample_password": "x"}')],
)  # fmt: skip
def test_keys_in_a_backup_that_says_it_has_none_are_refused(
    tmp_path: Path, path: str, text: bytes
) -> None:
    files = (*DATABASES, (path, text))
    assert f"{path} holds some" in refusal(tmp_path, tar_of(files))
    (tmp_path / "bad.tar.gz").write_bytes(tar_of(files, keys=True))
    assert verify_backup(tmp_path / "bad.tar.gz").keys


def zeros(bytes_each: int, count: int) -> Callable[[], Files]:
    return lambda: [(f"archive/{n}", bytes(bytes_each)) for n in range(count)]


@pytest.mark.parametrize(
    ("files", "says"),
    [(zeros(200 * 1024 * 1024, 1), "unpacks to more"), (zeros(0, 4000), "files, which no backup")],
    ids=["bytes", "files"],
)
def test_more_than_a_file_of_its_size_can_hold_is_refused(
    tmp_path: Path, files: Callable[[], Files], says: str
) -> None:
    assert says in refusal(tmp_path, tar_of((*DATABASES, *files())))


def test_a_list_of_contents_longer_than_what_it_lists_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.size = 1 << 20
        tar.addfile(info, io.BytesIO(b" " * info.size))
    assert "longer than what it lists" in refusal(tmp_path, packed.getvalue())


def test_what_does_not_fit_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "good.tar.gz"
    file.write_bytes(tar_of(DATABASES))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("", (), {"free": 10})())
    with pytest.raises(NoRoom, match=r"unpacks to 11 bytes.* 10 left"):
        restore_backup(file, tmp_path / "new", at=AT, force=False, say=lambda _: None)


def test_the_bounds_leave_room_for_every_real_backup() -> None:
    assert tar_reader.EXPANSION >= 100
    assert tar_reader.BYTES_PER_MEMBER <= 64
