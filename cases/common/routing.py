"""To which team a case is given, as its policy says."""

from collections.abc import Callable, Collection

from cases.common.policy import decide, policy_of
from domain.engine.case import Case
from domain.engine.definition import Facts, Routing


def routing(facts_of: Callable[[Case], Facts], teams: Collection[str] = ()) -> Routing:
    """Return the routing by the policy, for a kind whose facts are these.

    Args:
        facts_of: what a case is classified as.
        teams: those that the published policies name for the kind, so that they are made.
    """
    return Routing(lambda case: decide(policy_of(case).teams, case, facts_of), teams)
