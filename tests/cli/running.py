"""A system started by `banjie up`, as its own process, and commands spoken to it."""

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
from pathlib import Path
from typing import Any

import httpx
import psutil

BANJIE = str(Path(sys.executable).parent / "banjie")
PATIENCE = 90.0
OURS = {"BANJIE_LANG": "en", "NO_COLOR": "1", "BANJIE_PATIENCE": "20"}
"""With patience, a loaded machine too answers 201 and 200, not 202."""

Outcome = subprocess.CompletedProcess[str]


def environment(data_dir: Path) -> dict[str, str]:
    """Ours, without what a developer may have set for a system of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANJIE_")}
    return {**kept, **OURS, "BANJIE_DATA_DIR": str(data_dir)}


def run(data_dir: Path, *words: str, **more: str) -> Outcome:
    """Type a command; `more` is put into its environment."""
    return subprocess.run(
        [BANJIE, *words],
        env={**environment(data_dir), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Look again and again until it holds; returns what was found."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {patience:g} s: {what}")


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def listens(port: int) -> bool:
    """Whether somebody does there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
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
    def said(self) -> str:
        """What it told people since it was first started."""
        return (self.data_dir.parent / "said").read_text(encoding="utf-8")

    def start(self, *more: str) -> None:
        """Start it, wait until it is ready; keep how long that took, and how busy all was."""
        began = time.monotonic()
        self.launch(*more)
        until(self.is_ready, "ready")
        self.ready_after = time.monotonic() - began
        self.load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

    def launch(self, *more: str) -> None:
        """Start it."""
        with (self.data_dir.parent / "said").open("a", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [BANJIE, "up", *self.options, *more],
                env=environment(self.data_dir),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                text=True,
            )

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended\n{self.said}"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def wait_for_samples(self) -> None:
        until(lambda: self.client["sampled"], "the sample cases")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it, as Ctrl-C does; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def children(self) -> list[int]:
        """The processes it keeps; a command that it just runs to its end is none of them."""
        assert self.process is not None
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [child.pid for child in found if not _is_command(child)]

    @property
    def client(self) -> Any:
        return json.loads((self.data_dir / "client.json").read_text(encoding="utf-8"))

    def run(self, *words: str, **more: str) -> Outcome:
        return run(self.data_dir, *words, **more)

    def ask(self, *words: str, code: int = 0) -> Any:
        """What a command says to programs: one JSON document, whatever the exit code."""
        done = self.run(*words, "--json")
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)
