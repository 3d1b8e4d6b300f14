"""The client of the cases' and batches' workflows: start them, submit steps, read a case."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.batches import BatchRun
from domain.engine.messages import CaseInput, Opening, Receipt, Request
from domain.read_models.projection import CaseView
from domain.read_models.snapshot import Snapshot
from temporal.names import BATCH, CANCEL, CHANNEL, KIND, SNAPSHOT, SUBMIT, TASK_QUEUE, batch_id
from temporal.results import (
    CaseClientError,
    CaseNotFound,
    CaseOver,
    EngineDown,
    SubmitResult,
    read_failure,
)

RPC_TIMEOUT = timedelta(seconds=10)
RECORD_TIMEOUT = timedelta(seconds=2)
START_TIMEOUT = timedelta(seconds=2)
"""After so long a start is waited for only while Temporal is there at all."""
DESCRIBE_TIMEOUT = timedelta(seconds=2)
POLL_TIMEOUT = timedelta(milliseconds=100)
HEALTH_TIMEOUT = timedelta(seconds=1)
CUT_OFF = "AcceptedUpdateCompletedWorkflow"
"""The type of the failure of an update that was accepted in a run that then ended."""
NO_ANSWER = "The workflow engine does not answer."
NOT_ACCEPTED = "The workflow engine did not accept it in time."


class CaseClient:
    """Speaks to the workflows of cases and batches."""

    def __init__(self, client: Client, task_queue: str = TASK_QUEUE) -> None:
        self._client, self._task_queue = client, task_queue

    async def start(self, opening: Opening) -> None:
        """Start the case's workflow under its number; durable when this returns.

        Starting it again changes nothing.

        Raises:
            EngineDown: repeat; the number makes it happen once.
        """
        attributes = [
            SearchAttributePair(KIND, opening.kind),
            SearchAttributePair(CHANNEL, opening.channel),
        ]
        await self._start_once(
            opening.kind,
            CaseInput(opening=opening),
            opening.number,
            search_attributes=TypedSearchAttributes(attributes),
            static_summary=f"{opening.kind} · {opening.channel}",
        )

    async def submit(
        self, number: str, request: Request, record_timeout: timedelta = RECORD_TIMEOUT
    ) -> SubmitResult:
        """Submit a request's steps to a case and wait until they are recorded.

        A request that is accepted, but not recorded after `record_timeout`, yields no receipt.

        Raises:
            Refused: the engine said no; nothing happened.
            CaseNotFound, CaseOver: there is no such open case.
            EngineDown: not accepted in time; the outcome is unknown.
        """
        handle = self._client.get_workflow_handle(number)
        try:
            # The client would retry for longer than any single attempt may take.
            async with asyncio.timeout(record_timeout.total_seconds()):
                receipt: Receipt | None = await _update(handle, request, record_timeout)
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            receipt = await self._accepted_update(handle, request)
        return SubmitResult.of(request, receipt)

    async def snapshot(self, number: str) -> CaseView:
        """Return the case as its workflow has it.

        Raises:
            CaseNotFound, EngineDown
        """
        handle = self._client.get_workflow_handle(number)
        try:
            snapshot: Snapshot = await handle.query(
                SNAPSHOT, result_type=Snapshot, rpc_timeout=RPC_TIMEOUT
            )
        except RPCError as error:
            raise await _cause(error, handle) from error
        return snapshot.case

    async def start_batch(self, tenant: str, id: str) -> None:
        """Start a batch's workflow; durable when this returns. Starting it again changes nothing.

        Raises:
            EngineDown: repeat.
        """
        await self._start_once(BATCH, BatchRun(tenant=tenant, id=id), batch_id(id))

    async def cancel_batch(self, id: str) -> None:
        """Tell a batch to stop before its next part; one that is over stays as it is.

        Raises:
            EngineDown: repeat.
        """
        try:
            handle = self._client.get_workflow_handle(batch_id(id))
            await handle.signal(CANCEL, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise EngineDown(NO_ANSWER) from error

    async def alive(self) -> bool:
        """Return whether Temporal answers."""
        try:
            return await self._client.service_client.check_health(timeout=HEALTH_TIMEOUT)
        except RPCError:
            return False

    async def _accepted_update(
        self, handle: WorkflowHandle[Any, Any], request: Request
    ) -> Receipt | None:
        """Find out whether an update was accepted, unless nobody is there who could say."""
        if not await self.alive():
            raise EngineDown(NO_ANSWER)
        try:
            async with asyncio.timeout(RPC_TIMEOUT.total_seconds()):
                return await _accepted_update(handle, request)
        except TimeoutError:
            raise EngineDown(NOT_ACCEPTED) from None

    async def _start_once(
        self,
        workflow: str,
        argument: CaseInput | BatchRun,
        id: str,
        *,
        search_attributes: TypedSearchAttributes | None = None,
        static_summary: str | None = None,
    ) -> None:
        """Start a workflow, unless one with this id runs or has ended."""
        starting = asyncio.create_task(
            self._client.start_workflow(
                workflow,
                argument,
                id=id,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=search_attributes,
                static_summary=static_summary,
                rpc_timeout=RPC_TIMEOUT,
            )
        )
        try:
            await asyncio.wait({starting}, timeout=START_TIMEOUT.total_seconds())
            if not starting.done() and not await self.alive():
                raise EngineDown(NO_ANSWER)
            await starting
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineDown(NO_ANSWER) from error
        finally:
            starting.cancel()


def _update_id(request: Request) -> str:
    """Return the id under which Temporal takes the same request once.

    Another body under the same key is another update, which the case refuses at once, whether the
    first is recorded or not.
    """
    return f"{request.id}:{request.digest}" if request.digest else request.id


async def _update(
    handle: WorkflowHandle[Any, Any], request: Request, record_timeout: timedelta
) -> Receipt:
    """Wait for the result; an update that a new run cut off is sent to that run again."""
    for last_try in (False, True):
        try:
            receipt: Receipt = await handle.execute_update(
                SUBMIT,
                request,
                id=_update_id(request),
                result_type=Receipt,
                rpc_timeout=record_timeout,
            )
            return receipt
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == CUT_OFF and not last_try:
                continue
            raise _refusal(cause) from error
        except RPCError as error:
            raise await _cause(error, handle) from error
    raise EngineDown("The case was being carried over; try again.")


async def _accepted_update(handle: WorkflowHandle[Any, Any], request: Request) -> Receipt | None:
    """Find out whether the update was accepted; the same id makes it the same update.

    An update that was refused is over just as one that succeeded: only its result tells which.
    """
    try:
        update: WorkflowUpdateHandle[Receipt] = await handle.start_update(
            SUBMIT,
            request,
            id=_update_id(request),
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            result_type=Receipt,
            rpc_timeout=RPC_TIMEOUT,
        )
        return await _result_so_far(update)
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from error
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise EngineDown(NOT_ACCEPTED) from error
    except RPCError as error:
        raise await _cause(error, handle) from error


async def _result_so_far(update: WorkflowUpdateHandle[Receipt]) -> Receipt | None:
    """Return the result, if there is one by now; what was accepted is durable all the same."""
    try:
        return await update.result(rpc_timeout=POLL_TIMEOUT)
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError):
        return None


async def _cause(error: RPCError, handle: WorkflowHandle[Any, Any]) -> CaseClientError:
    """Return why a call failed; a workflow that exists but is not found by an update has ended."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return EngineDown(NO_ANSWER)
    try:
        await handle.describe(rpc_timeout=DESCRIBE_TIMEOUT)
    except RPCError:
        return CaseNotFound(f"There is no case {handle.id}.")
    return CaseOver(f"Case {handle.id} is concluded and can no longer be reopened.")


def _refusal(cause: BaseException | None) -> CaseClientError:
    if isinstance(cause, ApplicationError) and cause.type not in {None, CUT_OFF}:
        return read_failure(cause)
    return EngineDown("The workflow engine failed on this request.")
