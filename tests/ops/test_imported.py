"""Imported cases are as provable as any: rebuilt, watched by the oracle, sealed and verified."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from i18n.labels import LOCALES
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.sealer import Sealer
from ops.audit.verify import Verifier
from ops.record.compose import Material, compose
from ops.record.html import as_html
from store.db.clock import utc_now
from temporal.case_client import CaseClient
from tests.ops.audited_store import KEY
from tests.ops.rebuild_system import SHORT_RUNS, TENANT, System, running_system
from tests.support.cases import FINDING, SORTED, new_number, opening, request
from tests.support.temporal import DevServer

pytestmark = pytest.mark.xdist_group("rebuild")
ZONE = ZoneInfo("Asia/Shanghai")
SOLUTION = {"solution": "An apology.", "cost": {"amount": "0", "currency": "CNY"}}
OFFERED = {"step": "propose", "form": SOLUTION}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    server = DevServer(tmp_path_factory.mktemp("temporal"), *SHORT_RUNS, "--namespace", "imported")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
async def system(
    server: DevServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """A running case that was worked on since, and a closed one that Temporal has forgotten."""
    folder = tmp_path_factory.mktemp("imported")
    url = f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
    async with running_system(folder, server, "imported", url) as running:
        await _fill(running)
        yield running


async def _fill(system: System) -> None:
    closed_at = (utc_now() - timedelta(days=20)).isoformat()
    into: dict[str, dict[str, Any]] = {
        "open": {"state": "investigating", "classification": SORTED},
        "offered": {"state": "proposing", "classification": SORTED, "steps": [OFFERED]},
        "closed": {"state": "closed", "closed_at": closed_at},
    }
    client = CaseClient(system.engine.client)
    for name, imported in into.items():
        number = system.cases[name] = new_number()
        received_at = utc_now() - timedelta(days=30)
        await client.start(
            opening(number, source="oldsys", received_at=received_at, imported=imported)
        )
    go = request("go", ("investigate", FINDING))
    await client.submit(system.cases["open"], go)
    await system.engine.client.get_workflow_handle(system.cases["closed"]).result()
    await system.forget(system.cases["closed"])
    await system.settled()


async def test_they_are_rebuilt_and_nothing_is_found_wrong(system: System, tmp_path: Path) -> None:
    report = await system.rebuild(f"sqlite+aiosqlite:///{tmp_path / 'again.db'}")
    assert (report.differences, report.changing, report.compared) == ([], [], 3)
    assert [finding async for finding in system.oracle.verify()] == []


async def test_they_are_sealed_and_verified(system: System, tmp_path: Path) -> None:
    checkpoints = CheckpointStore((tmp_path / "out").as_uri())
    await Sealer(system.store, checkpoints, KEY).seal_all()
    report = await Verifier(system.store, checkpoints, KEY.public, TENANT, patience=0).verify()
    assert (report.findings, report.unsealed, report.rows > 0) == ([], 0, True)


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_record_says_where_they_came_from(system: System, locale: str) -> None:
    entries = await system.store.entries.of(TENANT, system.cases["closed"])
    page = as_html(compose(Material(entries), locale, ZONE, utc_now()))
    assert "oldsys" in page
