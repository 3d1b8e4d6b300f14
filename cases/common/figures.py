"""The figures beside the tables that a policy may say, each with what it is where it does not.

A case is moved by those of the policy that it keeps, so its history is replayed by what it was made
by. Where the law sets a figure, it is the least that a policy may give.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cases.common.policy import Policy, policy_of, published_policies
from domain.engine.case import Case
from domain.language.waits import Figure, Wait

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class PolicyTime(Wait):
    """A length of time that a policy may say."""

    figure: Figure


@dataclass(frozen=True)
class PolicyCount:
    """A number that a policy may say; `usual` is it where it says nothing."""

    usual: int
    figure: Figure

    def of(self, case: Case) -> int:
        """Return the number of the policy of a case."""
        key = key_of(self.figure, case.opening.kind)
        return policy_of(case).counts.get(key, self.usual)


def time_figure(
    name: str,
    usual: timedelta,
    least: timedelta,
    most: timedelta,
    *,
    below: str | None = None,
    own: bool = True,
) -> PolicyTime:
    """Return a length of time that a policy may say; of one kind alone, unless it is not `own`."""
    figure = Figure(name, usual, least, most, below, own)

    def of(case: Case) -> timedelta:
        return policy_of(case).times.get(key_of(figure, case.opening.kind), usual)

    return PolicyTime(usual, of, figure)


def count_figure(name: str, usual: int, least: int, most: int, *, own: bool = True) -> PolicyCount:
    """Return a number that a policy may say; of one kind alone, unless it is not `own`."""
    return PolicyCount(usual, Figure(name, usual, least, most, own=own))


def key_of(figure: Figure, kind: str) -> str:
    """Return what a document calls a figure: one of a kind's own has the kind before its name."""
    return f"{kind}.{figure.name}" if figure.own else figure.name


def figures(*some: PolicyTime | PolicyCount) -> tuple[Figure, ...]:
    """Return the figures that these are, for a table to name."""
    return tuple(each.figure for each in some)


def time_under(policy: Policy, time: PolicyTime) -> timedelta:
    """Return what a time of all kinds is under a policy."""
    return policy.times.get(time.figure.name, time.usual)


def longest(time: PolicyTime) -> timedelta:
    """Return the longest that a time of all kinds is under any policy that is known here."""
    return max((time_under(each, time) for each in published_policies()), default=time.usual)


REOPEN_WINDOW: Final = time_figure("reopen_window", 7 * DAY, DAY, 60 * DAY, own=False)
"""How long a closed case may be reopened in place (ours)."""

FAILED_ATTEMPTS: Final = count_figure("failed_attempts", 3, 1, 10, own=False)
"""On how many days nobody is reached before a case closes as unconfirmed (ours)."""

GOODS_LAPSE: Final = time_figure("goods_lapse", 14 * DAY, DAY, 90 * DAY, own=False)
"""How long a case waits for goods to be sent, or for those on their way (ours)."""

COMMON: Final = figures(REOPEN_WINDOW, FAILED_ATTEMPTS, GOODS_LAPSE)
"""The figures that all kinds share."""
