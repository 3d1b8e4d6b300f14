"""Runs work that would hold up the event loop in a process of its own, and hears of its progress.

A fork is no choice where threads run, as in the API: the process is started anew.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any, BinaryIO, Final, TypeVar

from runtime.message import Message
from temporal.process_exit import leave

T = TypeVar("T")

Progress = Callable[[str, int, int | None], None]
"""Called with what is done, how much of it, and the total if it is known."""

NICENESS: Final = 10
"""How far the process gives way to the API and the worker."""
LENGTH: Final = 8
"""Bytes that say how long a frame is."""
MODULE: Final = "ops.child"
PROGRESS, RETURNED, RAISED = "progress", "returned", "raised"
"""What a frame is about."""


class ChildDied(RuntimeError):
    """The process ended without a result."""


async def run_in_child(work: Callable[..., T], *arguments: Any, progress: Progress) -> T:
    """Return what `work(*arguments, progress)` returns in a process of its own.

    Work, arguments and result are pickled. Whoever cancels this ends the process.

    Raises:
        ChildDied: it ended without a result.
        Exception: whatever the work raises.
    """
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", MODULE, stdin=pipe, stdout=pipe
    )
    try:
        if child.stdin and child.stdout:
            child.stdin.write(_frame((work, arguments)))
            async for sort, content in _frames(child.stdout):
                if sort == PROGRESS:
                    progress(*content)
                elif sort == RAISED:
                    raise content
                else:
                    result: T = content
                    return result
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    raise ChildDied(Message("The process that did it ended, perhaps for its memory."))


async def _frames(stream: asyncio.StreamReader) -> AsyncIterator[tuple[str, Any]]:
    """Yield what the child writes: its progress, and at last what became of its work."""
    try:
        while True:
            size = int.from_bytes(await stream.readexactly(LENGTH), "big")
            yield pickle.loads(await stream.readexactly(size))  # noqa: S301 — our own child's
    except asyncio.IncompleteReadError:
        return


def _frame(content: Any) -> bytes:
    body = pickle.dumps(content)
    return len(body).to_bytes(LENGTH, "big") + body


def _serve(read: BinaryIO, write: BinaryIO) -> None:
    """Do the work that is asked for, and write what becomes of it."""
    size = int.from_bytes(read.read(LENGTH), "big")
    work, arguments = pickle.loads(read.read(size))  # noqa: S301 — from whoever began this process

    def send(sort: str, content: Any) -> None:
        write.write(_frame((sort, content)))
        write.flush()

    def progress(what: str, done: int, total: int | None) -> None:
        send(PROGRESS, (what, done, total))

    try:
        result = work(*arguments, progress)
    except Exception as error:  # noqa: BLE001 — it is raised over there
        send(RAISED, error)
    else:
        send(RETURNED, result)


def main() -> None:
    """Serve the process that began this one."""
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    # What anybody prints must not come between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
    leave(0)
