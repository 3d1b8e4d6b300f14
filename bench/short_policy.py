"""The manual's policy with shorter hours, a working week in half a minute, and two paces of work.

No time is skipped or simulated: a real server's timers run out in real time between the steps. Only
the budgets are shorter; the order of all due moments is that of the manual's policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cases.common.policy import publish
from policies.documents import DEFAULT, policies
from tests.support.cases import WHOLE_COMPLAINT

HOUR = 0.5
"""Seconds that stand for an hour."""

MINUTE = 4 / 15
"""Seconds that stand for a minute of the first quarter of an hour; a step takes some of them."""


def _shorter(clock: str, budget: timedelta | None) -> timedelta | None:
    if budget is None:
        return None
    return timedelta(seconds=MINUTE * 15 if clock == "response" else HOUR * (budget / ONE_HOUR))


ONE_HOUR = timedelta(hours=1)
MANUAL = policies()[DEFAULT]
SHORT = replace(
    MANUAL,
    version="bench-1",
    budgets={
        clock: replace(
            table, rows=tuple(replace(row, then=_shorter(clock, row.then)) for row in table.rows)
        )
        for clock, table in MANUAL.budgets.items()
    },
)


@dataclass(frozen=True)
class Pace:
    """When each of the seven requests is made, in seconds; the last counts from the notice."""

    name: str
    category: str
    at: tuple[float, ...]
    warnings: int

    def requests(self) -> list[tuple[tuple[str, Mapping[str, Any]], ...]]:
        """Return the seven requests, classified under this pace's category."""
        return [
            tuple(
                (step, {**form, "category": self.category} if step == "classify" else form)
                for step, form in commands
            )
            for commands in WHOLE_COMPLAINT
        ]


BRISK = Pace(
    "no warning",
    "service_attitude",
    (3 * MINUTE, 5 * MINUTE, 4 * HOUR, 8 * HOUR, 16 * HOUR, 20 * HOUR, 10 * HOUR),
    warnings=0,
)
SLOW = Pace(
    "eight warnings",
    "product_quality",
    (13 * MINUTE, 14 * MINUTE, 20 * HOUR, 40 * HOUR, 44 * HOUR, 46 * HOUR, 58 * HOUR),
    warnings=8,
)
"""A quality problem, which alone has so many clocks. Each is used to three quarters and none is
breached; those for the solution and the resolution count from the same moment and warn together."""


def publish_short_hours() -> str:
    """Make the short policy known to this process, and return its version."""
    publish([SHORT])
    return SHORT.version
