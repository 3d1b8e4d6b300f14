"""The doctor names what is wrong, each with what to do, also when half of it is down."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr
from typer.testing import CliRunner

from app.policy import note_policy
from cli.core.exits import Exit
from cli.main import app
from ops.audit.keys import make_key
from ops.doctor import database, temporal
from ops.doctor.checks import CheckResult, Level, ok, run_checks
from ops.doctor.installation import Installation
from ops.doctor.running import calendars_of_open_cases
from ops.doctor.temporal import check_workers
from ops.organisation import needed_teams, set_up
from store.audit.configuration import API, DISPATCHER, WORKER, note_configuration
from store.audit.records import CheckpointRow, Leaf
from temporal import process_exit
from temporal.case_client import CaseClient
from temporal.names import TASK_QUEUE
from temporal.schedules import schedule
from tests.support.cases import new_number, opening
from tests.support.engine import Engine, running
from tests.support.waiting import until
from worker.settings import BUILD_ID, DispatcherSettings, WorkerSettings

pytestmark = pytest.mark.xdist_group("doctor")
NOBODY = "127.0.0.1:1"
GUESSED = "postgresql+asyncpg://banjie:banjie@127.0.0.1:1/banjie"


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("doctor")) as engine:

        async def asked() -> bool:
            (found,) = await check_workers(engine.client, TASK_QUEUE, BUILD_ID)
            return found.level is Level.OK

        await until(asked)
        yield engine


@pytest.fixture
async def well(engine: Engine, tmp_path: Path) -> Installation:
    """One that is in order, but for what a dev server does not have of itself."""
    await set_up(engine.store, "default", "admin", "管理员")
    await engine.store.people.change("default", "admin", team_ids=list(needed_teams()))
    key = tmp_path / "audit.pem"
    make_key(key)
    return Installation(
        database_url=engine.url,
        target=engine.server.target,
        archive_url=(tmp_path / "archive").as_uri(),
        checkpoints_url=(tmp_path / "checkpoints").as_uri(),
        build_id=BUILD_ID,
        audit_key=key,
        webhooks=True,
        payments=True,
        courier=True,
    )


async def seen(installation: Installation) -> dict[str, CheckResult]:
    return {each.check: each for each in await run_checks(installation.checks())}


def levels(found: dict[str, CheckResult], level: Level) -> set[str]:
    return {name for name, each in found.items() if each.level is level}


async def test_what_is_in_order_is_said_to_be(engine: Engine, well: Installation) -> None:
    found = await seen(well)
    assert levels(found, Level.WRONG) == set()
    assert levels(found, Level.WARNING) == {"namespace", "schedules"}
    assert all(each.remedy for each in found.values() if each.level is not Level.OK)
    for chore in ("sweep", "reconcile"):
        await schedule(engine.client, chore, timedelta(days=1))

    async def listed() -> bool:
        return (await seen(well))["schedules"].level is Level.OK

    await until(listed)
    assert list(Path(well.archive_url.removeprefix("file://")).parent.glob("archive/*")) == []


async def test_what_is_set_wrong_is_named(well: Installation, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no key, and no folder")
    found = await seen(
        replace(
            well, task_queue="nobody", archive_url=(in_the_way / "x").as_uri(),
            audit_key=in_the_way, url="http://127.0.0.1:1",
        )
    )  # fmt: skip
    assert levels(found, Level.WRONG) == {"workers", "archive", "audit", "api"}
    other = await seen(replace(well, build_id="newer", secret=False, webhooks=False))
    assert {"workers", "secret", "outside"} <= levels(other, Level.WARNING)
    assert BUILD_ID in other["workers"].message
    lost = await seen(replace(well, namespace="nowhere"))
    assert levels(lost, Level.WRONG) == {"namespace"}
    assert "--namespace nowhere" in lost["namespace"].remedy


async def test_a_process_without_the_key_sees_whether_the_log_is_sealed(
    engine: Engine, well: Installation
) -> None:
    elsewhere = replace(well, audit_key=None, signs=False, build_id=None)
    found = await seen(elsewhere)
    assert found["audit"].level is Level.OK
    assert found["audit"].message.startswith("It is sealed: 0 checkpoints, ")
    assert found["workers"].level is Level.OK, "it compares no build with its own"
    assert BUILD_ID in found["workers"].message
    await engine.store.audit_sealer.seal("default", 1000, cover)
    lost = (await seen(elsewhere))["audit"]
    assert lost.level is Level.WRONG
    assert "Checkpoint 1 is in the database and not at " in lost.message


def cover(last: CheckpointRow, fresh: Sequence[Leaf]) -> CheckpointRow:
    """A checkpoint that nobody writes outside."""
    return CheckpointRow(last.n + 1, last.count + len(fresh), "", "{}")


async def test_settings_are_those_of_the_running_processes(
    engine: Engine, well: Installation
) -> None:
    here = replace(well, secret=False, webhooks=False, payments=False, courier=False)
    log, url = engine.store.audit_log, HttpUrl("https://shop.example/")
    key = SecretStr("whsec_" + "A" * 32)
    worker = WorkerSettings(dispatch=False, payments_url=url)
    dispatcher = DispatcherSettings(webhook_url=url, webhook_secret=key)
    await note_configuration(log, API, {"cursors": "shared"})
    await note_configuration(log, WORKER, worker.configuration())
    await note_configuration(log, DISPATCHER, dispatcher.configuration())
    await note_policy(engine.store, "2026-1-office")
    told = await seen(here)
    assert "secret" not in told
    assert "office-cn" in told["calendar"].message, "the policy, too"
    assert "for courier:" in told["outside"].message, "of the others the processes said otherwise"
    assert told["outside"].remedy == "Set BANJIE_COURIER_URL for real work."
    await note_configuration(log, WORKER, {"refunds": "nobody", "parcels": "http"})
    assert "for payments:" in (await seen(here))["outside"].message, "in the words of before, too"
    everything = worker.model_copy(update={"courier_url": url})
    await note_configuration(log, WORKER, everything.configuration())
    assert "outside" not in await seen(here)
    nobody = DispatcherSettings()
    await note_configuration(log, DISPATCHER, nobody.configuration())
    assert "for messages:" in (await seen(well))["outside"].message, "whatever is set here"


async def test_messages_that_wait_or_were_given_up_are_counted(
    engine: Engine, well: Installation
) -> None:
    number = new_number()
    await CaseClient(engine.client).start(opening(number))

    async def recorded() -> bool:
        return await engine.store.cases.get("default", number) is not None

    await until(recorded)
    assert await calendars_of_open_cases(engine.url, "default") == ["always@1"]
    assert not await calendars_of_open_cases(engine.url, "other")
    file = sqlite3.connect(engine.url.partition(":///")[2])
    file.execute("UPDATE outbox SET at = '2026-01-01 00:00:00.000000'")
    file.commit()
    assert (await seen(well))["outbox"].level is Level.WRONG
    file.execute("UPDATE outbox SET status = 'dead'")
    file.commit()
    file.close()
    assert (await seen(well))["outbox"].level is Level.WARNING


async def test_a_damaged_or_a_missing_database_is_told(well: Installation, tmp_path: Path) -> None:
    missing = await seen(replace(well, database_url=f"sqlite+aiosqlite:///{tmp_path}/none.db"))
    assert "no database" in missing["database"].message
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\x00" + b"\x01" * 8192)
    bad = await seen(replace(well, database_url=f"sqlite+aiosqlite:///{tmp_path}/bad.db"))
    assert bad["database"].level is Level.WRONG
    assert bad["temporal"].level is Level.OK, "one that fails stops no other"


async def test_a_check_that_hangs_or_fails_is_a_finding() -> None:
    async def hangs() -> list[CheckResult]:
        await asyncio.Event().wait()
        return []

    async def fails() -> list[CheckResult]:
        raise KeyError("something personal")

    async def works() -> list[CheckResult]:
        return [ok("works", "It does.")]

    checks = {"hangs": hangs, "fails": fails, "works": works}
    found = await run_checks(checks, seconds=0.05)
    assert [(each.check, each.level) for each in found] == [
        ("hangs", Level.WRONG),
        ("fails", Level.WRONG),
        ("works", Level.OK),
    ]
    assert "personal" not in found[1].message


def test_the_command_tells_it_of_what_is_all_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, patience in ((database, 0.1), (temporal, timedelta(seconds=0.1))):
        monkeypatch.setattr(module, "PATIENCE", patience)
    monkeypatch.setattr(process_exit, "leave", sys.exit)
    done = CliRunner().invoke(
        app,
        ["ops", "doctor", "--json"],
        env={
            **dict.fromkeys(name for name in os.environ if name.startswith("BANJIE_")),
            "BANJIE_DATA_DIR": str(tmp_path),
            "BANJIE_LANG": "en",
            "BANJIE_TEMPORAL_TARGET": NOBODY,
            "BANJIE_ZONE": "Mars/X",
            "BANJIE_DATABASE_URL": GUESSED,
            "BANJIE_WEBHOOK_URL": "https://hooks.test",
            "BANJIE_POLICY": "none",
            "BANJIE_ARCHIVE_URL": (tmp_path / "archive").as_uri(),
        },
    )
    assert done.exit_code == Exit.NOT_VERIFIED, done.stderr
    findings = json.loads(done.stdout)["findings"]
    wrong = [each["check"] for each in findings if each["level"] == "wrong"]
    assert wrong == ["settings", "settings", "password", "calendar", "database", "temporal"]
    messages = " ".join(each["message"] for each in findings)
    for name in ("BANJIE_WEBHOOK_SECRET", "BANJIE_ZONE", "BANJIE_POLICY"):
        assert name in messages
    assert "banjie:banjie" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == [], "it only looks"
