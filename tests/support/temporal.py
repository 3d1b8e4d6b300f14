"""A real Temporal dev server for tests, which can be killed and restarted on its file."""

import socket
import subprocess
import sys
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from temporal.connection import connect
from temporal.histories import fetch_history
from temporal.names import SEARCH_ATTRIBUTES
from tests.support.waiting import until

QUICK_DELETION = (
    "--dynamic-config-value", 'history.transferProcessorUpdateAckInterval="200ms"',
    "--dynamic-config-value", 'history.visibilityProcessorUpdateAckInterval="200ms"',
)  # fmt: skip
"""With these, a run that is deleted is gone at once, not after half a minute."""


def executable(name: str) -> str:
    """The path of a server that was installed as a wheel into this environment."""
    return str(Path(sys.executable).parent / name)


def free_port() -> int:
    """A port of the loopback interface that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DevServer:
    """A dev server on a file of its own; its data survives `kill` and `start`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self._folder, self._options = folder, options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> str:
        """The server's address."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server; `client` waits until it answers."""
        command = [
            executable("temporal"), "server", "start-dev", "--headless", "--ip", "127.0.0.1",
            "--port", str(self.port), "--metrics-port", str(self.metrics_port),
            "--db-filename", str(self._folder / "temporal.db"), "--log-level", "never",
            "--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal",
        ]  # fmt: skip
        for attribute in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{attribute.name}=Keyword"]
        log = (self._folder / "temporal.log").open("ab")
        self._process = subprocess.Popen(
            [*command, *QUICK_DELETION, *self._options], stdout=log, stderr=subprocess.STDOUT
        )
        log.close()

    async def client(self) -> Client:
        """A client, as soon as the server answers."""
        return await connect(self.target)

    def kill(self) -> None:
        """Kill the server, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask the server to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None


async def forget_run(client: Client, number: str) -> None:
    """Delete a case's run, as Temporal does after its retention, and wait until it is gone."""
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=number)
        )
    )

    async def gone() -> bool:
        return await fetch_history(client, number) is None

    await until(gone)
