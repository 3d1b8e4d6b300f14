"""Supervises processes: starts them, restarts them when they die, stops them in order."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.core.data_folder import DataFolder, rotate_log
from cli.core.i18n import translate

PR_SET_PDEATHSIG = 1
END_PATIENCE = 3.0
"""Seconds that an orphan gets to end."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
SETTLED = 30.0
"""Seconds after which a process was well, so that its next restart comes at once."""
LOOK_AT_LOGS = 10.0
"""Seconds between two looks at how long the logs are."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class ProcessSpec:
    """A process to supervise: its name, its command line, and additions to its environment.

    `grace` is how long it may take to stop, in seconds.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    grace: float = 5.0


@dataclass(frozen=True)
class StartedProcess:
    """A process that was started: its id and, since ids are used again, when it was born.

    The fields are those of `pids.json`.
    """

    name: str
    pid: int
    born: str


class Supervisor:
    """Supervises processes in the order in which they were started, and stops them in reverse."""

    def __init__(self, folder: DataFolder, report: Report) -> None:
        self._folder, self._report = folder, report
        self._processes: list[_Supervised] = []
        self._preexec = _die_with_parent()
        self._log_rotation = asyncio.create_task(self._rotate_logs())

    async def supervise(self, spec: ProcessSpec) -> None:
        """Start a process, and restart it from now on when it dies."""
        process = _Supervised(spec)
        self._processes.append(process)
        await self._start(process)
        process.watch = asyncio.create_task(self._watch(process), name=spec.name)

    async def run(self, spec: ProcessSpec) -> int:
        """Run a process once, to its end, and return its exit code."""
        process = await self._spawn(spec)
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def stop(self) -> None:
        """Stop all processes, the last one first, and kill those that do not stop in time."""
        self._log_rotation.cancel()
        for process in reversed(self._processes):
            await process.stop()
        self._folder.pids.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill all processes that still run."""
        for process in self._processes:
            process.kill()

    async def _watch(self, process: "_Supervised") -> None:
        pause, loop = 0.0, asyncio.get_running_loop()
        while True:
            since = loop.time()
            code = await process.current.wait()
            if loop.time() - since > SETTLED:
                pause = 0.0
            self._report(
                translate(
                    "%(name)s %(how)s; it starts again in %(pause)s s. Its output is in %(log)s.",
                    name=process.spec.name,
                    how=_describe_exit(code),
                    pause=f"{pause:g}",
                    log=process.spec.log,
                )
            )
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
            with contextlib.suppress(OSError):  # no memory, say: the next round tries again
                await self._start(process)

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_LOGS)
            for process in self._processes:
                with contextlib.suppress(OSError):  # a full disk, say: the next look tries again
                    rotate_log(process.spec.log)

    async def _start(self, process: "_Supervised") -> None:
        process.current = await self._spawn(process.spec)
        self._write_pids()

    async def _spawn(self, spec: ProcessSpec) -> asyncio.subprocess.Process:
        rotate_log(spec.log)
        with spec.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *spec.argv,
                env={**os.environ, **spec.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C goes to us alone: we stop them in order.
                start_new_session=True,
                preexec_fn=self._preexec,
            )

    def _write_pids(self) -> None:
        alive = (
            (k.spec.name, k.current.pid) for k in self._processes if k.current.returncode is None
        )
        started = [StartedProcess(name, pid, start_time(pid) or "") for name, pid in alive]
        write_pids(self._folder.pids, started)


def end_orphans(file: Path) -> list[str]:
    """End the processes that an earlier run left behind and that are provably ours.

    Returns:
        their names.
    """
    try:
        recorded = [StartedProcess(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    orphans = [child for child in recorded if start_time(child.pid) == child.born]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in orphans:
            if start_time(child.pid) == child.born:
                os.kill(child.pid, number)
        _wait_until_gone(orphans)
    file.unlink(missing_ok=True)
    return [child.name for child in orphans]


def write_pids(file: Path, children: list[StartedProcess]) -> None:
    """Write down which processes belong to the system."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps([vars(child) for child in children], indent=2), encoding="utf-8")
    new.replace(file)


def start_time(pid: int) -> str | None:
    """Return when a living process was started, to recognise it by; None if it is dead."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in parentheses may hold anything; what follows it is regular.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{_boot_id()}:{fields[19]}"
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or None


class _Supervised:
    """A supervised process, whichever run of it is the present one."""

    current: asyncio.subprocess.Process

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.watch: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        if self.watch:
            self.watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.watch
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.current.wait(), self.spec.grace)
        except TimeoutError:
            self.kill()
            await self.current.wait()

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.current.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.current.send_signal(number)


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child does first so that the kernel kills it when we die, even by kill -9.

    Linux only; elsewhere the next `banjie up` finds what was left behind.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def request_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return request_death_signal


def _wait_until_gone(children: list[StartedProcess]) -> None:
    give_up = time.monotonic() + END_PATIENCE
    while any(start_time(c.pid) == c.born for c in children) and time.monotonic() < give_up:
        time.sleep(0.05)


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _describe_exit(code: int) -> str:
    if code >= 0:
        return translate("ended with exit code %(code)s", code=code)
    try:
        return translate("was ended by %(name)s", name=signal.Signals(-code).name)
    except ValueError:
        return translate("was ended by signal %(value)s", value=-code)
