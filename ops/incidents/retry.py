"""Retries a stuck case at once, after what was wrong is repaired."""

import uuid
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest, ResetWorkflowExecutionRequest
from temporalio.client import Client

from ops.incidents.task_failures import newest_task_failure
from store import Store
from store.audit.records import By

REASON = "banjie ops retry"
RETRIED = "case.retried"


@dataclass(frozen=True)
class RetryReport:
    """How many activities are retried, and whether the case's own code is."""

    activities: int
    code: bool


async def retry_as(client: Client, store: Store, tenant: str, by: By, number: str) -> RetryReport:
    """Write down in the audit log who retries a case, then retry it as `retry` does.

    Raises:
        RPCError: there is no such case, or Temporal cannot do that.
        StoreDown: nothing was done, since it could not be written down.
    """
    await client.get_workflow_handle(number).describe()
    await store.audit_log.add(tenant, by.actor, RETRIED, number, by.reason)
    return await retry(client, number)


async def retry(client: Client, number: str) -> RetryReport:
    """Retry everything that waits for its next attempt, and reset its count of attempts.

    For a case whose own code fails Temporal would wait up to ten minutes between two attempts. So
    its history is reset to the task that failed and goes on in a new run: nothing before it is
    decided again, nothing is lost. A caller who waits just then hears that the outcome is unknown.

    Raises:
        RPCError: there is no such case, or Temporal cannot do that.
    """
    description = await client.get_workflow_handle(number).describe()
    raw = description.raw_description
    execution = WorkflowExecution(workflow_id=number, run_id=description.run_id)
    if raw.pending_workflow_task.attempt > 1:
        failure = await newest_task_failure(client, number, description.run_id)
        if failure is not None:
            # The reset cancels pending activities: the new run schedules them again at once.
            await client.workflow_service.reset_workflow_execution(
                ResetWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=execution,
                    reason=REASON,
                    workflow_task_finish_event_id=failure.event,
                    request_id=uuid.uuid4().hex,
                )
            )
            return RetryReport(len(raw.pending_activities), code=True)
    for activity in raw.pending_activities:
        await client.workflow_service.reset_activity(
            ResetActivityRequest(
                namespace=client.namespace, execution=execution, id=activity.activity_id
            )
        )
    return RetryReport(len(raw.pending_activities), code=False)
