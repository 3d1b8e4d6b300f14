"""Keeps the processes: starts them, starts them again when they die, stops them in order."""

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

from cli.core.data_folder import DataFolder

PR_SET_PDEATHSIG = 1
PATIENCE = 3.0


@dataclass(frozen=True)
class Spec:
    """A process that we keep: its name, its command line, what its environment has in addition.

    `grace` is how long it may take to stop, in seconds.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    grace: float = 5.0


@dataclass(frozen=True)
class Started:
    """A process that was started: its id, and its birth, since ids are used again."""

    name: str
    pid: int
    born: str


def die_with_us() -> Callable[[], None] | None:
    """What a child does first so that the kernel kills it when we die, even by kill -9.

    Linux only; elsewhere the next `banjie up` finds what was left behind.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    us = os.getpid()

    def promise() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != us:  # we died in between
            os._exit(1)

    return promise


def born(pid: int) -> str | None:
    """When a living process was started, exactly enough to know it again; None if it is dead."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in parentheses may hold anything; what follows it is regular.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def remember(file: Path, children: list[Started]) -> None:
    """Write down who belongs to us."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps([vars(child) for child in children], indent=2), encoding="utf-8")
    new.replace(file)


def end_orphans(file: Path) -> list[str]:
    """End what an earlier run left behind and is provably ours; returns the names."""
    try:
        left = [Started(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    strays = [child for child in left if born(child.pid) == child.born]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in strays:
            if born(child.pid) == child.born:
                os.kill(child.pid, number)
        _wait_gone(strays)
    file.unlink(missing_ok=True)
    return [child.name for child in strays]


def _wait_gone(children: list[Started]) -> None:
    give_up = time.monotonic() + PATIENCE
    while any(born(c.pid) == c.born for c in children) and time.monotonic() < give_up:
        time.sleep(0.05)


def _boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
SETTLED = 30.0
"""A process that lived this long was well; its next death starts with a short pause again."""

Report = Callable[[str], None]


class Supervisor:
    """Keeps processes in the order in which they were given, and stops them in reverse."""

    def __init__(self, folder: DataFolder, report: Report) -> None:
        self._folder, self._report = folder, report
        self._kept: list[_Kept] = []
        self._die_with_us = die_with_us()

    async def keep(self, spec: Spec) -> None:
        """Start a process and see to it from now on."""
        kept = _Kept(spec)
        self._kept.append(kept)
        await self._start(kept)
        kept.watch = asyncio.create_task(self._watch(kept), name=spec.name)

    async def run(self, spec: Spec) -> int:
        """Run a process once, to its end; returns its exit code."""
        process = await self._spawn(spec)
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def stop(self) -> None:
        """Stop everything, the last one first; whoever does not stop in time is killed."""
        for kept in reversed(self._kept):
            await kept.stop()
        self._folder.pids.unlink(missing_ok=True)

    def kill(self) -> None:
        """No more waiting: whoever still runs is killed."""
        for kept in self._kept:
            kept.kill()

    async def _watch(self, kept: "_Kept") -> None:
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        while True:
            since = loop.time()
            code = await kept.process.wait()
            if loop.time() - since > SETTLED:
                pause = FIRST_PAUSE
            self._report(
                f"{kept.spec.name} {_died(code)}; it starts again in {pause:g} s. "
                f"What it said is in {kept.spec.log}."
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            with contextlib.suppress(OSError):  # no memory, say: the next round tries again
                await self._start(kept)

    async def _start(self, kept: "_Kept") -> None:
        kept.process = await self._spawn(kept.spec)
        self._remember()

    async def _spawn(self, spec: Spec) -> asyncio.subprocess.Process:
        with spec.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *spec.argv,
                env={**os.environ, **spec.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C goes to us alone: we stop them in order.
                start_new_session=True,
                preexec_fn=self._die_with_us,
            )

    def _remember(self) -> None:
        alive = ((k.spec.name, k.process.pid) for k in self._kept if k.process.returncode is None)
        started = [Started(name, pid, born(pid) or "") for name, pid in alive]
        remember(self._folder.pids, started)


class _Kept:
    """A process that is kept, whichever run of it is the present one."""

    process: asyncio.subprocess.Process

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.watch: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        if self.watch:
            self.watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.watch
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), self.spec.grace)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)


def _died(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
