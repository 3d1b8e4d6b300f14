"""`python -m api` without what pages load: it says what to do, and does not serve half of it."""

import shutil
from pathlib import Path

import pytest

from tests.api.callers import Callers
from tests.architecture.source import PACKAGES, ROOT
from tests.support.process_group import ServiceProcess
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("web")


async def test_without_what_pages_load_it_says_how_to_get_it(
    callers: Callers, tmp_path: Path
) -> None:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("vendor"))
    log = tmp_path / "api.log"
    env = {
        "BANJIE_DATABASE_URL": callers.engine.url,
        "BANJIE_TEMPORAL_TARGET": callers.engine.server.target,
        "BANJIE_API_PORT": str(free_port()),
        "PYTHONPATH": str(tmp_path),
    }
    process = ServiceProcess("api", env, log, tmp_path)
    process.start()

    async def said() -> bool:
        return "are missing: run `make setup`" in log.read_text(encoding="utf-8")

    try:
        await until(said)
    finally:
        code = process.stop()
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert code == 5
