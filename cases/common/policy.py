"""The times that all tables share, and the policies that were handed in to this process.

Which figure lives where: what is promised to customers (budgets, milestones, when time counts) is
in the documents of `policies/`, so that it can change without code, and a case keeps the document
that it was opened under. What moves a case by itself or bounds a step (the times below) is part of
the tables: a changed one is another process version, since histories are replayed by it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.language.calendars import ALWAYS, Calendar
from domain.language.clocks import Milestone, Retarget
from domain.language.decision_table import DecisionTable
from domain.language.values import Priority

T = TypeVar("T")

REOPEN_WINDOW = timedelta(days=7)
"""How long a closed case may be reopened in place (ours)."""

FAILED_ATTEMPTS = 3
"""On how many days nobody is reached before a case closes as unconfirmed (ours)."""

OFFER_LAPSES = timedelta(days=7)
"""How long an offered solution waits for the customer's answer (ours)."""

ZONE = ZoneInfo("Asia/Shanghai")
"""Whose calendar days the law's time limits count."""

RETURN_DAYS = 7
"""Calendar days from the day after delivery in which goods go back without a reason (law)."""

GOODS_LAPSE = timedelta(days=14)
"""How long an approved return waits for the goods to be sent, or for those on their way (ours)."""

GOODS_REMINDER = timedelta(days=10)
"""How long an approved return waits for the goods before the customer is reminded (ours)."""

CHOICE_LAPSES = timedelta(days=7)
"""How long a customer has to say what to do when an exchange is out of stock (ours)."""

STORAGE = timedelta(days=30)
"""How long goods that nobody claims are kept before they may be scrapped (ours)."""

JOB_LAPSES = timedelta(minutes=15)
"""How long a dispatched repair waits for its repairer to take it (ours)."""

QUOTE_LAPSES = timedelta(days=7)
"""How long a quote for a repair is valid that names no moment of its own (ours)."""

LONGEST_VALIDITY = timedelta(days=30)
"""How long a quote for a repair may be valid by a moment of its own (ours)."""

QUOTE_REMINDERS = (timedelta(days=4), timedelta(days=6))
"""When a customer who does not answer a quote is reminded of it (ours)."""

VISIT_LAPSES = timedelta(days=7)
"""How long a customer who was missed has for another appointment (ours)."""

FARTHEST_VISIT = timedelta(days=90)
"""How far ahead an appointment for a visit may end (ours)."""

LONGEST_WINDOW = timedelta(hours=24)
"""How long the window of an appointment may be: the customer waits at home for it (ours)."""

MISSED_AFTER = timedelta(minutes=30)
"""How long after a window began the customer was missed at it, unless it ended before (ours)."""


@dataclass(frozen=True)
class Policy:
    """What is decided on cases by figures that are not code, each by a table over what a case is.

    Args:
        version: under which a case keeps it; a published version never changes.
        budgets: by clock, what is promised in the clock's own time; None promises nothing.
        milestones: the milestones on the way, by clock.
        priorities: of a case, by its impact and urgency.
        teams: whose list shows a case; None is the kind's own team.
        authority: how much somebody in a role may give out of a pot.
        currency: of those amounts; one in another currency is above all of them.
        calendar: when time counts.
        retarget: from when another target counts for a clock that runs already.
    """

    version: str
    budgets: Mapping[str, DecisionTable[timedelta | None]]
    milestones: Mapping[str, tuple[Milestone, ...]]
    priorities: DecisionTable[Priority]
    teams: DecisionTable[str | None]
    authority: DecisionTable[Decimal]
    currency: str
    calendar: Calendar = ALWAYS
    retarget: Retarget = Retarget.FROM_START


NOTHING_ASKED: Final[Mapping[str, None]] = MappingProxyType({})


class UnknownPolicy(LookupError):
    """A case keeps a policy that was not handed in to this process."""


_published: dict[str, Policy] = {}


def publish(policies: Iterable[Policy]) -> None:
    """Make policies known to this process; done at import of whatever works on cases.

    Raises:
        ValueError: another policy is known under the same version.
    """
    for policy in policies:
        if _published.setdefault(policy.version, policy) != policy:
            raise ValueError(f"policy {policy.version} is published already, with other figures")


def policy_of(case: Case) -> Policy:
    """Return the policy that a case keeps.

    Raises:
        UnknownPolicy
    """
    return published_policy(case.opening.policy_version)


def published_policy(version: str) -> Policy:
    """Return the policy of this version.

    Raises:
        UnknownPolicy
    """
    try:
        return _published[version]
    except KeyError:
        raise UnknownPolicy(f"policy {version} was not handed in to this process") from None


def decide(table: DecisionTable[T], case: Case, facts_of: Callable[[Case], Facts]) -> T | None:
    """Return what a table of the case's policy decides; None if no row fits.

    Facts take longer than the table does, and most tables ask for none.
    """
    asked = asked_of(case, facts_of(case)) if table.asks else NOTHING_ASKED
    decided = table.decide(asked)
    return decided.value if decided else None


def asked_of(case: Case, facts: Facts) -> Mapping[str, str | None]:
    """Return what the tables of a policy may ask of a case that is as these facts say.

    A priority that a person gave it goes before the one of its classification.
    """
    opening, own = case.opening, case.priority_override
    return {
        "kind": opening.kind,
        "channel": opening.channel,
        "tier": opening.tier,
        "product_line": next((each.product_line for each in opening.goods), None),
        "category": facts.category,
        "severity": facts.severity,
        "hardness": facts.hardness,
        "priority": own.priority if own else facts.priority,
    }
