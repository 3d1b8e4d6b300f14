"""A worker without a cache replays each case for each task, and records the same."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from cases import CURRENT
from ops.oracle.oracle import Oracle
from tests.support.engine import running
from tests.support.goldens import play_scenario
from tests.support.story_runner import scenarios


async def test_a_worker_without_a_cache_records_the_same(tmp_path: Path) -> None:
    by_kind = {scenario.kind: scenario for scenario in scenarios(datetime.now(UTC))}
    assert by_kind.keys() == CURRENT.keys()
    async with running(tmp_path, cache_mib=0) as engine:
        numbers = await asyncio.gather(
            *(play_scenario(engine, scenario) for scenario in by_kind.values())
        )
        findings = [
            finding async for finding in Oracle(engine.client, engine.store).verify(numbers)
        ]
    assert findings == []
