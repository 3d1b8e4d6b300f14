"""Where each case's entries are: the newest run that Temporal has, else the newest archived one."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.rebuild.history import Source, Told, told_by
from store.archive import Archive, Archived

AT_ONCE: Final = 32
KNOWN: Final = "BanjieKind IS NOT NULL"
"""Only cases have it; what else runs there is none."""
PATIENCE: Final = 10.0
"""For so many seconds it is asked again; the SDK does so by itself, too, within each call."""
PAUSE: Final = 0.5
LISTED: Final = 1000
NOT_NOW: Final = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.DEADLINE_EXCEEDED}
)


@dataclass(frozen=True)
class Sources:
    """A Temporal namespace, and the archive that stands in for what it forgot."""

    client: Client
    archive_url: str

    async def numbers(self) -> AsyncIterator[str]:
        """All cases that Temporal lists, each once; one that was just started may be missing."""
        seen: set[str] = set()
        asked = ListWorkflowExecutionsRequest(
            namespace=self.client.namespace, query=KNOWN, page_size=LISTED
        )
        while True:
            page = await self.client.workflow_service.list_workflow_executions(asked, retry=True)
            for run in page.executions:
                if run.execution.workflow_id not in seen:
                    seen.add(run.execution.workflow_id)
                    yield run.execution.workflow_id
            asked.next_page_token = page.next_page_token
            if not asked.next_page_token:
                return

    async def archived(self, tenants: Iterable[str]) -> dict[str, Archived]:
        """The newest file of each archived case of these tenants, by number."""
        archive = Archive(self.archive_url)
        return {each.number: each for tenant in tenants async for each in archive.all(tenant)}

    async def tenants(self) -> list[str]:
        """Those of whom something is archived."""
        return await Archive(self.archive_url).tenants()

    async def find(self, number: str, archived: Archived | None) -> Source | None:
        """What Temporal tells of the case, else the file; None if there is neither."""
        return await self.fetch(number) or archived

    async def fetch(self, number: str) -> Told | None:
        """What Temporal tells of the case's newest run; None if it knows none.

        Raises:
            RPCError: the engine does not answer, and did not when it was asked again.
        """
        give_up, pause = monotonic() + PATIENCE, PAUSE
        while True:
            try:
                events = [event async for event in self._events(number)]
                return await told_by(self.client.data_converter, number, chain(*events))
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                if error.status not in NOT_NOW or monotonic() + pause > give_up:
                    raise
                await asyncio.sleep(pause)
                pause *= 2

    async def _events(self, number: str) -> AsyncIterator[Sequence[HistoryEvent]]:
        """The history of the newest run, page by page: the SDK's own way is event by event."""
        asked = GetWorkflowExecutionHistoryRequest(
            namespace=self.client.namespace, execution=WorkflowExecution(workflow_id=number)
        )
        while True:
            page = await self.client.workflow_service.get_workflow_execution_history(
                asked, retry=True
            )
            yield page.history.events
            asked.next_page_token = page.next_page_token
            if not asked.next_page_token:
                return

    async def sources(
        self, numbers: Iterable[str], archived: dict[str, Archived]
    ) -> AsyncIterator[tuple[str, Source | None]]:
        """The source of each of these cases, as they come; many are asked for at once."""
        waiting: set[asyncio.Task[tuple[str, Source | None]]] = set()

        async def one(number: str) -> tuple[str, Source | None]:
            return number, await self.find(number, archived.get(number))

        try:
            for number in numbers:
                waiting.add(asyncio.create_task(one(number)))
                if len(waiting) >= AT_ONCE:
                    done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    for each in done:
                        yield each.result()
            for coming in asyncio.as_completed(waiting):
                yield await coming
        finally:
            for each in waiting:
                each.cancel()
