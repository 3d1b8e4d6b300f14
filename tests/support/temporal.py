"""A real Temporal dev server for tests: started, killed and restarted on its file by its pid."""

import socket
import subprocess
import sys
from pathlib import Path

from temporalio.client import Client

from temporal.connection import connect
from temporal.names import SEARCH_ATTRIBUTES

FORGETS_AT_ONCE = (
    "--dynamic-config-value", 'history.transferProcessorUpdateAckInterval="200ms"',
    "--dynamic-config-value", 'history.visibilityProcessorUpdateAckInterval="200ms"',
)  # fmt: skip
"""With it, a run that is deleted is gone after a few seconds, not after twenty."""


def executable(name: str) -> str:
    """A server that came as a wheel into this environment."""
    return str(Path(sys.executable).parent / name)


def free_port() -> int:
    """A port of this machine's loopback that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DevServer:
    """One dev server on a file of its own; what it holds survives `kill` and `start`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self._folder, self._options = folder, options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> str:
        """Where a client finds it."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it on its file; `client` waits until it answers."""
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
            [*command, *self._options], stdout=log, stderr=subprocess.STDOUT
        )
        log.close()

    async def client(self) -> Client:
        """A client, as soon as the server answers."""
        return await connect(self.target)

    def kill(self) -> None:
        """As a power cut would, but for the disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None
