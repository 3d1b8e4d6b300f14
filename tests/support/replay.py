"""`python -m tests.support.replay FILE…`: replay histories in a process with its own hash seed."""

import asyncio
import sys
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from policies.documents import hand_in
from temporal.converter import data_converter
from temporal.process_exit import leave
from workflows.case import CaseWorkflow


async def replay(id: str, history: str) -> None:
    """Replay one history; raises if today's code would have done something else."""
    replayer = Replayer(
        workflows=[CaseWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        build_id="replay",
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(id, history))


if __name__ == "__main__":
    hand_in()
    for file in map(Path, sys.argv[1:]):
        asyncio.run(replay(file.stem, file.read_text()))
    leave(0)
