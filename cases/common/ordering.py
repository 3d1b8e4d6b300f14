"""Which cases come before others in lists, as their policies say."""

from collections.abc import Callable
from datetime import timedelta

from cases.common.policy import decide, policy_of
from domain.engine.case import Case
from domain.engine.definition import Facts


def head_start(facts_of: Callable[[Case], Facts]) -> Callable[[Case], timedelta]:
    """Return what tells the head start of a case, for a kind whose facts are these."""
    return lambda case: decide(policy_of(case).head_starts, case, facts_of) or timedelta()
