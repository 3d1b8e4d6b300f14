"""Handing in a request to a case, and waiting until it is recorded."""

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
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.messages import Receipt, Request
from workflows.names import TAKE
from workflows.refusals import read_failure
from workflows.taken import CaseNotFound, CaseOver, DeskError, EngineDown, Refused, Taken

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


async def reason(error: RPCError, handle: WorkflowHandle[Any, Any]) -> DeskError:
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


def _refusal(cause: BaseException | None) -> DeskError:
    if isinstance(cause, ApplicationError) and cause.type not in {None, CUT_OFF}:
        return Refused(*read_failure(cause))
    return EngineDown("The workflow engine failed on this request.")
