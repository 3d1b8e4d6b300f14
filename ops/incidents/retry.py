"""Trying again at once what stands still, after what was wrong is mended."""

import uuid
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import ResetActivityRequest, ResetWorkflowExecutionRequest
from temporalio.client import Client

from ops.incidents.task_failures import cause_of

REASON = "banjie ops retry"


@dataclass(frozen=True)
class Retried:
    """How many activities, and whether the case's own code, are tried at once."""

    activities: int
    code: bool


async def retry(client: Client, number: str) -> Retried:
    """Try at once what waits for its next attempt, and count anew.

    For a case whose own code fails the engine would wait up to ten minutes between two attempts.
    So its history goes on in a new run, from the very task that failed: nothing before it is
    decided again, nothing is lost. A caller who waits just then hears that the outcome is unknown.

    Raises:
        RPCError: there is no such case, or the engine cannot do that.
    """
    described = await client.get_workflow_handle(number).describe()
    raw = described.raw_description
    execution = Execution(workflow_id=number, run_id=described.run_id)
    if raw.pending_workflow_task.attempt > 1:
        cause = await cause_of(client, number, described.run_id)
        if cause is not None:
            # Activities that were waiting go with it: the new run schedules them at once.
            await client.workflow_service.reset_workflow_execution(
                ResetWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=execution,
                    reason=REASON,
                    workflow_task_finish_event_id=cause.event,
                    request_id=uuid.uuid4().hex,
                )
            )
            return Retried(len(raw.pending_activities), code=True)
    for activity in raw.pending_activities:
        await client.workflow_service.reset_activity(
            ResetActivityRequest(
                namespace=client.namespace, execution=execution, id=activity.activity_id
            )
        )
    return Retried(len(raw.pending_activities), code=False)
