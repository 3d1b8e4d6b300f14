"""Jobs: work that somebody at a page waits for, one of each name at a time, with its progress."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, Final

from ops.child import Progress
from ops.failures import sentence_of
from runtime.message import Message
from store.db.clock import utc_now

Work = Callable[[Progress], Awaitable[Any]]
KEPT: Final = 100
"""So many jobs are kept, the newest of each name."""

log = logging.getLogger("banjie.ops")


class JobState(StrEnum):
    """Where a job is."""

    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()


@dataclass
class Job:
    """One job: how far it is, and at its end its result, or why there is none.

    `what` is what it is at, `done` of `total`, which is None while nobody knows how much there is.
    """

    name: str
    began_at: datetime
    state: JobState = JobState.WAITING
    what: str = ""
    done: int = 0
    total: int | None = None
    ended_at: datetime | None = None
    result: Any = None
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.ended_at is not None

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Note how far it is."""
        self.what, self.done, self.total = what, done, total


@dataclass
class Jobs:
    """The jobs of this process; another process has its own.

    Of those that take a processor one is done at a time: people are served first.
    """

    _newest: dict[str, Job] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _processor: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self, name: str, work: Work, *, heavy: bool = False) -> Job:
        """Begin a job; if one of this name waits or runs, that is the one.

        `heavy` work waits for the processor.
        """
        job = self._newest.get(name)
        if job is not None and not job.is_over:
            return job
        self._newest.pop(name, None)
        self._newest[name] = job = Job(name, utc_now())
        self._forget_oldest()
        turn = self._processor if heavy else nullcontext()
        task = asyncio.create_task(_run(job, work, turn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def newest(self, name: str) -> Job | None:
        """Return the newest job of a name."""
        return self._newest.get(name)

    async def close(self) -> None:
        """End all jobs."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget_oldest(self) -> None:
        over = [name for name, job in self._newest.items() if job.is_over]
        for name in over[: max(len(self._newest) - KEPT, 0)]:
            del self._newest[name]


async def _run(job: Job, work: Work, turn: AbstractAsyncContextManager[None]) -> None:
    try:
        async with turn:
            job.state = JobState.RUNNING
            job.result = await work(job.progress)
        job.state = JobState.DONE
    except Exception as error:  # noqa: BLE001 — whoever waits is told
        job.state, job.failure = JobState.FAILED, sentence_of(error) or _unexpected(error)
    finally:
        job.ended_at = utc_now()


def _unexpected(error: Exception) -> str:
    log.error("a job failed", exc_info=error)
    return Message("It failed (%(error)s); the log says where.", error=type(error).__name__)
