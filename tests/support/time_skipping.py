"""A Temporal test server whose time moves only when a test says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import WorkflowRunner

from store import Store
from temporal.converter import data_converter
from temporal.names import SEARCH_ATTRIBUTES
from tests.support.temporal import executable
from worker.build import build_worker
from worker.settings import WorkerSettings


class Skipping:
    """An engine under skipped time: its environment, its client, its store."""

    def __init__(self, env: WorkflowEnvironment, store: Store) -> None:
        self._env, self.client, self.store = env, env.client, store

    async def now(self) -> datetime:
        """Return the server's time."""
        return await self._env.get_current_time()

    async def skip(self, time: timedelta) -> None:
        """Let this much time pass for every case at once."""
        await self._env.sleep(time)


@asynccontextmanager
async def skipping(
    folder: Path, runner: WorkflowRunner | None = None, ports: str | None = None
) -> AsyncIterator[Skipping]:
    """Run the test server, a real store and a real worker; automatic skipping is off throughout.

    `ports` is the address of payments and the courier; without it, local orders stand in.
    """
    async with (
        await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=executable("temporal-test-server"),
            data_converter=data_converter(),
        ) as env,
    ):
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        names = {attribute.name: keyword for attribute in SEARCH_ATTRIBUTES}
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=names)
        )
        url = f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
        store = await Store.open(url, migrate=True)
        settings = WorkerSettings.model_validate(
            {"database_url": url, "drain": 5, "payments_url": ports, "courier_url": ports}
        )
        with env.auto_time_skipping_disabled():
            async with build_worker(env.client, store, settings, runner):
                yield Skipping(env, store)
        await store.close()
