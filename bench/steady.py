"""People who go on working, step after step, and how long each step took."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.support.agents import Agents
from tests.support.cases import WHOLE_COMPLAINT

LATER = 202
AGAIN = {429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Step:
    """One request with steps: when it was sent, how long until it was done, what was answered."""

    at: datetime
    seconds: float
    status: int


@dataclass
class Steady:
    """Works until told to stop; what is refused for now is sent again, and its time counts."""

    people: Agents
    taken: list[Step] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    stopped: bool = False

    async def work(self, hand: int) -> None:
        """Case after case up to the telling."""
        index = 500_000 + 100_000 * hand
        while not self.stopped:
            index += 1
            number = await self.people.start(index)
            self.numbers.append(number)
            for at, commands in enumerate(WHOLE_COMPLAINT[:-1]):
                steps = [{"step": step, "form": dict(form)} for step, form in commands]
                await self._take(number, {"steps": steps}, f"{number}-{at}")

    def stop(self) -> None:
        """Finish the case at hand, then no more."""
        self.stopped = True

    def seconds(self, since: datetime, until: datetime) -> list[float]:
        """How long the steps took that were sent between these."""
        return [step.seconds for step in self.taken if since <= step.at < until]

    def later(self, since: datetime, until: datetime) -> int:
        """How many of them were answered before they were recorded."""
        return sum(step.status == LATER for step in self.taken if since <= step.at < until)

    async def _take(self, number: str, body: dict[str, object], key: str) -> None:
        at, began = datetime.now(UTC), time.perf_counter()
        http = self.people.http("liu.yang")
        while True:
            answer = await http.post(
                f"/v1/cases/{number}/steps", json=body, headers={"Idempotency-Key": key}, timeout=60
            )
            if answer.status_code not in AGAIN:
                break
        answer.raise_for_status()
        self.taken.append(Step(at, time.perf_counter() - began, answer.status_code))
