"""The manual's clocks, and what the policy of a case promises for each."""

from collections.abc import Callable

from cases.common.policy import decide, policy_of
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.language.clocks import Clock, Target


def unclassified(_case: Case) -> Facts:
    """Return what a case is of which nobody said anything yet."""
    return Facts()


RESPONSE = Clock("response")
ACCEPTANCE = Clock("acceptance")
SOLUTION = Clock("solution")
RESOLUTION = Clock("resolution")
FOLLOW_UP = Clock("follow_up", from_receipt=False)
PROGRESS = Clock("progress", from_receipt=False, repeats=True)
REFUND = Clock("refund", from_receipt=False, by_policy=False)
"""The law's limit for paying back once the goods are here; no policy can change it."""


def target_of(
    case: Case, clock: Clock, facts_of: Callable[[Case], Facts] = unclassified
) -> Target | None:
    """Return what the case's own policy promises a case that is as its facts say.

    A limit that a person gave the case goes before the policy, and counts from the clock's start.
    """
    policy = policy_of(case)
    milestones = policy.milestones[clock.name]
    if case.target_override and case.target_override.clock == clock.name:
        return Target(case.target_override.budget, policy.calendar, milestones)
    budget = decide(policy.budgets[clock.name], case, facts_of)
    if budget is None:
        return None
    return Target(budget, policy.calendar, milestones, policy.retarget)


def promises(facts_of: Callable[[Case], Facts]) -> Callable[[Case, Clock], Target | None]:
    """Return what tells the target of a clock by the policy, for a kind whose facts are these."""
    return lambda case, clock: target_of(case, clock, facts_of)
