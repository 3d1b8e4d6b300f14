"""The manual's clocks: what is promised, from when it counts, what happens on the way."""

from cases.common.policy import POLICIES
from domain.engine.case import Case
from domain.language.clocks import Clock, Target

RESPONSE = Clock("response")
ACCEPTANCE = Clock("acceptance")
SOLUTION = Clock("solution")
RESOLUTION = Clock("resolution")
FOLLOW_UP = Clock("follow_up", from_receipt=False)
PROGRESS = Clock("progress", from_receipt=False, repeats=True)


def terms_of(case: Case, clock: Clock) -> Target | None:
    """What the case's own policy promises; its channel may have budgets of its own.

    A limit that a person gave the case goes before both, and counts from the start as it says.
    """
    policy = POLICIES[case.opening.policy_version]
    rungs = policy.rungs[clock.name]
    if case.target_override and case.target_override.clock == clock.name:
        return Target(case.target_override.budget, policy.calendar, rungs)
    own = policy.by_channel.get(case.opening.channel, {})
    budget = own.get(clock.name, policy.budgets[clock.name])
    return Target(budget, policy.calendar, rungs, policy.retarget)
