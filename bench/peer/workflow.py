"""The bare workflow: seven updates, a recording after each, one telling, one timer. No table."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

Rows = dict[str, list[dict[str, Any]]]
STEPS: list[dict[str, Any]] = []
"""What each step writes and until when the timer then runs; the worker's main fills it."""

NUMBER, NOW = "@number", "@now"
SECONDS = timedelta(seconds=1)
RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=5 * SECONDS)


@workflow.defn
class Peer:
    """One case of the one process that it knows: a step is a place in a list."""

    @workflow.init
    def __init__(self, opening: dict[str, Any]) -> None:
        self.number = str(opening["number"])
        self.opened_at = workflow.now()
        self.taken, self.recorded = 1, 0

    @workflow.run
    async def run(self, _opening: dict[str, Any]) -> None:
        """Record each step, tell the customer when it is time to, until the last timer is over."""
        timer = asyncio.create_task(self._keep_time())
        while self.recorded < len(STEPS):
            await workflow.wait_condition(lambda: self.recorded < self.taken)
            if STEPS[self.recorded]["tells"]:
                await asyncio.gather(self._record(), self._tell())
                self.taken += 1
            else:
                await self._record()
            self.recorded += 1
        await timer

    @workflow.update
    async def take(self, _body: dict[str, Any]) -> dict[str, Any]:
        """Take the next step; answers when it is recorded."""
        self.taken += 1
        mine = self.taken
        await workflow.wait_condition(lambda: self.recorded >= mine)
        return {"number": self.number, "step": mine}

    @take.validator
    def _may_take(self, body: dict[str, Any]) -> None:
        if self.taken == len(STEPS) or STEPS[self.taken]["step"] != body["steps"][0]["step"]:
            raise ApplicationError("not now", non_retryable=True)

    async def _record(self) -> None:
        await self._call("record", self._filled(STEPS[self.recorded]["rows"]))

    async def _tell(self) -> None:
        await self._call("tell", self._filled(STEPS[self.recorded]["tells"]))

    async def _call(self, activity: str, rows: Rows) -> None:
        await workflow.execute_activity(
            activity, rows, start_to_close_timeout=10 * SECONDS, retry_policy=RETRIES
        )

    async def _keep_time(self) -> None:
        """One timer, set anew when the moment moves."""
        while (due := STEPS[self.taken - 1]["due"]) is not None:
            left = self.opened_at + due * SECONDS - workflow.now()
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: STEPS[self.taken - 1]["due"] != due,
                    timeout=left,
                )
                continue
            return

    def _filled(self, rows: Rows) -> Rows:
        """The step's rows with this case's number and time."""
        known = {NUMBER: self.number, NOW: f"{workflow.now():%Y-%m-%d %H:%M:%S.%f}"}
        return {
            table: [
                {name: known.get(v, v) if isinstance(v, str) else v for name, v in row.items()}
                for row in each
            ]
            for table, each in rows.items()
        }
