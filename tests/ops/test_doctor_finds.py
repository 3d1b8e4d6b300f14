"""One thing is wrong at a time, and the doctor names it with what mends it."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from domain.engine.side_forms import ATTACH
from ops.audit.keys import make_key
from ops.doctor import archive as archive_check
from ops.doctor import places
from ops.doctor.checks import CheckResult, Level, run_checks
from ops.doctor.installation import Installation
from ops.doctor.organisation import check_organisation
from ops.organisation import needed_teams, set_up
from store import Store
from store.archive import Archive, ArchivedFile, ListedFile, Manifests
from store.attachments.contents import AttachmentContents
from store.audit.records import By
from tests.store.sample_cases import applied, opened, update_after
from tests.support.cases import LIU, SHOP, request
from worker.settings import BUILD_ID

AT = datetime(2026, 11, 22, tzinfo=UTC)
NUMBER = "TS202603020000000"
PNG = b"\x89PNG\r\n\x1a\n"
KEYS = [f"{n:032x}" for n in range(3)]
FORM = {
    "name": "a.png",
    "media_type": "image/png",
    "sha256": "0" * 64,
    "public": True,
    "note": "",
}


@pytest.fixture
async def alone(tmp_path: Path) -> Installation:
    """A store, a key, an archive, and no engine: what is asked here does not ask it."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    store = await Store.open(url, migrate=True)
    await set_up(store, "default", "admin", "管理员")
    await store.people.change("default", "admin", team_ids=list(needed_teams()))
    await store.close()
    key = tmp_path / "audit.pem"
    make_key(key)
    return Installation(
        database_url=url,
        target="127.0.0.1:1",
        archive_url=(tmp_path / "archive").as_uri(),
        checkpoints_url=(tmp_path / "checkpoints").as_uri(),
        build_id=BUILD_ID,
        audit_key=key,
        webhooks=True,
        payments=True,
        courier=True,
    )


async def found(installation: Installation, *checks: str) -> dict[str, CheckResult]:
    """What is found by these checks."""
    asked = {name: check for name, check in installation.checks().items() if name in checks}
    return {each.check: each for each in await run_checks(asked)}


def is_named(finding: CheckResult, level: Level, *words: str) -> None:
    """It is said, and how it is mended."""
    assert finding.level is level
    told = f"{finding.message} {finding.remedy}"
    assert [word for word in words if word not in told] == []
    assert finding.remedy


async def test_all_is_well_to_begin_with(alone: Installation) -> None:
    told = await found(alone, "settings", "database", "disk", "archive", "attachments", "audit")
    assert {each.level for each in told.values()} == {Level.OK}


