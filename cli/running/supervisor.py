"""Keeps the processes: starts them, starts them again when they die, stops them in order."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable

from cli.running.folder import Folder
from cli.running.processes import Spec, Started, born, die_with_us, remember

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
SETTLED = 30.0
"""A process that lived this long was well; its next death starts with a short pause again."""

Say = Callable[[str], None]


class Supervisor:
    """Keeps processes in the order in which they were given, and stops them in reverse."""

    def __init__(self, folder: Folder, say: Say) -> None:
        self._folder, self._say = folder, say
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
            self._say(
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
