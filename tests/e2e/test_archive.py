"""A case whose runs are over and forgotten by Temporal: its archive shows it in full."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.engine.chain import first_break
from domain.language.entries import Entry
from ops.incidents.incidents import find_incidents
from ops.incidents.retry import retry
from store import Store
from store.archive import Archive
from temporal.connection import connect
from tests.cli.system import run as run_command
from tests.support.agents import TENANT, Agents, agents
from tests.support.fast_forward import FORWARDING, fast_forward
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("archive")]
EAGER = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60")
"""Makes the server suggest a new run after 60 events, about half a complaint."""


@dataclass
class System:
    """The running system, and what tests do with it."""

    folder: Path
    processes: ProcessGroup
    client: Client
    store: Store
    people: Agents

    async def runs(self, number: str) -> list[str]:
        """Return the runs that Temporal knows, the first one first."""
        found = self.client.list_workflows(f"WorkflowId = '{number}'")
        runs = [(run.start_time, run.run_id) async for run in found]
        return [run for _, run in sorted(runs)]

    async def events(self, number: str, run: str) -> list[dict[str, Any]]:
        history = await self.client.get_workflow_handle(number, run_id=run).fetch_history()
        found: list[dict[str, Any]] = history.to_json_dict()["events"]
        return found

    async def has_run(self, number: str, run: str) -> bool:
        """Return whether Temporal still has the run."""
        try:
            await self.client.get_workflow_handle(number, run_id=run).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def forget(self, number: str, run: str) -> None:
        """Delete a run, as Temporal does after its retention."""
        await self.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=number, run_id=run),
            )
        )

        async def gone() -> bool:
            return not await self.has_run(number, run)

        await until(gone)

    async def show(self, number: str, *options: str) -> tuple[int, str]:
        """Return exit code and output of `banjie case show NUMBER --archive`."""
        env = {"BANJIE_URL": self.processes.url, "BANJIE_API_KEY": self.people.keys["liu.yang"]}
        command = ("case", "show", number, "--archive", *options)
        done = await asyncio.to_thread(run_command, self.folder / "none", *command, **env)
        return done.returncode, done.stdout + done.stderr

    async def archive_of(self, number: str, who: str = "liu.yang") -> Any:
        answer = await self.people.http(who).get(f"/v1/cases/{number}/archive")
        return answer.json()["items"] if answer.is_success else answer.json()["code"]

    async def bundle(self, number: str, run: str) -> dict[str, Any]:
        answer = await self.people.http("liu.yang").get(f"/v1/cases/{number}/archive/{run}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def withdrawn_case(self, index: int) -> str:
        """Start and withdraw a case, which cannot be reopened, so that its run ends."""
        number = await self.people.start(index)
        steps = [{"step": "withdraw", "form": {"reason": "settled in the shop"}}]
        await self.people.take(number, steps, f"off-{index}", who="shop")
        return number


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder = tmp_path_factory.mktemp("archive")
    processes = ProcessGroup(folder, *FORWARDING, *EAGER)
    await processes.start()
    store = await Store.open(processes.database_url)
    people = await agents(store, processes.url)
    try:
        client = await connect(processes.temporal.target)
        yield System(folder, processes, client, store, people)
    finally:
        await people.close()
        await store.close()
        processes.stop()


@dataclass
class Forgotten:
    """A complaint as it was, before Temporal forgot it."""

    number: str
    entries: list[Entry]
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def forgotten(system: System) -> Forgotten:
    """Return a closed case whose reopen window is over, each of its runs deleted from Temporal."""
    number = await system.people.whole_case(1)
    handle = system.client.get_workflow_handle(number)
    await fast_forward(system.client, number, timedelta(days=8))
    assert (await handle.result())["state"] == "closed"
    forgotten = Forgotten(number, await system.store.entries.of(TENANT, number))
    for run in await system.runs(number):
        forgotten.events[run] = await system.events(number, run)
    for run in forgotten.events:
        await system.forget(number, run)
    assert not await system.has_run(number, "")
    return forgotten


async def test_every_run_is_in_the_archive_with_all_it_could_see(
    system: System, forgotten: Forgotten
) -> None:
    runs = await system.archive_of(forgotten.number)
    assert [run["run"] for run in runs] == list(forgotten.events)
    assert len(runs) >= 2  # it went on in new runs
    for run in runs:
        bundle, were = (
            await system.bundle(forgotten.number, run["run"]),
            forgotten.events[run["run"]],
        )
        kept = bundle["history"]["events"]
        assert kept == were[: len(kept)]
        after = [event["eventType"].removeprefix("EVENT_TYPE_") for event in were[len(kept) :]]
        # The rest of the history is the archiving itself, and the run's end.
        assert after[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"]
        assert after[-1].startswith("WORKFLOW_EXECUTION_CO")
        assert (run["events"], run["complete"]) == (len(kept), False)


async def test_the_archive_has_every_entry(system: System, forgotten: Forgotten) -> None:
    runs = await system.archive_of(forgotten.number)
    bundle = await system.bundle(forgotten.number, runs[-1]["run"])
    entries = [Entry.model_validate(entry) for entry in bundle["entries"]]
    assert entries == forgotten.entries
    assert first_break(entries, TENANT, forgotten.number) is None
    assert (bundle["case"]["state"], bundle["case"]["last_seq"]) == ("closed", len(entries))
    assert runs[-1]["entries"] == len(entries) >= runs[0]["entries"]


async def test_the_command_shows_every_entry_and_every_event(
    system: System, forgotten: Forgotten
) -> None:
    code, output = await system.show(forgotten.number, "--events")
    assert code == 0, output
    lines = output.splitlines()
    for entry in forgotten.entries:
        what = entry.step or entry.type.value
        assert any(line.split()[:1] == [str(entry.seq)] and what in line for line in lines), what
    for run in await system.archive_of(forgotten.number):
        assert run["sha256"] in output
        at = lines.index(f"Temporal's events of run {run['run']}")
        shown = [line.split() for line in lines[at + 1 : at + 1 + run["events"]]]
        were = forgotten.events[run["run"]][: run["events"]]
        assert [(line[0], line[-1]) for line in shown] == [
            (event["eventId"], event["eventType"].removeprefix("EVENT_TYPE_").lower())
            for event in were
        ]


async def test_for_programs_it_is_one_document(system: System, forgotten: Forgotten) -> None:
    code, output = await system.show(forgotten.number, "--json")
    assert code == 0, output
    document = json.loads(output)
    assert document["runs"] == await system.archive_of(forgotten.number)
    assert [bundle["run"] for bundle in document["bundles"]] == list(forgotten.events)


async def test_a_case_that_goes_on_has_nothing_archived(system: System) -> None:
    number = await system.people.start(2)
    assert await system.archive_of(number) == []
    code, output = await system.show(number)
    assert (code, "Nothing of" in output) == (3, True), output
    answer = await system.people.http("shop").get(f"/v1/cases/{number}/archive/none")
    assert answer.status_code == 404
    assert await system.archive_of("TS202603021000000") in {"not_found", "number_misread"}


async def test_a_case_that_the_store_has_lost_is_shown_to_staff(system: System) -> None:
    number = await system.withdrawn_case(3)
    await system.client.get_workflow_handle(number).result()
    with sqlite3.connect(system.folder / "banjie.db") as database:
        for table in ("cases", "entries"):
            database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608
    database.close()
    assert len(await system.archive_of(number)) == 1
    assert await system.archive_of(number, "shop") == "not_found"
    code, output = await system.show(number)
    assert (code, "withdraw" in output) == (0, True), output


async def test_a_damaged_file_is_said_to_be_one(system: System) -> None:
    number = await system.withdrawn_case(4)
    await system.client.get_workflow_handle(number).result()
    archive = Archive((system.folder / "archive").as_uri())
    (archived,) = await archive.runs(TENANT, number)
    file = system.folder / "archive" / archived.path
    file.write_bytes(file.read_bytes()[:-1])
    (run,) = await system.archive_of(number)
    assert archived.path in run["damaged"]
    answer = await system.people.http("shop").get(f"/v1/cases/{number}/archive/{archived.run}")
    assert (answer.status_code, answer.json()["code"]) == (500, "archive_damaged")
    assert answer.json()["params"] == {"file": archived.path}
    code, output = await system.show(number)
    assert (code, archived.path in output) == (10, True), output


async def test_an_archive_that_fails_is_an_incident_and_the_run_waits_for_it(
    system: System,
) -> None:
    folder, aside = system.folder / "archive", system.folder / "aside"
    folder.rename(aside)
    folder.write_text("not a folder")
    number = await system.withdrawn_case(5)

    async def fails() -> bool:
        found = [each async for each in find_incidents(system.client, [number], tolerated=1)]
        return [(each.port, each.failure) for each in found] == [("archive", "ArchiveDown")]

    await until(fails)
    assert await system.archive_of(number) == "archive_down"
    folder.unlink()
    aside.rename(folder)
    assert (await retry(system.client, number)).activities == 1
    await system.client.get_workflow_handle(number).result()
    (run,) = await system.archive_of(number)
    assert (run["damaged"], run["entries"]) == (None, 2)