async def test_an_old_database(alone: Installation) -> None:
    assert alone.file
    with closing(sqlite3.connect(alone.file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0005'")
    told = await found(alone, "database")
    is_named(told["migrations"], Level.WRONG, "older", "python -m store.migrations")


async def test_no_team_nobody_in_it_and_nobody_who_administers(alone: Installation) -> None:
    store = await Store.open(alone.database_url)
    await store.people.add_staff("default", "liu", "刘洋", ["agent"], ["complaints", "repairs"])
    await store.people.change("default", "admin", active=False)
    told = [each for each in await check_organisation(store, "default") if each.check == "teams"]
    assert {each.level for each in told} == {Level.WARNING}
    assert {
        team for team in needed_teams() if any(f"team {team}:" in each.message for each in told)
    } == {
        "inquiries",
        "returns",
        "serious_complaints",
    }
    found = await check_organisation(store, "elsewhere")
    await store.close()
    assert {each.level for each in found} == {Level.WRONG}
    assert len(found) == len(needed_teams()) + 1
    for each in found:
        is_named(each, Level.WRONG, "banjie setup")


async def test_a_clock_that_is_wrong(alone: Installation) -> None:
    with time_machine.travel(timedelta(minutes=2), tick=True):
        told = await found(alone, "database")
    is_named(told["database clock"], Level.WRONG, "0:0", "NTP")


async def test_no_key_and_nobody_to_tell(alone: Installation) -> None:
    told = await found(replace(alone, audit_key=None, webhooks=False), "audit", "settings")
    is_named(told["audit"], Level.WARNING, "banjie audit keygen", "BANJIE_AUDIT_KEY")
    is_named(told["outside"], Level.WARNING, "messages", "BANJIE_WEBHOOK_URL")
    gone = await found(replace(alone, audit_key=Path("/none/audit.pem")), "audit")
    is_named(gone["audit"], Level.WRONG, "/none/audit.pem", "put the key back")


async def test_a_disk_that_fills_up(alone: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage("/").free
    monkeypatch.setattr(places, "LOW", 2 * free + places.LOW)
    is_named((await found(alone, "disk"))["disk"], Level.WARNING, "MiB are free", "Make room")
    monkeypatch.setattr(places, "FULL", 2 * free + places.FULL)
    is_named((await found(alone, "disk"))["disk"], Level.WRONG, "MiB are free", "Make room")


async def test_an_archive_that_is_spoilt(alone: Installation, tmp_path: Path) -> None:
    archive = Archive(alone.archive_url)
    files = [await _listed(archive, n) for n in (1, 2)]
    manifests = Manifests(archive)
    known = await manifests.read("default")
    assert await manifests.add("default", known, files, AT)
    (tmp_path / "archive" / files[0].path).write_bytes(b"something else")
    (tmp_path / "archive" / files[1].path).unlink()
    told = (await found(alone, "archive"))["archive"]
    is_named(told, Level.WRONG, files[0].path, "And 1 more", "banjie archive verify", "backup")
    (manifest,) = (tmp_path / "archive").rglob("*.manifest.gz")
    manifest.write_bytes(manifest.read_bytes()[:-9])
    is_named(
        (await found(alone, "archive"))["archive"], Level.WRONG, "Part 1", archive_check.REMEDY
    )


async def _listed(archive: Archive, n: int) -> ListedFile:
    archived = ArchivedFile(f"default/TS{n}/{n}.json.gz", "0" * 64, 9)
    await archive.storage.put(archived.path, b"as it was")
    return ListedFile(
        path=archived.path, sha256=archived.sha256, bytes=9, number=f"TS{n}", kind="complaint",
        run=f"r{n}", code="test", process_version=1, policy_version="2026-1", archived_at=AT,
        complete=True, entries=1, events=1, newest="",
    )  # fmt: skip


@pytest.fixture
async def attached(alone: Installation) -> Installation:
    """An installation with a case to which three files are attached, a week ago and today."""
    contents = AttachmentContents(alone.attachments)
    store = await Store.open(alone.database_url)
    case = opened("default", number=NUMBER)
    for n in range(3):
        content = PNG + bytes([n])
        form = {**FORM, "key": KEYS[n], "size": len(content)}
        applied(case, request(f"a{n}", (ATTACH, form), actor=SHOP))
        await contents.put("default", NUMBER, KEYS[n], content)
    await store.recorder.write(update_after(case))
    await store.close()
    return alone


def content_file(installation: Installation, key: str) -> Path:
    (file,) = Path(installation.attachments.removeprefix("file://")).rglob(key)
    return file


async def all_found(installation: Installation) -> list[CheckResult]:
    return await installation.checks()["attachments"]()


async def test_attachments_that_are_all_there(attached: Installation) -> None:
    (told,) = await all_found(attached)
    assert told.level is Level.OK
    assert "newest 3" in told.message
    assert "of 3 contents" in told.message
    lost = await all_found(replace(attached, database_url="postgresql+asyncpg://x@127.0.0.1:1/x"))
    assert [each.level for each in lost] == [Level.OK], "the place is well; the database says so"


async def test_attachments_that_are_gone_or_changed(attached: Installation) -> None:
    content_file(attached, KEYS[0]).unlink()
    content_file(attached, KEYS[2]).write_bytes(PNG)
    (told,) = await all_found(attached)
    is_named(told, Level.WRONG, "newest 3 attachments 2", f"{NUMBER} 4", "backup")


async def test_contents_that_no_entry_names(attached: Installation) -> None:
    folder = content_file(attached, KEYS[0]).parent
    for name, hours in (("old", 25), ("new", 23)):
        file = folder / name
        file.write_bytes(PNG)
        at = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
        os.utime(file, (at, at))
    (told,) = await all_found(attached)
    is_named(told, Level.WARNING, "Of 5 contents 1", f"{NUMBER}/old", "banjie store reconcile")
    assert (folder / "old").exists(), "it is only named"


async def test_what_was_erased_and_is_there_all_the_same(attached: Installation) -> None:
    store = await Store.open(attached.database_url)
    first, second, _ = await store.attachments.of("default", NUMBER)
    for each in (first, second):
        await store.attachments.erase(each, By(LIU, "another customer's"))
    await store.attachments.mark_removed("default", NUMBER, second.seq)
    told = await all_found(attached)
    assert [each.level for each in told] == [Level.WRONG, Level.WRONG]
    is_named(told[0], Level.WRONG, "may still be there: 1", f"{NUMBER} 2", "erase-attachment")
    is_named(told[1], Level.WRONG, "there again", f"{NUMBER} 3", "erase-attachment")
    for each in (first, second):
        content_file(attached, each.key).unlink()
    await store.attachments.mark_removed("default", NUMBER, first.seq)
    await store.close()
    (sound,) = await all_found(attached)
    assert sound.level is Level.OK
    assert "newest 1" in sound.message, "what is erased is looked for no more"


async def test_a_place_where_nothing_can_be_attached(alone: Installation, tmp_path: Path) -> None:
    (told,) = await all_found(alone)
    assert told.level is Level.OK
    assert not (tmp_path / "attachments").exists(), "it only looks"
    (tmp_path / "file").write_text("in the way")
    for url in ((tmp_path / "file").as_uri(), (tmp_path / "file" / "x").as_uri()):
        (told,) = await all_found(replace(alone, attachments_url=url))
        is_named(told, Level.WRONG, "BANJIE_ATTACHMENTS_URL")
