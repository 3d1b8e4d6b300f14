"""A parent never closes before its children, whatever anybody tries: on random walks."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.related_cases import moves, refuse_over_children
from cases import CURRENT
from cases.common.errors import ChildrenOpen
from domain.engine.messages import Request
from tests.cases.random_walks import Walk, to_an_end, walks, wild
from tests.support.cases import CHEN, SHOP, request

TRIES = 10 if settings.get_current_profile_name() == "same" else 50
OFTEN = settings(
    max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
CHILD = "TS999"


def is_refused(walk: Walk, attempt: Request) -> bool:
    """Return whether it is refused because a child is open."""
    try:
        for _, leads_to in moves(walk.process, walk.case.copy(), attempt, walk.now):
            refuse_over_children(walk.process, leads_to, [CHILD])
    except ChildrenOpen:
        return True
    return False


@pytest.mark.parametrize("kind", CURRENT)
@OFTEN
@given(data=st.data())
def test_a_parent_never_closes_before_its_children(kind: str, data: st.DataObject) -> None:
    walk = data.draw(walks(CURRENT[kind]))
    walk.settle()
    if walk.process.state_of(walk.case).closed:
        return
    by_whom = data.draw(st.sampled_from([CHEN, SHOP]))
    withdrawal = request("away", ("withdraw", {"reason": "He rang."}), actor=by_whom)
    anything = [withdrawal, data.draw(wild(walk)), next(to_an_end(walk))]
    for attempt in anything:
        trial = Walk(walk.process, walk.case.copy(), walk.now)
        trial.attempt(attempt)
        if walk.process.closes(trial.case.state) and trial.case.state != walk.case.state:
            assert is_refused(walk, attempt), attempt
