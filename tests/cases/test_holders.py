"""Who may go on holding a case: on random walks of every kind, also where it waits for others."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import KINDS
from cases.common.roles import AGENT, AUDITOR, MANAGEMENT, OPS, REPAIRER
from domain.engine.holders import may_go_on
from domain.engine.process import Process
from domain.language.roles import NOBODY, Roles
from tests.cases.random_walks import walks
from tests.domain.case_driver import CaseDriver
from tests.support.cases import LIU, SHOP

EVERY_KIND = pytest.mark.parametrize(
    "process", KINDS.values(), ids=[f"{kind}-{version}" for kind, version in KINDS]
)
OFFER = {"solution": "Sorry.", "cost": {"amount": "20.00"}}
OFTEN = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_the_roles_in_which_it_was_taken_are_enough_and_none_are_not(
    process: Process, data: st.DataObject
) -> None:
    case = data.draw(walks(process)).case
    if case.holder is None:
        assert may_go_on(process, case, NOBODY)
        return
    for roles in (NOBODY, OPS, AUDITOR):
        assert not may_go_on(process, case, roles)
    took_it_as = Roles(frozenset(case.holder.roles))
    if any(took_it_as & state.staff for state in process.states):
        assert may_go_on(process, case, took_it_as)
        assert may_go_on(process, case, took_it_as | OPS)


@pytest.mark.parametrize(
    ("roles", "may"), [(AGENT, True), (MANAGEMENT, True), (REPAIRER, False), (NOBODY, False)]
)
def test_the_work_after_the_customers_answer_counts(roles: Roles, may: bool) -> None:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "price", "severity": "minor"}))
    run.do(LIU, ("claim", {}))
    assert may_go_on(run.process, run.case, roles) is may
    finding = {"cause": "service", "reasonable": True, "finding": "So it was."}
    run.do(LIU, ("investigate", finding), ("propose", OFFER))
    assert run.case.state == "proposed"
    assert may_go_on(run.process, run.case, roles) is may
