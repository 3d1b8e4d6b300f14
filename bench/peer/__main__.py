"""`python -m bench.peer`: the bare workflow's worker, in a process of its own like ours."""

import asyncio
import json
import os
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.peer.workflow import STEPS, Peer
from bench.peer.writer import Writer

QUEUE = "peers"
CASES_IN_CACHE = 2048


async def serve() -> None:
    """Serve until killed, with as much at once as our worker takes on, and as little sandbox."""
    client = await Client.connect(os.environ["PEER_TEMPORAL"])
    writer = await Writer.open(os.environ["PEER_DATABASE"])
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[Peer],
        activities=[writer.record, writer.tell],
        workflow_runner=UnsandboxedWorkflowRunner(),
        build_id="peer",
        max_cached_workflows=CASES_IN_CACHE,
        max_concurrent_workflow_tasks=8,
        max_concurrent_activities=8,
    )
    await worker.run()


if __name__ == "__main__":
    STEPS[:] = json.loads(Path(os.environ["PEER_STEPS"]).read_text(encoding="utf-8"))
    asyncio.run(serve())
