"""kill -9 of parts of a lab, spread over the cases that run in it."""

import asyncio
import random
from collections.abc import Callable, Sized
from itertools import cycle, pairwise

from tests.support.process_group import Lab
from tests.support.waiting import until

SEED = 20261122
LONGEST = 180


async def kill_along(
    lab: Lab,
    ended: Sized,
    cases: int,
    *,
    worker: int,
    server: int,
    best: Callable[[], bool] | None = None,
) -> list[str]:
    """Kill worker and server so often, in a drawn order, as the cases end one after the other.

    Each time, some cases are still on their way.

    Args:
        lab: whose parts they are.
        ended: the cases that are over.
        cases: how many there will be.
        worker: how often the worker.
        server: how often the server.
        best: if given, every other time the worker is killed when this holds, if it comes to that.

    Returns:
        Which was killed, in order.
    """
    draw = random.Random(SEED)
    order = ["worker"] * worker + ["server"] * server
    draw.shuffle(order)
    bounds = [n * cases // (len(order) + 1) for n in range(1, len(order) + 2)]
    choosy = cycle([best is not None, False])
    for which, (enough, too_many) in zip(order, pairwise(bounds), strict=True):
        waits = which == "worker" and next(choosy)

        async def now(enough: int = enough, too_many: int = too_many, waits: bool = waits) -> bool:
            if best and waits:
                return best() or len(ended) >= too_many - 1
            return len(ended) >= enough

        await until(now, LONGEST)
        if not waits:
            await asyncio.sleep(draw.uniform(0, 0.5))  # not just where a case ends
        assert len(ended) < cases, "the cases ended before the last kill: make them more"
        part = lab.worker if which == "worker" else lab.temporal
        part.kill()
        part.start()
    return order
