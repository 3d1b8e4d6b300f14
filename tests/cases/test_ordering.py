"""Lists go by when cases are due, less the head start that the policy gives their priority."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases import CURRENT
from cases.common.policy import publish
from domain.language.decision_table import changes
from domain.read_models.projection import case_view, task_views
from policies.check import read_policy
from policies.documents import calendars, policies
from tests.cases.test_policy_documents import TEXT, faults_of
from tests.domain.case_driver import HOUR, CaseDriver
from tests.support.cases import CHEN, SORTED, ZHAO

ORDERING = """\
ordering:
  head_starts:
    - {when: {priority: P1}, head_start: PT8H}
    - {when: {priority: P2, tier: vip}, head_start: PT4H}
    - {head_start: PT0S}
"""
VERSION = "2027-ordered"
DOCUMENT, POLICY = read_policy(TEXT.replace("2027-1", VERSION) + ORDERING, calendars())


@pytest.fixture(autouse=True)
def _published() -> None:
    publish([POLICY])


def test_older_policies_give_none() -> None:
    for policy in policies().values():
        assert [row.then for row in policy.head_starts.rows] == [timedelta()]
    (first, second) = changes(policies()["2026-1"].head_starts, POLICY.head_starts)
    assert (first.before, first.after) == (timedelta(), 8 * HOUR)
    assert first.where == {"priority": {"P1"}}
    assert second.where == {"priority": {"P2"}, "tier": {"vip"}}


@pytest.mark.parametrize("kind", CURRENT)
def test_a_case_has_the_head_start_of_its_priority(kind: str) -> None:
    run = CaseDriver(kind, policy_version=VERSION)
    assert case_view(run.process, run.case).head_start == timedelta()
    run.do(ZHAO, ("prioritise", {"priority": "P1", "reason": "press"}))
    row = case_view(run.process, run.case)
    assert (row.head_start, row.priority) == (8 * HOUR, "P1")
    assert [task.head_start for task in task_views(run.process, run.case, 0)] == [8 * HOUR]
    run.do(ZHAO, ("prioritise", {"priority": "P3", "reason": "over"}))
    assert case_view(run.process, run.case).head_start == timedelta()


def test_its_class_gives_the_priority_and_so_the_head_start() -> None:
    many = {**SORTED, "impact": "many"}
    run = CaseDriver(policy_version=VERSION)
    run.do(CHEN, ("accept", {}), ("classify", many))
    assert case_view(run.process, run.case).head_start == 8 * HOUR
    under_an_older = CaseDriver()
    under_an_older.do(CHEN, ("accept", {}), ("classify", many))
    assert case_view(under_an_older.process, under_an_older.case).head_start == timedelta()


def test_it_moves_no_promise() -> None:
    same = replace(POLICY, version="2027-unordered", head_starts=policies()["2026-1"].head_starts)
    publish([same])
    due = []
    for version in (VERSION, same.version):
        run = CaseDriver(policy_version=version)
        run.do(ZHAO, ("prioritise", {"priority": "P1", "reason": "press"}))
        due.append([each.due for each in run.case.clock_instances()])
    assert due[0] == due[1]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        (("PT8H", "-PT8H"), "/ordering/head_starts/0/head_start", "duration_spelling"),
        (("PT8H", "P31D"), "/ordering/head_starts/0/head_start", "less_than_equal"),
        (("priority: P1", "priority: P9"), "/ordering/head_starts/0", "table_unknown_value"),
        (("    - {head_start: PT0S}\n", ""), "/ordering/head_starts", "table_gap"),
        (("{priority: P1}", "{}"), "/ordering/head_starts/1", "table_unreachable"),
    ],
)
def test_a_wrong_part_is_refused(wrong: tuple[str, str], pointer: str, code: str) -> None:
    faults = faults_of(TEXT + ORDERING.replace(*wrong))
    assert (pointer, code) in [(each.pointer, each.code) for each in faults]
