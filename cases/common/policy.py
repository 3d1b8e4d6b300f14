"""The policies that were handed in to this process, and what they decide on a case.

Which figure lives where: what is promised to customers (budgets, milestones, when time counts), who
decides on what, and the times by which a case moves by itself (`cases.common.figures`) are in the
documents of `policies/`, so that they can change without code; a case keeps the document that it
was opened under. What bounds a form is part of the form.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from domain.assignment import TeamRules
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.kept_policy import KeptPolicy
from domain.language.calendars import ALWAYS, Calendar
from domain.language.categories import Category
from domain.language.clocks import Milestone, Retarget
from domain.language.decision_table import DecisionTable, Row
from domain.language.sorting import Sorting
from domain.language.values import Priority

T = TypeVar("T")

ZONE = ZoneInfo("Asia/Shanghai")
"""Whose calendar days the law's time limits count."""


NO_HEAD_START: Final = DecisionTable((), (Row(timedelta()),))
"""Lists go by when cases are due, and by nothing else."""


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
        head_starts: by how much sooner than it is due a case stands in lists.
        assignment: the teams whose cases are assigned by rule, and how.
        categories: by kind, where it has others than the kind's own.
        sortings: by kind, how its cases are sorted by their words, if not as the kind does.
        times: those of `cases.common.figures` that are not as usual, by their names.
        counts: likewise.
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
    head_starts: DecisionTable[timedelta] = NO_HEAD_START
    assignment: Mapping[str, TeamRules] = field(default_factory=dict)
    categories: Mapping[str, tuple[Category, ...]] = field(default_factory=dict)
    sortings: Mapping[str, Sorting] = field(default_factory=dict)
    times: Mapping[str, timedelta] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


NOTHING_ASKED: Final[Mapping[str, None]] = MappingProxyType({})


class UnknownPolicy(LookupError):
    """A case keeps a policy that was not handed in to this process, or whose text it cannot read.

    A text of a later release is read by that release.
    """


ReadPolicy = Callable[[str], Policy]
"""Returns the policy of a text that cases carry; of an equal text an equal policy."""

_published: dict[str, Policy] = {}
_readers: list[ReadPolicy] = []

READ_AT_A_TIME: Final = 256
"""How many of the texts that cases carry a process keeps as they were read."""


def publish(policies: Iterable[Policy]) -> None:
    """Make policies known to this process; done at import of whatever works on cases.

    Raises:
        ValueError: another policy is known under the same version.
    """
    for policy in policies:
        if _published.setdefault(policy.version, policy) != policy:
            raise ValueError(f"policy {policy.version} is published already, with other figures")


def read_carried_with(read: ReadPolicy) -> None:
    """Say how the policies are read that are not among them: cases carry their text."""
    _readers[:] = [read]


def published_policies() -> Collection[Policy]:
    """Return the policies that are known to this process."""
    return _published.values()


def policy_of(case: Case) -> Policy:
    """Return the policy that a case keeps.

    Raises:
        UnknownPolicy
    """
    return kept_policy(case.policy)


def kept_policy(kept: KeptPolicy) -> Policy:
    """Return the policy of a version, or of the text beside it.

    Raises:
        UnknownPolicy
    """
    if kept.document is None:
        return published_policy(kept.version)
    return carried_policy(kept.document)


@lru_cache(maxsize=READ_AT_A_TIME)
def carried_policy(document: str) -> Policy:
    """Return the policy of a text that cases carry.

    Raises:
        UnknownPolicy
    """
    if not _readers:
        raise UnknownPolicy("nobody said how the texts of policies are read in this process")
    try:
        return _readers[0](document)
    except (ValueError, LookupError) as error:
        raise UnknownPolicy("this release cannot read the policy that a case carries") from error


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
