"""Reads of many at once: one query, each their own answer, one failure for all."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from app.gathered import Gathered


class Reads:
    """Reads that are counted; those of the broken key fail."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []

    async def read(self, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append({*keys})
        if "broken" in keys:
            raise OSError("down")
        return {key: len(key) for key in keys if key != "nobody"}


async def test_what_is_asked_for_together_is_read_together() -> None:
    reads = Reads()
    gathered = Gathered(reads.read)
    answers = await asyncio.gather(*map(gathered.get, ["a", "bb", "a", "nobody"]))
    assert answers == [1, 2, 1, None]
    assert reads.asked == [{"a", "bb", "nobody"}]
    assert await gathered.get("a") == 1
    assert len(reads.asked) == 2


async def test_all_who_wait_are_told_of_a_failure_and_the_next_read_is_a_new_one() -> None:
    reads = Reads()
    gathered = Gathered(reads.read)
    answers = await asyncio.gather(*map(gathered.get, ["a", "broken"]), return_exceptions=True)
    assert [type(each) for each in answers] == [OSError, OSError]
    assert await gathered.get("a") == 1


async def test_who_waits_no_longer_ends_no_other_wait() -> None:
    gathered = Gathered(Reads().read)
    gone, stays = [asyncio.create_task(gathered.get("a")) for _ in range(2)]
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await stays == 1
