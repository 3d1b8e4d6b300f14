"""The manual's clocks, and what the policy of a case promises for each."""

from cases.common.policy import policy_of
from domain.engine.case import Case
from domain.language.clocks import Clock, Target

RESPONSE = Clock("response")
ACCEPTANCE = Clock("acceptance")
SOLUTION = Clock("solution")
RESOLUTION = Clock("resolution")
FOLLOW_UP = Clock("follow_up", from_receipt=False)
PROGRESS = Clock("progress", from_receipt=False, repeats=True)
REFUND = Clock("refund", from_receipt=False)
"""The law's limit for paying back once the goods are here; no policy can change it."""


def target_of(case: Case, clock: Clock) -> Target | None:
    """Return what the case's own policy promises.

    A limit that a person gave the case goes before the policy, and counts from the clock's start.
    """
    policy = policy_of(case.opening.policy_version)
    milestones = policy.milestones[clock.name]
    if case.target_override and case.target_override.clock == clock.name:
        return Target(case.target_override.budget, policy.calendar, milestones)
    return Target(policy.budgets[clock.name], policy.calendar, milestones, policy.retarget)
