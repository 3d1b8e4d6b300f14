"""Starting a case's workflow under its number: once, whoever tries it and however often."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.messages import Life, Opening
from workflows.names import CHANNEL, KIND, TASK_QUEUE

PATIENCE = timedelta(seconds=10)


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
            Life(opening=opening),
            id=opening.number,
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes(attributes),
            static_summary=f"{opening.kind} · {opening.channel}",
            rpc_timeout=PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return
