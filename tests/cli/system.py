"""A system started by `banjie up` as a process of its own, and commands run against it."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.support.command_runner import CommandLine, CommandRunner, preloaded_runner

BANJIE = str(Path(sys.executable).parent / "banjie")
PATIENCE = 90.0
SETTINGS = {"BANJIE_LANG": "en", "NO_COLOR": "1", "BANJIE_PATIENCE": "20"}
"""With this patience a loaded machine, too, answers 201 and 200, not 202."""

Outcome = subprocess.CompletedProcess[str]


@cache
def shared_runner() -> CommandRunner:
    """Return the runner of all commands of this process; it ends with the process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(preloaded_runner())


def environment(data_dir: Path) -> dict[str, str]:
    """Return the environment, without what a developer may have set for a system of their own."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("BANJIE_")
    }
    return {**inherited, **SETTINGS, "BANJIE_DATA_DIR": str(data_dir)}


def run(data_dir: Path, *words: str, **more: str) -> Outcome:
    """Run a command; `more` is put into its environment."""
    env = {**environment(data_dir), **more}
    ended = shared_runner().run(CommandLine(words, env, str(Path.cwd()), seconds=int(2 * PATIENCE)))
    return Outcome(words, ended.code, ended.stdout, ended.stderr)


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Look again and again until it holds; return what it gave."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        if result := holds():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:g} s: {what}")


def free_ports(count: int) -> list[int]:
    """Return ports on which nobody listens now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def listens(port: int) -> bool:
    """Return whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_command(process: psutil.Process) -> bool:
    try:
        return "cli.main" in process.cmdline()
    except psutil.NoSuchProcess:
        return True


@dataclass
class System:
    """One system: its folder, its ports, and the process that keeps it while it runs."""

    data_dir: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    process: subprocess.Popen[str] | None = None
    ready_after: float = 0.0
    load: float = 1.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def options(self) -> list[str]:
        port, temporal, ui = map(str, self.ports)
        return ["--port", port, "--temporal-port", temporal, "--ui-port", ui]

    @property
    def output(self) -> str:
        """What it printed since it was first started."""
        return (self.data_dir.parent / "output").read_text(encoding="utf-8")

    def start(self, *more: str) -> None:
        """Start it and wait until it is ready; record how long that took, and the load."""
        began = time.monotonic()
        self.launch(*more)
        until(self.is_ready, "ready")
        self.ready_after = time.monotonic() - began
        self.load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

    def launch(self, *more: str) -> None:
        """Start it."""
        with (self.data_dir.parent / "output").open("a", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                [BANJIE, "up", *self.options, *more],
                env=environment(self.data_dir),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
            )

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended\n{self.output}"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def wait_for_samples(self) -> None:
        until(lambda: self.client["sampled"], "the sample cases")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it, as Ctrl-C does, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def stop_cleanly(self, number: signal.Signals) -> None:
        """Stop it, and assert that nothing of it is left but its data."""
        assert self.process is not None
        assert self.process.poll() is None, f"it ended before\n{self.output}"
        children = self.children(recursive=True)
        until(lambda: len(self.children()) == 3, "three processes", 20)
        assert self.stop(number) == 0
        assert not [pid for pid in children if alive(pid)]
        assert not [port for port in self.ports if listens(port)]
        assert "The data stay" in self.output

    def children(self, *, recursive: bool = False) -> list[int]:
        """Return the processes that it supervises, without commands that it runs to their end.

        Recursive: and those that they have begun, as the API does to set records.
        """
        assert self.process is not None
        processes = psutil.Process(self.process.pid).children(recursive=recursive)
        return [child.pid for child in processes if not _is_command(child)]

    @property
    def client(self) -> Any:
        return json.loads((self.data_dir / "client.json").read_text(encoding="utf-8"))

    def run(self, *words: str, **more: str) -> Outcome:
        return run(self.data_dir, *words, **more)

    def ask(self, *words: str, code: int = 0) -> Any:
        """Run a command and return its JSON document; `code` is the exit code that it must have."""
        outcome = self.run(*words, "--json")
        assert outcome.returncode == code, (words, outcome)
        return json.loads(outcome.stdout)


def states(system: System) -> dict[str, str]:
    """Return the states of the cases that the shop's app started, by number."""
    page = system.ask("case", "list", "--where", "source=shop-app", "--all")
    return {case["number"]: case["state"] for case in page["items"]}
