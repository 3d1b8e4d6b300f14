"""`python -m bench.streams_writer URL SECONDS NUMBER …`: comment on cases, print each commit."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence

from store import Store
from store.comments import Visibility
from tests.support.agents import TENANT
from tests.support.cases import SHOP

EVENTS_A_SECOND = 20


async def write(url: str, seconds: int, numbers: Sequence[str]) -> dict[str, list[float]]:
    """Add so many comments a second, and return when those of each case were committed."""
    store = await Store.open(url)
    committed: dict[str, list[float]] = {number: [] for number in numbers}
    began = time.monotonic()
    for place in range(seconds * EVENTS_A_SECOND):
        number = numbers[place % len(numbers)]
        await asyncio.sleep(max(began + place / EVENTS_A_SECOND - time.monotonic(), 0))
        await store.comments.add(TENANT, number, SHOP, Visibility.PUBLIC, "请问处理到哪一步了？")
        committed[number].append(time.time())
    await store.close()
    return committed


def read_commits(out: bytes) -> Mapping[str, list[float]]:
    """Return what this module prints."""
    commits: dict[str, list[float]] = json.loads(out)
    return commits


if __name__ == "__main__":
    url, seconds, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(write(url, int(seconds), numbers))))
