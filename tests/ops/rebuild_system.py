"""A running system with cases of every sort, of which Temporal has forgotten some."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ops.oracle.oracle import Oracle
from ops.rebuild.diff import RebuildReport, ReconcileReport
from ops.rebuild.inspect import Inspector
from ops.rebuild.rebuild import Rebuilder
from ops.rebuild.reconcile import Reconciler
from ops.rebuild.sources import Sources
from ops.rebuild.target import fresh_store
from store import Store
from temporal.case_client import CaseClient
from temporal.connection import connect
from tests.support.cases import new_number, opening, request
from tests.support.complaints import submit_complaint
from tests.support.engine import Engine
from tests.support.goldens import play_scenario
from tests.support.story_runner import Scenario, scenarios
from tests.support.temporal import DevServer, forget_run
from tests.support.waiting import until
from worker.build import build_worker
from worker.dispatcher import Dispatcher
from worker.lifecycle import in_background
from worker.settings import WorkerSettings

TENANT = "default"
TABLE = re.compile(r"^(?:UPDATE|DELETE FROM) (\w+)")
SHORT_RUNS = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60")
"""The server suggests a new run after 60 events, about half a complaint."""


@dataclass
class System:
    """A running system on one store, and its cases by what they are."""

    engine: Engine
    archive_url: str
    namespace: str
    cases: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The live one."""
        return self.engine.store

    @property
    def inspector(self) -> Inspector:
        """The inspector of the store."""
        return Inspector(Sources(self.engine.client, self.archive_url), self.store)

    @property
    def oracle(self) -> Oracle:
        """The oracle that verifies all cases."""
        return Oracle(self.engine.client, self.store, catch_up=timedelta(seconds=10))

    async def fill(self) -> None:
        """Start a story of each kind, an open case, a closed one, and one that Temporal forgets."""
        kinds: dict[str, Scenario] = {}
        for scenario in sorted(scenarios(datetime.now(UTC)), key=lambda each: -len(each.outline)):
            kinds.setdefault(scenario.kind, scenario)
        starting = {kind: play_scenario(self.engine, scenario) for kind, scenario in kinds.items()}
        starting["open"] = self.complaint(2)
        starting |= {name: self.withdrawn() for name in ("closed", "forgotten")}
        self.cases |= dict(zip(starting, await asyncio.gather(*starting.values()), strict=True))
        await self.forget(self.cases["forgotten"])
        await self.settled()

    async def complaint(self, upto: int) -> str:
        """A complaint taken through its first requests."""
        case_client, number = CaseClient(self.engine.client), new_number()
        await case_client.start(opening(number))
        await submit_complaint(case_client, number, upto)
        return number

    async def withdrawn(self) -> str:
        """A case that is over as soon as it is closed, and so archived."""
        number = await self.complaint(1)
        withdrawal = request(f"{number}-off", ("withdraw", {"reason": "settled in the shop"}))
        await CaseClient(self.engine.client).submit(number, withdrawal)
        await self.engine.client.get_workflow_handle(number).result()
        return number

    async def forget(self, number: str) -> None:
        """Delete the case's run, as Temporal does after its retention."""
        await forget_run(self.engine.client, number)

    async def settled(self) -> None:
        """Wait until all is recorded and delivered."""

        async def quiet() -> bool:
            report = await Reconciler(self.inspector, mend=False).run()
            waiting = await self.store.outbox_queue.tenants()
            return not (report.differences or report.changing or waiting)

        await until(quiet)

    async def rebuild(self, url: str, *, records: bool = True) -> RebuildReport:
        """Make the read model again."""
        async with fresh_store(url) as store:
            return await Rebuilder(self.inspector, store).run(records=records)

    async def reconcile(self, **more: Any) -> ReconcileReport:
        """Find what differs, and mend it."""
        return await Reconciler(self.inspector, **more).run()

    async def corrupt(self, statements: Sequence[str], number: str) -> None:
        """Change the database directly; each statement must hit something.

        Each ends with its WHERE, to which the tenant is added.
        """
        parameters = {"n": number, "tenant": TENANT}
        async with self.store.recorder._sessions.writing() as connection:
            for statement in statements:
                (table,) = TABLE.findall(statement)
                query = text(f"{statement} AND {table}.tenant = :tenant")
                assert (await connection.execute(query, parameters)).rowcount


@asynccontextmanager
async def running_system(
    folder: Path, server: DevServer, namespace: str, url: str
) -> AsyncIterator[System]:
    """A worker on this store, in a namespace of its own, with a dispatcher."""
    client = await connect(server.target, namespace)
    archive_url = (folder / "archive").as_uri()
    store = await Store.open(url, migrate=True)
    settings = WorkerSettings(database_url=url, archive_url=archive_url, drain=5)
    try:
        async with build_worker(client, store, settings), in_background(Dispatcher(store).run()):
            yield System(Engine(client, store, server, url), archive_url, namespace)
    finally:
        await store.close()
