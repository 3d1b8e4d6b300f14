"""What a simulation is given: arrivals, people and shifts, as they are written; its report."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, ValidationError

from cases.common.policy import Policy
from domain.assignment import Agent, Skill, TeamRules, WaitingCase
from domain.language.calendars import due_at
from domain.language.forms import fault_params
from domain.language.values import Code, Instant, Name
from domain.simulation import (
    ANSWERED,
    SOLVED,
    Arrival,
    CaseRun,
    Employee,
    Played,
    play,
)
from policies.calendar_document import WEEKDAYS, Document, OpenHours, Weekday, Zone
from policies.document_text import NO_LINES, DocumentRefused, fault_at

SOMEBODY: Final = frozenset({"anybody"})
"""Roles are not looked at: who is in a team may do its work."""
AFTERWARDS: Final = timedelta(days=30)
"""People go on working so long after the last arrival."""
CLOCKS: Final = (*ANSWERED, *SOLVED)
FACTS: Final = (
    *("kind", "category", "product_line", "region"),
    *("channel", "tier", "severity", "hardness", "priority"),
)


class ArrivalRow(Document):
    """A case that comes in; `minutes` is how long somebody is busy with it."""

    time: Instant
    kind: Code
    team: Code
    minutes: Annotated[float, Field(gt=0, le=100_000)]
    category: Code | None = None
    product_line: Code | None = None
    region: Name | None = None
    channel: Code | None = None
    tier: Code | None = None
    severity: Code | None = None
    hardness: Code | None = None
    priority: Code | None = None
    customer: Name | None = None


class EmployeeRow(Document):
    """Somebody who works: the hours of each of these weekdays."""

    id: Code
    teams: Annotated[tuple[Code, ...], Field(min_length=1)]
    skills: tuple[Skill, ...] = (Skill(),)
    capacity: Annotated[int, Field(ge=1, le=1000)]
    shifts: Annotated[tuple[OpenHours, ...], Field(min_length=1)]
    days: tuple[Weekday, ...] = WEEKDAYS


class StaffingDocument(Document):
    """The people of a simulation, those first who would be the last to be done without.

    `zone` is the one in which their shifts are told.
    """

    zone: Zone = "Asia/Shanghai"
    agents: Annotated[tuple[EmployeeRow, ...], Field(min_length=1)]


_ROWS: Final[TypeAdapter[tuple[ArrivalRow, ...]]] = TypeAdapter(tuple[ArrivalRow, ...])


@dataclass(frozen=True)
class Report:
    """What came of a simulation; lengths are in minutes."""

    agents: int
    cases: int
    unassigned: int
    unfinished: int
    wait: Mapping[str, float]
    breaches: Mapping[str, int]
    promised: Mapping[str, int]
    load: Sequence[Mapping[str, Any]]


def read_arrivals(text: str) -> tuple[ArrivalRow, ...]:
    """Return the arrivals of a file: JSON, or CSV with the fields as its header.

    Raises:
        DocumentRefused
    """
    is_json = text.lstrip().startswith(("[", "{"))
    raw = _json(text) if is_json else [*_csv(text)]
    try:
        return _ROWS.validate_python(raw)
    except ValidationError as error:
        items = error.errors(include_url=False, include_input=False)
        faults = (fault_at(e["loc"], e["type"], NO_LINES, fault_params(e)) for e in items)
        raise DocumentRefused([*faults]) from None


def _json(text: str) -> Any:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise DocumentRefused(
            [fault_at((), "unreadable_document", NO_LINES, {"problem": str(error)})]
        ) from None
    return raw.get("arrivals", raw) if isinstance(raw, dict) else raw


def _csv(text: str) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))):
        yield {str(name): value for name, value in row.items() if value not in {None, ""}}


def simulate(policy: Policy, rows: Sequence[ArrivalRow], staffing: StaffingDocument) -> Played:
    """Return what becomes of arrivals under a policy when these people work.

    A team that the policy does not have assigned by rule is given the rules that a team has which
    says nothing else.
    """
    arrivals = [_arrival(policy, row, number) for number, row in enumerate(rows)]
    if not arrivals:
        return play([], [])
    zone = ZoneInfo(staffing.zone)
    first = min(each.at for each in arrivals).astimezone(zone).date()
    last = max(each.at for each in arrivals).astimezone(zone).date()
    days = [first + timedelta(n) for n in range(-1, (last - first + AFTERWARDS).days + 1)]
    people = [_employee(each, days, zone) for each in staffing.agents]
    return play(arrivals, people)


def report(played: Played, until: datetime) -> Report:
    """Return the figures of what was played; what is not done by `until` counts as broken then."""
    waits = sorted(_minutes(each) for each in played.cases if each.assigned_at is not None)
    promised = {c: [e for e in played.cases if c in e.arrival.due] for c in CLOCKS}
    return Report(
        agents=len(played.people),
        cases=len(played.cases),
        unassigned=sum(each.assigned_at is None for each in played.cases),
        unfinished=sum(each.done_at is None for each in played.cases),
        wait={name: _quantile(waits, share) for name, share in WAITS.items()},
        breaches={c: sum(e.breached(c, until) for e in promised[c]) for c in CLOCKS},
        promised={c: len(promised[c]) for c in CLOCKS},
        load=[
            {
                "agent": id,
                "cases": one.done,
                "most": one.most,
                "busy": round(one.busy / MINUTE),
                "here": round(one.here / MINUTE),
            }
            for id, one in played.people.items()
        ],
    )


MINUTE: Final = timedelta(minutes=1)
WAITS: Final[Mapping[str, float]] = {"median": 0.5, "p95": 0.95, "longest": 1.0}


def run_with_fewer(
    policy: Policy, rows: Sequence[ArrivalRow], staffing: StaffingDocument, n: int
) -> list[Report]:
    """Return the report with everybody, and with one after another of the last `n` left out."""
    until = max((row.time for row in rows), default=datetime.min.replace(tzinfo=UTC)) + AFTERWARDS
    most = min(n, len(staffing.agents) - 1)
    reports = []
    for left_out in range(most + 1):
        people = staffing.agents[: len(staffing.agents) - left_out]
        played = simulate(policy, rows, staffing.model_copy(update={"agents": people}))
        reports.append(report(played, until))
    return reports


def without_rules(policy: Policy, rows: Sequence[ArrivalRow]) -> list[str]:
    """Return the teams of arrivals whose cases the policy does not have assigned by rule."""
    return sorted({row.team for row in rows} - policy.assignment.keys())


def _arrival(policy: Policy, row: ArrivalRow, number: int) -> Arrival:
    facts: dict[str, str | None] = {name: getattr(row, name) for name in FACTS}
    due = {
        clock: due_at(policy.calendar, row.time, decided.value)
        for clock in CLOCKS
        if (decided := policy.budgets[clock].decide(facts)) and decided.value is not None
    }
    head_start = policy.head_starts.decide(facts)
    soonest = min(due.values(), default=datetime.max.replace(tzinfo=UTC))
    rank = soonest - (head_start.value if head_start else timedelta())
    rules = policy.assignment.get(row.team, TeamRules())
    case = WaitingCase(f"{number:06}", row.team, SOMEBODY, facts, rules=rules)
    return Arrival(row.time, timedelta(minutes=row.minutes), case, rank, due, row.customer)


def _employee(row: EmployeeRow, days: Sequence[date], zone: ZoneInfo) -> Employee:
    shifts = [
        (_at(day, begins, zone), _at(day, ends, zone))
        for day in days
        if WEEKDAYS[day.weekday()] in row.days
        for begins, _, ends in (hours.partition("-") for hours in row.shifts)
    ]
    agent = Agent(row.id, SOMEBODY, frozenset(row.teams), row.skills, row.capacity)
    return Employee(agent, shifts)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    hours, _, minutes = clock.partition(":")
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 — local, its zone follows
    local = midnight + timedelta(hours=int(hours), minutes=int(minutes))
    return local.replace(tzinfo=zone).astimezone(UTC)


def _minutes(case: CaseRun) -> float:
    given = case.assigned_at or case.arrival.at
    return (given - case.arrival.at) / MINUTE


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
