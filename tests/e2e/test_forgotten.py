"""A case that was swept, forgotten by Temporal and lost by the store: only the archive has it."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from store import Store
from temporal.connection import connect
from tests.cli.system import run
from tests.support.agents import Agents, agents
from tests.support.cases import FINDING, SORTED
from tests.support.process_group import ProcessGroup
from tests.support.temporal import forget_run
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("forgotten")]
STEPS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("accept", {}),
    ("classify", SORTED),
    ("claim", {}),
    ("investigate", FINDING),
)


@dataclass
class System:
    """A case that only the archive still has, and what the API answered while it was there."""

    folder: Path
    processes: ProcessGroup
    people: Agents
    number: str
    answers: dict[str, Any]

    async def banjie(self, *words: str) -> tuple[int, Any]:
        """Return exit code and JSON document of a command."""
        return await banjie(self.folder, self.processes, self.people, *words)

    async def get(self, path: str, who: str = "liu.yang") -> Any:
        answer = await self.people.http(who).get(f"/v1/cases/{self.number}{path}")
        return answer.json()


async def banjie(
    folder: Path, processes: ProcessGroup, people: Agents, *words: str
) -> tuple[int, Any]:
    env = {
        "BANJIE_URL": processes.url,
        "BANJIE_API_KEY": people.keys["liu.yang"],
        "BANJIE_DATABASE_URL": processes.database_url,
        "BANJIE_TEMPORAL_TARGET": processes.temporal.target,
        "BANJIE_ARCHIVE_URL": (folder / "archive").as_uri(),
    }
    done = await asyncio.to_thread(run, folder / "none", *words, "--json", **env)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
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
        made = System(folder, processes, people, number, {})
        await _end_and_forget(made, store)
        yield made
    finally:
        await people.close()
        await store.close()
        processes.stop()


async def _end_and_forget(system: System, store: Store) -> None:
    client, number = await connect(system.processes.temporal.target), system.number
    await client.get_workflow_handle(number).result()
    for entry in await store.entries.of("default", number):
        system.answers[f"?seq={entry.seq}"] = await system.get(f"?seq={entry.seq}")
        at = entry.at.isoformat().replace("+", "%2B")
        system.answers[f"?as_of={at}"] = await system.get(f"?as_of={at}")
    system.answers["/history"] = await system.get("/history")
    system.answers["/diff"] = await system.get("/diff")

    async def swept() -> bool:
        _, report = await system.banjie("archive", "sweep")
        return bool(report["completed"])

    await until(swept)
    await forget_run(client, number)
    with sqlite3.connect(system.folder / "banjie.db") as database:
        for table in ("cases", "entries"):
            database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608
    database.close()


async def test_the_time_machine_shows_what_it_showed(system: System) -> None:
    assert len(system.answers) >= 2 * len(STEPS) + 2
    for path, before in system.answers.items():
        assert await system.get(path) == before, path


async def test_only_staff_may_see_it(system: System) -> None:
    for path in ("?seq=1", "/history", "/diff"):
        assert (await system.get(path, "shop"))["code"] == "not_found"


async def test_the_command_falls_back_and_says_so(system: System) -> None:
    code, document = await system.banjie("case", "show", system.number)
    assert (code, document["from"]) == (0, "archive")
    assert [run["complete"] for run in document["runs"]] == [True]
    events = document["bundles"][0]["history"]["events"]
    assert events[-1]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"
    code, past = await system.banjie("case", "show", system.number, "--seq", "2")
    assert (code, past["as_of"]["seq"], len(past["history"])) == (0, 2, 2)
    code, unknown = await system.banjie("case", "show", "TS202603021000000")
    assert code == 3, unknown


async def test_todays_code_replays_it(system: System) -> None:
    code, document = await system.banjie("replay", system.number)
    assert (code, document["same"], document["histories"]) == (0, True, 1)


async def test_the_archive_is_verified_and_listed(system: System) -> None:
    code, document = await system.banjie("archive", "verify", "--against-store")
    assert (code, document["verified"], document["files"], document["waiting"]) == (0, True, 1, 0)
    code, document = await system.banjie("archive", "list", system.number)
    assert (code, [each["complete"] for each in document["items"]]) == (0, [True])
    code, _ = await system.banjie("archive", "list", "TS202603021000000")
    assert code == 3


async def test_a_changed_file_is_exit_code_10(system: System) -> None:
    (file,) = (system.folder / "archive").rglob("*.json.gz")
    good = file.read_bytes()
    file.write_bytes(good[:-1])
    code, document = await system.banjie("archive", "verify")
    assert (code, [finding["code"] for finding in document["findings"]]) == (
        10,
        ["archive_damaged"],
    )
    file.write_bytes(good)


async def test_wrong_words_are_wrong_usage(system: System) -> None:
    code, document = await system.banjie("archive", "sweep", "--every", "often")
    assert (code, "--every takes" in document["error"]["message"]) == (2, True)
