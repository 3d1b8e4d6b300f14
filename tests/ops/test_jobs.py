"""Jobs of pages: one of each name at a time, told in sentences, and ended with their process."""

import asyncio
import os
from contextlib import suppress

import pytest

from ops.child import ChildDied, Progress, run_in_child
from ops.jobs import Jobs, JobState
from runtime.message import Message
from tests.ops.child_work import count, die, fail, wait
from tests.support.waiting import until


class Steps:
    """Keeps the progress that was reported."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int | None]] = []

    def __call__(self, what: str, done: int, total: int | None) -> None:
        self.seen.append((what, done, total))


async def test_a_child_reports_what_it_does_and_returns() -> None:
    steps = Steps()
    assert await run_in_child(count, 3, progress=steps) == [0, 1, 2]
    assert steps.seen == [("numbers", n, 3) for n in range(3)]


async def test_what_a_child_raises_is_raised_here_as_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"There is no case TS1\.") as caught:
        await run_in_child(fail, progress=Steps())
    assert isinstance(caught.value.args[0], Message), "it can be translated still"


async def test_a_child_that_dies_is_told_of() -> None:
    with pytest.raises(ChildDied):
        await run_in_child(die, progress=Steps())


async def test_a_child_ends_with_whoever_waits_for_it() -> None:
    steps = Steps()
    task = asyncio.create_task(run_in_child(wait, progress=steps))

    async def begun() -> bool:
        return bool(steps.seen)

    await until(begun)
    (_, pid, _) = steps.seen[0]
    os.kill(pid, 0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_job_is_begun_once_and_heavy_ones_are_done_one_after_the_other() -> None:
    jobs, gate = Jobs(), asyncio.Event()

    async def slow(progress: Progress) -> str:
        progress("cases", 1, 2)
        await gate.wait()
        return "done"

    async def quick(_: Progress) -> str:
        return "quick"

    first = jobs.start("verify default", slow, heavy=True)
    assert jobs.start("verify default", slow, heavy=True) is first
    second = jobs.start("prove default TS1", quick, heavy=True)
    light = jobs.start("doctor", quick)

    async def begun() -> bool:
        return first.state is JobState.RUNNING and light.is_over

    await until(begun)
    assert (first.what, first.done, first.total) == ("cases", 1, 2)
    assert second.state is JobState.WAITING
    gate.set()

    async def over() -> bool:
        return second.is_over

    await until(over)
    assert (first.state, first.result) == (JobState.DONE, "done")
    assert (second.state, second.result) == (JobState.DONE, "quick")
    assert jobs.start("doctor", quick) is not light, "one that is over is begun anew"
    assert jobs.newest("nothing") is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ValueError(Message("There is no case %(number)s.", number="TS1")),
            "There is no case TS1.",
        ),
        (KeyError("what a customer wrote"), "It failed (KeyError); the log says where."),
    ],
)
async def test_a_failure_is_told_without_what_nobody_meant_to_say(
    error: Exception, told: str
) -> None:
    jobs = Jobs()

    async def failing(_: Progress) -> None:
        raise error

    job = jobs.start("prove default TS1", failing)

    async def over() -> bool:
        return job.is_over

    await until(over)
    assert (job.state, job.failure, job.result) == (JobState.FAILED, told, None)


async def test_jobs_end_with_their_process() -> None:
    jobs = Jobs()

    async def forever(_: Progress) -> None:
        await asyncio.Event().wait()

    job = jobs.start("doctor", forever)
    await asyncio.sleep(0)
    await jobs.close()
    assert job.is_over
    assert job.result is None
