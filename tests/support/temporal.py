"""A real Temporal dev server for tests, which can be killed and restarted on its file."""

import asyncio
import socket
import subprocess
import sys
import time
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


STARTS = 3
"""How often a server that ends while it starts is started."""
START_SECONDS, POLL_SECONDS, LOOK_SECONDS = 60.0, 0.02, 0.2


class ServerFailed(Exception):
    """The dev server did not come up."""


class DevServer:
    """A dev server on a file of its own; its data survives `kill` and `start`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self._folder, self._options = folder, options
        self._log = folder / "temporal.log"
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
        """Start the server, and come back when it listens.

        Now and then the dev server panics while it starts; one that ended is started again.

        Raises:
            ServerFailed: it ended again and again, or does not come to listen.
        """
        for _ in range(STARTS):
            self._spawn()
            if self._listens():
                return
            self.kill()
        raise ServerFailed(f"The dev server ended {STARTS} times; see {self._log}.")

    def _spawn(self) -> None:
        command = [
            executable("temporal"), "server", "start-dev", "--headless", "--ip", "127.0.0.1",
            "--port", str(self.port), "--metrics-port", str(self.metrics_port),
            "--db-filename", str(self._folder / "temporal.db"), "--log-level", "never",
            "--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal",
        ]  # fmt: skip
        for attribute in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{attribute.name}=Keyword"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *QUICK_DELETION, *self._options], stdout=log, stderr=subprocess.STDOUT
            )

    def _listens(self) -> bool:
        """Wait until the server listens; False if it ended before."""
        assert self._process is not None
        give_up = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            if time.monotonic() > give_up:
                raise ServerFailed(f"The dev server does not listen; see {self._log}.")
            time.sleep(POLL_SECONDS)
        return False

    async def client(self) -> Client:
        """A client, as soon as the server answers; one that ended meanwhile is started again."""
        connecting = asyncio.create_task(connect(self.target))
        while not (await asyncio.wait({connecting}, timeout=LOOK_SECONDS))[0]:
            if self._process is not None and self._process.poll() is not None:
                self.start()
        return await connecting

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
