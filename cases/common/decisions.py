"""What the policy of a case decides for it, and by which row of which table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.common.authority import Pot
from cases.common.classification import Classified
from cases.common.policy import Policy, asked_of, policy_of
from cases.common.roles import STAFF_ROLES
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.clocks import Clock, ClockInstance, Target
from domain.language.decision_table import DecisionTable

PRIORITY, TEAM, AUTHORITY = "priorities", "teams", "authority.amounts"
HEAD_START = "ordering.head_starts"
"""The tables as documents call them; a clock's is `clocks.<name>`."""


@dataclass(frozen=True)
class Decision:
    """What was decided: by which row (from 1) of which table, and because of which values.

    Without a row nothing of the table decided: the case is not classified yet, say.
    """

    value: Any
    table: str
    row: int | None = None
    because: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ClockDecision:
    """The budget of a clock, and when it is due, if it counts from the receipt of the case."""

    clock: str
    budget: Decision
    due_at: datetime | None


@dataclass(frozen=True)
class AuthorityDecision:
    """How much somebody in a role may give out of a pot; above it somebody else approves."""

    pot: str
    role: str
    amount: Decision


@dataclass(frozen=True)
class Decisions:
    """All that the policy of a case decides for it as it stands."""

    priority: Decision
    team: Decision
    head_start: Decision
    clocks: tuple[ClockDecision, ...]
    authority: tuple[AuthorityDecision, ...]
    currency: str


def decisions_of(process: Process, case: Case) -> Decisions:
    """Return what the policy of a case decides for it as it stands."""
    policy = policy_of(case)
    asked = asked_of(case, process.facts(case))
    team = decide(policy.teams, TEAM, asked)
    return Decisions(
        priority=_priority(process, case, policy),
        team=Decision(team.value or process.team, TEAM, team.row, team.because),
        head_start=decide(policy.head_starts, HEAD_START, asked),
        clocks=tuple(_clocks(process, case, policy, asked)),
        authority=tuple(_authority(policy, asked)),
        currency=policy.currency,
    )


def decide(table: DecisionTable[Any], name: str, asked: Mapping[str, str | None]) -> Decision:
    """Return what a table decides, and by which row."""
    decided = table.decide(asked)
    if decided is None:
        return Decision(None, name)
    return Decision(decided.value, name, decided.row, decided.because)


def _priority(process: Process, case: Case, policy: Policy) -> Decision:
    form_type = process.imports.classification if process.imports else None
    form = case.latest_forms.get(form_type) if form_type else None
    if not isinstance(form, Classified):
        return Decision(None, PRIORITY)
    facts = process.facts(case).model_copy(update={"priority": None})
    own = {"impact": form.impact.value, "urgency": form.urgency.value}
    return decide(policy.priorities, PRIORITY, {**asked_of(case, facts), **own})


def _clocks(
    process: Process, case: Case, policy: Policy, asked: Mapping[str, str | None]
) -> Iterator[ClockDecision]:
    promised = (clock for clock in process.clocks if clock.by_policy)
    for clock in sorted(promised, key=lambda each: each.name):
        table = policy.budgets[clock.name]
        target = process.target_of(case, clock)
        budget = decide(table, f"clocks.{clock.name}", asked)
        yield ClockDecision(clock.name, budget, _due_at(case, clock, target))


def _due_at(case: Case, clock: Clock, target: Target | None) -> datetime | None:
    if target is None or not clock.from_receipt:
        return None
    return ClockInstance(clock, 1, case.opening.received_at, target).at_share(1.0)


def _authority(policy: Policy, asked: Mapping[str, str | None]) -> Iterator[AuthorityDecision]:
    for pot in Pot:
        for role in sorted(STAFF_ROLES.names):
            amount = decide(policy.authority, AUTHORITY, {**asked, "pot": pot.value, "role": role})
            if amount.value:
                yield AuthorityDecision(pot.value, role, amount)
