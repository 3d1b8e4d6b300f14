"""Where each case's entries are: the newest run that Temporal has, else the newest archived one."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
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

from store.archive import Archive, ArchivedFile
from temporal.histories import RunPayloads, read_payloads
from temporal.names import CASES_QUERY

CONCURRENCY: Final = 32
RETRY_SECONDS: Final = 10.0
"""For so long a history is asked for again; the SDK retries by itself, too, within each call."""
RETRY_PAUSE: Final = 0.5
PAGE: Final = 1000
RETRYABLE: Final = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.DEADLINE_EXCEEDED}
)


@dataclass(frozen=True)
class TemporalRun:
    """The newest run of a case that Temporal has."""

    number: str
    payloads: RunPayloads


Source = TemporalRun | ArchivedFile
"""Where a case's entries are: in Temporal's history or, once it forgot the case, in a file."""


@dataclass(frozen=True)
class Sources:
    """A Temporal namespace, and the archive that stands in for what it forgot."""

    client: Client
    archive_url: str

    async def numbers(self) -> AsyncIterator[str]:
        """Yield each case that Temporal lists, once; one that was just started may be missing."""
        listed: set[str] = set()
        request = ListWorkflowExecutionsRequest(
            namespace=self.client.namespace, query=CASES_QUERY, page_size=PAGE
        )
        while True:
            page = await self.client.workflow_service.list_workflow_executions(request, retry=True)
            for run in page.executions:
                number = run.execution.workflow_id
                if number not in listed:
                    listed.add(number)
                    yield number
            request.next_page_token = page.next_page_token
            if not request.next_page_token:
                return

    async def archived_tenants(self) -> list[str]:
        """Return the tenants of whom something is archived."""
        return await Archive(self.archive_url).tenants()

    async def archived(self, tenants: Iterable[str]) -> dict[str, ArchivedFile]:
        """Return the newest file of each archived case of these tenants, by number."""
        archive = Archive(self.archive_url)
        return {each.number: each for tenant in tenants async for each in archive.all(tenant)}

    async def newest_archived(self, tenant: str, number: str) -> ArchivedFile | None:
        """Return the newest file of a case; None if it is not archived."""
        runs = await Archive(self.archive_url).runs(tenant, number)
        return runs[-1] if runs else None

    async def fetch(self, number: str) -> TemporalRun | None:
        """Return the newest run of a case; None if Temporal has none.

        Raises:
            RPCError: the engine does not answer, and did not when it was asked again.
        """
        give_up, pause = monotonic() + RETRY_SECONDS, RETRY_PAUSE
        while True:
            try:
                pages = [page async for page in self._pages(number)]
                payloads = await read_payloads(self.client.data_converter, chain(*pages))
                return TemporalRun(number, payloads) if payloads else None
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                if error.status not in RETRYABLE or monotonic() + pause > give_up:
                    raise
                await asyncio.sleep(pause)
                pause *= 2

    async def fetch_all(
        self, numbers: Iterable[str], archived: Mapping[str, ArchivedFile]
    ) -> AsyncIterator[Source]:
        """Yield the source of each case that has one, as they come; many are fetched at once."""
        async for source in self._fetch_each(numbers, archived):
            if source is not None:
                yield source

    async def _fetch_each(
        self, numbers: Iterable[str], archived: Mapping[str, ArchivedFile]
    ) -> AsyncIterator[Source | None]:
        waiting: set[asyncio.Task[Source | None]] = set()

        async def fetch_one(number: str) -> Source | None:
            return await self.fetch(number) or archived.get(number)

        try:
            for number in numbers:
                waiting.add(asyncio.create_task(fetch_one(number)))
                if len(waiting) >= CONCURRENCY:
                    done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    for each in done:
                        yield each.result()
            for coming in asyncio.as_completed(waiting):
                yield await coming
        finally:
            for each in waiting:
                each.cancel()

    async def _pages(self, number: str) -> AsyncIterator[Sequence[HistoryEvent]]:
        """Yield the newest run's history, page by page: the SDK's own way is event by event."""
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self.client.namespace, execution=WorkflowExecution(workflow_id=number)
        )
        while True:
            page = await self.client.workflow_service.get_workflow_execution_history(
                request, retry=True
            )
            yield page.history.events
            request.next_page_token = page.next_page_token
            if not request.next_page_token:
                return
