"""`python -m bench.live_writer URL SECONDS`: record new cases, print when each was committed."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping

from policies.documents import hand_in
from store import Store
from tests.store import sample_cases
from tests.support.agents import TENANT

EVENTS_A_SECOND = 20


async def write(url: str, seconds: int) -> dict[str, float]:
    """Record so many cases a second, and return when each was committed."""
    hand_in()
    store = await Store.open(url)
    updates = [
        sample_cases.update_after(sample_cases.opened(TENANT))
        for _ in range(seconds * EVENTS_A_SECOND)
    ]
    committed, began = {}, time.monotonic()
    for place, update in enumerate(updates):
        await asyncio.sleep(max(began + place / EVENTS_A_SECOND - time.monotonic(), 0))
        await store.recorder.write(update)
        committed[update.case.number] = time.time()
    await store.close()
    return committed


def read_times(out: bytes) -> Mapping[str, float]:
    """Return what this module prints."""
    times: dict[str, float] = json.loads(out)
    return times


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(write(sys.argv[1], int(sys.argv[2])))))
