"""The API's desk at Temporal: start a case, hand in a request, look at a case."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.batches import BatchRun
from domain.messages import Opening, Request
from domain.snapshots import Snapshot
from domain.views import CaseView
from workflows.names import BATCH, CANCEL, SNAPSHOT, TASK_QUEUE, batch_workflow
from workflows.starting import start_case
from workflows.taken import CaseNotFound, CaseOver, DeskError, EngineDown, Refused, Taken
from workflows.taking import ACCEPTANCE, PATIENCE, reason, take

__all__ = ["CaseNotFound", "CaseOver", "Desk", "DeskError", "EngineDown", "Refused", "Taken"]


class Desk:
    """Speaks to the cases' workflows."""

    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self._client, self._queue = client, task_queue

    async def start(self, opening: Opening) -> None:
        """Start the case's workflow under its number; durable when this returns.

        Starting it again changes nothing.

        Raises:
            EngineDown: repeat; the number makes it happen once.
        """
        try:
            await start_case(self._client, opening, self._queue)
        except RPCError as error:
            raise EngineDown("The workflow engine does not answer.") from error

    async def take(self, number: str, request: Request, patience: timedelta = PATIENCE) -> Taken:
        """Hand in a request and wait until it is recorded, or for `patience`.

        Raises:
            Refused: the engine said no; nothing happened.
            CaseNotFound, CaseOver: there is no such open case.
            EngineDown: not accepted in time; the outcome is unknown.
        """
        return await take(self._client, number, request, patience)

    async def start_batch(self, tenant: str, id: str) -> None:
        """Have a batch worked off; durable when this returns. Doing it again changes nothing.

        Raises:
            EngineDown: repeat.
        """
        try:
            await self._client.start_workflow(
                BATCH,
                BatchRun(tenant=tenant, id=id),
                id=batch_workflow(id),
                task_queue=self._queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=ACCEPTANCE,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineDown("The workflow engine does not answer.") from error

    async def cancel_batch(self, id: str) -> None:
        """Tell a batch to stop before the next part of it; one that is over stays as it is.

        Raises:
            EngineDown: repeat.
        """
        try:
            handle = self._client.get_workflow_handle(batch_workflow(id))
            await handle.signal(CANCEL, rpc_timeout=ACCEPTANCE)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise EngineDown("The workflow engine does not answer.") from error

    async def snapshot(self, number: str) -> CaseView:
        """The case as its workflow has it.

        Raises:
            CaseNotFound, EngineDown
        """
        handle = self._client.get_workflow_handle(number)
        try:
            seen: Snapshot = await handle.query(
                SNAPSHOT, result_type=Snapshot, rpc_timeout=ACCEPTANCE
            )
        except RPCError as error:
            raise await reason(error, handle) from error
        return seen.case

    async def alive(self) -> bool:
        """Whether Temporal answers."""
        try:
            return await self._client.service_client.check_health(timeout=timedelta(seconds=1))
        except RPCError:
            return False
