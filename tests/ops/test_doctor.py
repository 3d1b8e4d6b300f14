"""The doctor names what is wrong, each with what to do, also when half of it is down."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.core.exits import Exit
from ops.audit.keys import make_key
from ops.doctor.findings import Finding, Level, diagnose, ok
from ops.doctor.installation import Installation
from ops.doctor.temporal import polling
from temporal.case_client import CaseClient
from temporal.names import TASK_QUEUE
from temporal.schedules import schedule
from tests.cli.running import run
from tests.support.cases import new_number, opening
from tests.support.engine import Engine, running
from tests.support.waiting import until
from worker.settings import BUILD_ID

pytestmark = pytest.mark.xdist_group("doctor")
NOBODY = "127.0.0.1:1"
GUESSED = "postgresql+asyncpg://banjie:banjie@127.0.0.1:1/banjie"


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("doctor")) as engine:

        async def asked() -> bool:
            (found,) = await polling(engine.client, TASK_QUEUE, BUILD_ID)
            return found.level is Level.OK

        await until(asked)
        yield engine


@pytest.fixture
def well(engine: Engine, tmp_path: Path) -> Installation:
    """One that is in order, but for what a dev server does not have of itself."""
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
        couriers=True,
    )


async def seen(installation: Installation) -> dict[str, Finding]:
    return {each.check: each for each in await diagnose(installation.checks())}


def levels(found: dict[str, Finding], level: Level) -> set[str]:
    return {name for name, each in found.items() if each.level is level}


async def test_what_is_in_order_is_said_to_be(engine: Engine, well: Installation) -> None:
    found = await seen(well)
    assert levels(found, Level.WRONG) == set()
    assert levels(found, Level.WARNING) == {"namespace", "schedules"}
    assert all(each.mend for each in found.values() if each.level is not Level.OK)
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
    assert BUILD_ID in other["workers"].said
    lost = await seen(replace(well, namespace="nowhere"))
    assert levels(lost, Level.WRONG) == {"namespace"}
    assert "--namespace nowhere" in lost["namespace"].mend


async def test_messages_that_wait_or_were_given_up_are_counted(
    engine: Engine, well: Installation
) -> None:
    number = new_number()
    await CaseClient(engine.client).start(opening(number))

    async def recorded() -> bool:
        return await engine.store.cases.get("default", number) is not None

    await until(recorded)
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
    assert "no database" in missing["database"].said
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\x00" + b"\x01" * 8192)
    bad = await seen(replace(well, database_url=f"sqlite+aiosqlite:///{tmp_path}/bad.db"))
    assert bad["database"].level is Level.WRONG
    assert bad["temporal"].level is Level.OK, "one that fails stops no other"


async def test_a_check_that_hangs_or_fails_is_a_finding() -> None:
    async def hangs() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def fails() -> list[Finding]:
        raise KeyError("something personal")

    async def works() -> list[Finding]:
        return [ok("works", "It does.")]

    checks = {"hangs": hangs, "fails": fails, "works": works}
    found = await diagnose(checks, limit=0.05)
    assert [(each.check, each.level) for each in found] == [
        ("hangs", Level.WRONG),
        ("fails", Level.WRONG),
        ("works", Level.OK),
    ]
    assert "personal" not in found[1].said


def test_the_command_tells_it_of_what_is_all_down(tmp_path: Path) -> None:
    done = run(
        tmp_path, "ops", "doctor", "--json", BANJIE_TEMPORAL_TARGET=NOBODY, BANJIE_ZONE="Mars/X",
        BANJIE_DATABASE_URL=GUESSED, BANJIE_WEBHOOK_URL="https://hooks.test", BANJIE_POLICY="none",
        BANJIE_ARCHIVE_URL=(tmp_path / "archive").as_uri(),
    )  # fmt: skip
    assert done.returncode == Exit.NOT_VERIFIED, done.stderr
    told = json.loads(done.stdout)
    wrong = [each["check"] for each in told["findings"] if each["level"] == "wrong"]
    assert wrong == ["settings", "settings", "password", "database", "temporal"]
    said = " ".join(each["said"] for each in told["findings"])
    for name in ("BANJIE_WEBHOOK_SECRET", "BANJIE_ZONE", "BANJIE_POLICY"):
        assert name in said
    assert "banjie:banjie" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == [], "it only looks"
