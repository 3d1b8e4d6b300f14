"""A whole system of real processes, each of which a test may kill and start again."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.support.temporal import DevServer, free_port


class ServiceProcess:
    """One process of ours: `python -m <module>`; `code` is a checkout other than this one.

    Arguments may follow the module's name, separated by blanks.
    """

    def __init__(
        self, module: str, env: Mapping[str, str], log: Path, code: Path | None = None
    ) -> None:
        self._command = [sys.executable, "-m", *module.split()]
        self._env, self._log, self._code = {**os.environ, **env}, log, code
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; its output is appended to the log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._code,
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """Send SIGKILL and wait."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """Send SIGTERM, wait, and return the exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        code = self._process.wait(timeout=30)
        self._process = None
        return code


class ProcessGroup:
    """Temporal on a file, a store, a worker and the API, all in `folder`.

    `worker` is the module that the worker runs as, `more` are further settings of it (`BANJIE_…`).
    """

    def __init__(
        self,
        folder: Path,
        *temporal_options: str,
        url: str | None = None,
        code: Path | None = None,
        worker: str = "worker",
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.temporal = DevServer(folder, *temporal_options)
        self.database_url = url or f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
        self.port = free_port()
        env = {
            "BANJIE_DATABASE_URL": self.database_url,
            "BANJIE_TEMPORAL_TARGET": self.temporal.target,
            "BANJIE_API_PORT": str(self.port),
            "BANJIE_SECRET": "a secret for tests only",
            "BANJIE_ARCHIVE_URL": (folder / "archive").as_uri(),
        }
        self.worker = ServiceProcess(worker, {**env, **(more or {})}, folder / "worker.log", code)
        self.api = ServiceProcess("api", env, folder / "api.log", code)

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start all processes and wait until the API is ready."""
        for process in (self.temporal, self.worker, self.api):
            process.start()
        await self.ready()

    async def ready(self) -> None:
        """Wait until the API says that it is ready.

        Raises:
            TimeoutError: not within a minute.
        """
        async with httpx.AsyncClient(base_url=self.url) as http, asyncio.timeout(60):
            while True:
                try:
                    if (await http.get("/readyz")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Kill all processes, whatever state they are in."""
        for process in (self.api, self.worker):
            process.kill()
        self.temporal.kill()
