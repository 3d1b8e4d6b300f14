"""The dev server of tests is there when it is said to be, also when it ended while it started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.temporal import STARTS, DevServer, ServerFailed


class Stumbling(DevServer):
    """A dev server that ends at once so many times before it starts for real."""

    def __init__(self, folder: Path, times: int) -> None:
        super().__init__(folder)
        self.left = times

    def _spawn(self) -> None:
        if self.left:
            self.left -= 1
            self._process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(2)"])
        else:
            super()._spawn()


async def test_a_server_that_ended_while_it_started_is_started_again(tmp_path: Path) -> None:
    server = Stumbling(tmp_path, STARTS - 1)
    server.start()
    try:
        assert await (await server.client()).service_client.check_health()
    finally:
        server.kill()


async def test_a_server_that_ends_before_it_answers_is_started_again(tmp_path: Path) -> None:
    server = DevServer(tmp_path)
    server.start()
    try:
        os.kill(server.pid, signal.SIGKILL)
        assert await (await server.client()).service_client.check_health()
    finally:
        server.kill()


def test_one_that_ends_always_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="ended 3 times"):
        Stumbling(tmp_path, STARTS).start()
