"""kill -9 of a system's processes, spread over the cases that run in it."""

import asyncio
import random
from collections.abc import Callable, Sized
from itertools import cycle, pairwise

from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

SEED = 20261122
TIMEOUT = 180


async def kill_during(
    processes: ProcessGroup,
    ended: Sized,
    cases: int,
    *,
    worker: int,
    server: int,
    good_moment: Callable[[], bool] | None = None,
) -> list[str]:
    """Kill worker and server so often, in a random order, as the cases end one after the other.

    Some cases are still under way at each kill.

    Args:
        processes: the system.
        ended: the cases that have ended.
        cases: how many there will be.
        worker: how often the worker is killed.
        server: how often the server is killed.
        good_moment: if given, every second kill of the worker waits until this holds, if it does.

    Returns:
        Which process was killed, in order.
    """
    draw = random.Random(SEED)
    order = ["worker"] * worker + ["server"] * server
    draw.shuffle(order)
    bounds = [n * cases // (len(order) + 1) for n in range(1, len(order) + 2)]
    picky = cycle([good_moment is not None, False])
    for which, (enough, too_many) in zip(order, pairwise(bounds), strict=True):
        waits = which == "worker" and next(picky)

        async def now(enough: int = enough, too_many: int = too_many, waits: bool = waits) -> bool:
            if good_moment and waits:
                return good_moment() or len(ended) >= too_many - 1
            return len(ended) >= enough

        await until(now, TIMEOUT)
        if not waits:
            await asyncio.sleep(draw.uniform(0, 0.5))  # not just where a case ends
        assert len(ended) < cases, "the cases ended before the last kill: make them more"
        process = processes.worker if which == "worker" else processes.temporal
        process.kill()
        process.start()
    return order
