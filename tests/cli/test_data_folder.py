"""A data folder is its owner's alone, also one that was there with wider permissions."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.core.data_folder import make_folder
from store import Store

FILES = ("banjie.db", "banjie.db-wal", "temporal.db", "secret", "audit.pem", "client.json",
         "logs/api.log", "archive/default/x/y.json.gz", "checkpoints/default/1.json")  # fmt: skip


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def modes(folder: Path) -> set[int]:
    return {mode(each) for each in folder.iterdir()}


def filled(folder: Path) -> Path:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
        (folder / name).chmod(0o644)
    folder.chmod(0o755)
    return folder


def test_an_open_folder_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = make_folder(filled(tmp_path / "d")).path
    assert [p for p in (folder, *folder.rglob("*")) if mode(p) & 0o077] == []


def test_a_new_folder_and_what_any_process_makes_in_it_is_closed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "d").path
    (folder / "later").write_text("x", encoding="utf-8")
    assert mode(folder) == 0o700
    assert mode(folder / "later") == 0o600


def test_other_peoples_files_and_what_a_link_leads_to_stay_as_they_are(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x", encoding="utf-8")
    outside.chmod(0o644)
    folder = filled(tmp_path / "d")
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    (folder / "logs" / "link").symlink_to(outside)
    make_folder(folder)
    assert mode(folder) == 0o755
    assert mode(folder / "thesis.txt") == 0o644
    assert mode(outside) == 0o644
    assert mode(folder / "banjie.db") == 0o600


async def test_a_database_that_a_process_makes_by_itself_is_its_owners(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'b.db'}", migrate=True)
    await store.ping()
    try:
        assert modes(tmp_path) == {0o600}
    finally:
        await store.close()
