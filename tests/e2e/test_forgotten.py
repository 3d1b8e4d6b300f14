"""Swept, then forgotten by Temporal and lost by the store: the archive alone tells of the case."""

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from store import Store
from temporal.connection import connect
from tests.cli.system import BANJIE, environment
from tests.support.agents import Agents, agents
from tests.support.cases import FINDING, SORTED
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("forgotten")]
STEPS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("accept", {}),
    ("classify", SORTED),
    ("claim", {}),
    ("investigate", FINDING),
)


@dataclass
class House:
    """A case of which only the archive is left, and what was said of it while it was there."""

    folder: Path
    processes: ProcessGroup
    people: Agents
    number: str
    seen: dict[str, Any]

    async def banjie(self, *words: str) -> tuple[int, Any]:
        """What a command says to programs, and its exit code."""
        return await banjie(self.folder, self.processes, self.people, *words)

    async def get(self, path: str, who: str = "liu.yang") -> Any:
        answer = await self.people.http(who).get(f"/v1/cases/{self.number}{path}")
        return answer.json()


async def banjie(
    folder: Path, processes: ProcessGroup, people: Agents, *words: str
) -> tuple[int, Any]:
    where = {
        "BANJIE_URL": processes.url,
        "BANJIE_API_KEY": people.keys["liu.yang"],
        "BANJIE_DATABASE_URL": processes.database_url,
        "BANJIE_TEMPORAL_TARGET": processes.temporal.target,
        "BANJIE_ARCHIVE_URL": (folder / "archive").as_uri(),
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [BANJIE, *words, "--json"],
        env={**environment(folder / "none"), **where},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("forgotten")
    processes = ProcessGroup(folder)
    await processes.start()
    store = await Store.open(processes.database_url)
    people = await agents(store, processes.url)
    try:
        number = await people.start(1)
        steps = [{"step": step, "form": dict(form)} for step, form in STEPS]
        await people.take(number, steps, "most")
        off = [{"step": "withdraw", "form": {"reason": "settled in the shop"}}]
        await people.take(number, off, "off", who="shop")
        made = House(folder, processes, people, number, {})
        await _end_and_forget(made, store)
        yield made
    finally:
        await people.close()
        await store.close()
        processes.stop()


async def _end_and_forget(house: House, store: Store) -> None:
    client, number = await connect(house.processes.temporal.target), house.number
    await client.get_workflow_handle(number).result()
    for entry in await store.entries.of("default", number):
        house.seen[f"?seq={entry.seq}"] = await house.get(f"?seq={entry.seq}")
        at = entry.at.isoformat().replace("+", "%2B")
        house.seen[f"?as_of={at}"] = await house.get(f"?as_of={at}")
    house.seen["/history"] = await house.get("/history")
    house.seen["/diff"] = await house.get("/diff")

    async def swept() -> bool:
        _, told = await house.banjie("archive", "sweep")
        return bool(told["completed"])

    await until(swept)
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=number)
        )
    )

    async def gone() -> bool:
        return not [run async for run in client.list_workflows(f"WorkflowId = '{number}'")]

    await until(gone)
    with sqlite3.connect(house.folder / "banjie.db") as database:
        for table in ("cases", "entries"):
            database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608
    database.close()


async def test_the_time_machine_shows_what_it_showed(house: House) -> None:
    assert len(house.seen) >= 2 * len(STEPS) + 2
    for path, before in house.seen.items():
        assert await house.get(path) == before, path


async def test_only_staff_may_see_it(house: House) -> None:
    for path in ("?seq=1", "/history", "/diff"):
        assert (await house.get(path, "shop"))["code"] == "not_found"


async def test_the_command_falls_back_and_says_so(house: House) -> None:
    code, told = await house.banjie("case", "show", house.number)
    assert (code, told["from"]) == (0, "archive")
    assert [run["complete"] for run in told["runs"]] == [True]
    events = told["bundles"][0]["history"]["events"]
    assert events[-1]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"
    code, past = await house.banjie("case", "show", house.number, "--seq", "2")
    assert (code, past["as_of"]["seq"], len(past["history"])) == (0, 2, 2)
    code, unknown = await house.banjie("case", "show", "TS202603021000000")
    assert code == 3, unknown


async def test_todays_code_replays_it(house: House) -> None:
    code, told = await house.banjie("replay", house.number)
    assert (code, told["same"], told["histories"]) == (0, True, 1)


async def test_the_archive_is_verified_and_listed(house: House) -> None:
    code, told = await house.banjie("archive", "verify", "--against-store")
    assert (code, told["verified"], told["files"], told["waiting"]) == (0, True, 1, 0)
    code, told = await house.banjie("archive", "list", house.number)
    assert (code, [each["complete"] for each in told["items"]]) == (0, [True])
    code, _ = await house.banjie("archive", "list", "TS202603021000000")
    assert code == 3


async def test_a_changed_file_is_exit_code_10(house: House) -> None:
    (file,) = (house.folder / "archive").rglob("*.json.gz")
    good = file.read_bytes()
    file.write_bytes(good[:-1])
    code, told = await house.banjie("archive", "verify")
    assert (code, [finding["code"] for finding in told["findings"]]) == (10, ["archive_damaged"])
    file.write_bytes(good)


async def test_wrong_words_are_wrong_usage(house: House) -> None:
    code, told = await house.banjie("archive", "sweep", "--every", "often")
    assert (code, "--every takes" in told["error"]["message"]) == (2, True)
