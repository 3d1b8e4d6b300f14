"""The API's desk at Temporal: start a case, hand in a request, look at a case."""

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
from domain.read_models.projection import CaseView, Snapshot
from temporal.names import BATCH, CANCEL, CHANNEL, KIND, SNAPSHOT, TAKE, TASK_QUEUE, batch_workflow
from temporal.results import (
    CaseClientError,
    CaseNotFound,
    CaseOver,
    EngineDown,
    Refused,
    Taken,
    read_failure,
)

START_PATIENCE = timedelta(seconds=10)


async def start_case(client: Client, opening: Opening, task_queue: str = TASK_QUEUE) -> None:
    """Start it; durable when this returns. Starting it again changes nothing.

    Raises:
        RPCError: the server did not answer in time; the number makes it happen once.
    """
    attributes = [
        SearchAttributePair(KIND, opening.kind),
        SearchAttributePair(CHANNEL, opening.channel),
    ]
    try:
        await client.start_workflow(
            opening.kind,
            CaseInput(opening=opening),
            id=opening.number,
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes(attributes),
            static_summary=f"{opening.kind} · {opening.channel}",
            rpc_timeout=START_PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return


PATIENCE = timedelta(seconds=2)
ACCEPTANCE = timedelta(seconds=10)
AT_ONCE = timedelta(milliseconds=100)
CUT_OFF = "AcceptedUpdateCompletedWorkflow"


async def take(
    client: Client, number: str, request: Request, patience: timedelta = PATIENCE
) -> Taken:
    """Hand in a request and wait until it is recorded, or for `patience`.

    Raises:
        Refused: the engine said no; nothing happened.
        CaseNotFound, CaseOver: there is no such open case.
        EngineDown: not accepted in time; the outcome is unknown.
    """
    handle = client.get_workflow_handle(number)
    try:
        receipt: Receipt | None = await _update(handle, request, patience)
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        receipt = await _accepted(handle, request)
    if receipt is None:
        return Taken(None)
    if receipt.digest != request.digest:
        raise Refused("request_reused", {}, "This key was used before with another body.")
    return Taken(receipt, replayed=receipt.attempt != request.attempt)


async def _update(
    handle: WorkflowHandle[Any, Any], request: Request, patience: timedelta
) -> Receipt:
    """Wait for the result; an update that a new run cut off is handed in again there."""
    for last_try in (False, True):
        try:
            receipt: Receipt = await handle.execute_update(
                TAKE, request, id=request.id, result_type=Receipt, rpc_timeout=patience
            )
            return receipt
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == CUT_OFF and not last_try:
                continue
            raise _refusal(cause) from error
        except RPCError as error:
            raise await reason(error, handle) from error
    raise EngineDown("The case was being carried over; try again.")


async def _accepted(handle: WorkflowHandle[Any, Any], request: Request) -> Receipt | None:
    """Find out whether the update was accepted; the same id makes it the same update.

    One that was refused ends as well as one that was done: only its result says which.
    """
    try:
        update: WorkflowUpdateHandle[Receipt] = await handle.start_update(
            TAKE,
            request,
            id=request.id,
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            result_type=Receipt,
            rpc_timeout=ACCEPTANCE,
        )
        return await _known(update)
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from error
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise EngineDown("The workflow engine did not accept it in time.") from error
    except RPCError as error:
        raise await reason(error, handle) from error


async def reason(error: RPCError, handle: WorkflowHandle[Any, Any]) -> CaseClientError:
    """Why a call failed; a workflow that is there but takes nothing has ended."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return EngineDown("The workflow engine does not answer.")
    try:
        await handle.describe(rpc_timeout=PATIENCE)
    except RPCError:
        return CaseNotFound(f"There is no case {handle.id}.")
    return CaseOver(f"Case {handle.id} is concluded and can no longer be reopened.")


async def _known(update: WorkflowUpdateHandle[Receipt]) -> Receipt | None:
    """The result, if there is one by now; what was accepted is durable whatever happens here."""
    try:
        return await update.result(rpc_timeout=AT_ONCE)
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError):
        return None


def _refusal(cause: BaseException | None) -> CaseClientError:
    if isinstance(cause, ApplicationError) and cause.type not in {None, CUT_OFF}:
        return Refused(*read_failure(cause))
    return EngineDown("The workflow engine failed on this request.")


__all__ = [
    "CaseClient",
    "CaseClientError",
    "CaseNotFound",
    "CaseOver",
    "EngineDown",
    "Refused",
    "Taken",
]


class CaseClient:
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
        """Have a batch worked off; durable when this returns. CheckedCommand it again changes nothing.

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
