"""Answers that cost much and may be a minute old."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MAX_AGE = timedelta(minutes=1)
MAX_ANSWERS = 64
"""So many answers are kept at once."""


@dataclass
class MinuteCache(Generic[K, V]):
    """Works out one answer at a time, since each reads much, and keeps the newest for a minute."""

    _answers: dict[K, tuple[datetime, V]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, key: K, now: datetime, work_out: Callable[[], Awaitable[V]]) -> V:
        """Return the answer to a question, up to a minute old."""
        async with self._lock:
            known = self._answers.pop(key, None)
            at, answer = known if known and now - known[0] <= MAX_AGE else (now, await work_out())
            self._answers[key] = (at, answer)
            while len(self._answers) > MAX_ANSWERS:
                del self._answers[next(iter(self._answers))]
        return answer

    def clear(self) -> None:
        """Keep no answer any longer."""
        self._answers.clear()
