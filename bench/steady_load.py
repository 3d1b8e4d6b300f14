"""A steady load: people take one step after the other, and each step is timed."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.support.agents import Agents
from tests.support.cases import WHOLE_COMPLAINT

RECORDED_LATER = 202
RETRYABLE = {429, 500, 502, 503, 504}


@dataclass(frozen=True)
class TimedStep:
    """One request with steps: when it was sent, how long it took, the status of the answer."""

    at: datetime
    seconds: float
    status: int


@dataclass
class SteadyLoad:
    """Takes steps until it is stopped; a request that may be retried is, and its time counts."""

    people: Agents
    taken: list[TimedStep] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    stopped: bool = False

    async def work(self, worker: int) -> None:
        """Take case after case up to the outcome's notice."""
        index = 500_000 + 100_000 * worker
        while not self.stopped:
            index += 1
            number = await self.people.start(index)
            self.numbers.append(number)
            for at, commands in enumerate(WHOLE_COMPLAINT[:-1]):
                steps = [{"step": step, "form": dict(form)} for step, form in commands]
                await self._take(number, {"steps": steps}, f"{number}-{at}")

    def stop(self) -> None:
        """Finish the cases under way, then stop."""
        self.stopped = True

    def seconds(self, since: datetime, until: datetime) -> list[float]:
        """Return how long each step took that was sent in this time."""
        return [step.seconds for step in self.taken if since <= step.at < until]

    def recorded_later(self, since: datetime, until: datetime) -> int:
        """Return how many of them were answered before they were recorded."""
        return sum(step.status == RECORDED_LATER for step in self.taken if since <= step.at < until)

    async def _take(self, number: str, body: dict[str, object], key: str) -> None:
        at, began = datetime.now(UTC), time.perf_counter()
        http = self.people.http("liu.yang")
        while True:
            answer = await http.post(
                f"/v1/cases/{number}/steps", json=body, headers={"Idempotency-Key": key}, timeout=60
            )
            if answer.status_code not in RETRYABLE:
                break
        answer.raise_for_status()
        self.taken.append(TimedStep(at, time.perf_counter() - began, answer.status_code))
