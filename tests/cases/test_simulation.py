"""Arrivals and people as they are written, played under a policy; a real help desk's, too."""

import gzip
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies.check import read_policy
from policies.document_text import DocumentRefused, read_document
from policies.documents import calendars, policies
from policies.simulation import (
    ArrivalRow,
    Report,
    StaffingDocument,
    read_arrivals,
    run_with_fewer,
    simulate,
    without_rules,
)
from tests.cases.test_ordering import ORDERING
from tests.cases.test_policy_documents import TEXT

HELP_DESK = Path(__file__).parents[3] / "shared/data/helpdesk.xes.gz"
TRACE = re.compile(r"<trace>(.*?)</trace>", re.DOTALL)
STAMP = re.compile(r'key="time:timestamp" value="([^"]+)"')
POLICY = policies()["2026-1"]
ARRIVALS = """\
time,kind,team,minutes,category,priority,customer
2026-03-02T09:00:00+08:00,complaint,complaints,30,,,li
2026-03-02T09:05:00+08:00,complaint,complaints,30,,P3,
2026-03-02T09:06:00+08:00,complaint,complaints,30,,P1,
"""
STAFFING = """\
agents:
  - {id: liu.yang, teams: [complaints], capacity: 2, shifts: ["09:00-12:00", "13:00-18:00"]}
  - {id: wu.min, teams: [returns], capacity: 2, shifts: ["09:00-18:00"], days: [monday]}
"""


def staffing(text: str = STAFFING) -> StaffingDocument:
    return read_document(text, StaffingDocument)[0]


def test_figures_of_a_small_morning() -> None:
    (report,) = run_with_fewer(POLICY, read_arrivals(ARRIVALS), staffing(), 0)
    assert (report.cases, report.unassigned, report.unfinished) == (3, 0, 0)
    assert report.wait == {"median": 0.0, "p95": 24.0, "longest": 24.0}
    assert (report.breaches["response"], report.promised["response"]) == (2, 3)
    liu, wu = report.load
    assert (liu["cases"], liu["most"], liu["busy"], liu["here"]) == (3, 2, 90, 90)
    assert (wu["cases"], wu["busy"]) == (0, 0)
    assert without_rules(POLICY, read_arrivals(ARRIVALS)) == ["complaints"]


def test_the_policys_order_decides_who_waits() -> None:
    ordered = read_policy(TEXT.replace("2027-1", "2027-simulated") + ORDERING, calendars())[1]
    one_at_a_time = staffing(STAFFING.replace("capacity: 2", "capacity: 1"))
    began = [
        [case.began_at for case in simulate(policy, read_arrivals(ARRIVALS), one_at_a_time).cases]
        for policy in (POLICY, ordered)
    ]
    assert began[0] == sorted(began[0], key=str)
    assert [began[1].index(each) for each in sorted(began[1], key=str)] == [0, 2, 1]


def test_json_says_the_same_as_csv() -> None:
    rows = read_arrivals(ARRIVALS)
    written = "[" + ",".join(each.model_dump_json(exclude_none=True) for each in rows) + "]"
    assert read_arrivals(written) == rows
    assert read_arrivals('{"arrivals": ' + written + "}") == rows


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (("complaint,complaints,30,,,li", "complaint,complaints,0,,,li"), "/0/minutes"),
        (("2026-03-02T09:05:00+08:00", "soon"), "/1/time"),
        (("team", "group"), "/0/team"),
    ],
)
def test_wrong_arrivals_are_refused(wrong: tuple[str, str], pointer: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_arrivals(ARRIVALS.replace(*wrong, 1))
    assert pointer in [each.pointer for each in refused.value.faults]


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(DocumentRefused):
        read_arrivals("[{")
    with pytest.raises(DocumentRefused):
        staffing(STAFFING.replace("09:00-12:00", "nine to five"))


def some_weeks(days: int) -> list[ArrivalRow]:
    """A ticket for each trace of some weeks of the help desk, 20 minutes of work for each event."""
    text = gzip.decompress(HELP_DESK.read_bytes()).decode()
    traces = [STAMP.findall(each) for each in TRACE.findall(text)]
    begun = sorted((datetime.fromisoformat(min(stamps)), len(stamps)) for stamps in traces)
    until = begun[200][0] + timedelta(days=days)
    return [
        ArrivalRow(time=at, kind="inquiry", team="inquiries", minutes=20 * events)
        for at, events in begun[200:]
        if at < until
    ]


@pytest.mark.skipif(not HELP_DESK.exists(), reason="the help desk's log is not beside the project")
def test_a_real_help_desk_with_people_fewer() -> None:
    rows = some_weeks(60)
    person: dict[str, Any] = {"teams": ["inquiries"], "capacity": 3, "shifts": ["09:00-18:00"]}
    days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    people = [{"id": f"agent.{n}", "days": days, **person} for n in range(4)]
    document = StaffingDocument.model_validate({"agents": people, "zone": "Europe/Rome"})
    reports = run_with_fewer(POLICY, rows, document, 9)
    assert [each.agents for each in reports] == [4, 3, 2, 1]
    assert len(rows) > 50
    for each in reports:
        assert each.cases == len(rows)
        assert sum(one["cases"] for one in each.load) == each.cases - each.unfinished
        assert all(one["busy"] <= one["here"] for one in each.load)
    assert waits(reports) == sorted(waits(reports)), "fewer people, longer waits"
    broken = [each.breaches["response"] for each in reports]
    assert broken[0] < broken[-1]


def waits(reports: list[Report]) -> list[float]:
    return [each.wait["p95"] for each in reports]
