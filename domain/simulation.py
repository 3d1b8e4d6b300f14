"""A day of work played through: arrivals are given to people by the rule that assigns real cases.

Pure, and without a live system: time is that of the events. Somebody works on one case at a time,
the one whose rank is soonest of those that they have, and goes on with it in their next shift.
"""

import heapq
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count

from domain.assignment import Agent, WaitingCase, drain
from domain.language.calendars import Span

ANSWERED, SOLVED = ("response", "acceptance"), ("resolution",)
"""The clocks whose promise is kept when somebody begins, and when they are done."""


@dataclass(frozen=True)
class Arrival:
    """A case that comes in.

    Args:
        at: when.
        work: how long somebody is busy with it.
        case: what it is.
        rank: by which moment the queue is sorted.
        due: by clock, when what is promised is due.
        customer: whose it is, if that is known.
    """

    at: datetime
    work: timedelta
    case: WaitingCase
    rank: datetime
    due: Mapping[str, datetime] = field(default_factory=dict)
    customer: str | None = None


@dataclass(frozen=True)
class Employee:
    """Somebody who works, and when; `agent` says what they can do."""

    agent: Agent
    shifts: Sequence[Span]


@dataclass
class CaseRun:
    """What became of a case: when it was given to somebody, begun and done, and by whom."""

    arrival: Arrival
    left: timedelta
    assigned_at: datetime | None = None
    began_at: datetime | None = None
    done_at: datetime | None = None
    agent: str | None = None

    @property
    def key(self) -> tuple[datetime, str]:
        """Where it stands in a queue."""
        return self.arrival.rank, self.arrival.case.number

    def breached(self, clock: str, until: datetime) -> bool:
        """Return whether a promise was broken by a moment."""
        due = self.arrival.due.get(clock)
        kept_at = self.began_at if clock in ANSWERED else self.done_at
        return due is not None and (kept_at or until) > due


@dataclass
class EmployeeRun:
    """What somebody did: how many cases, for how long, and how long they were here."""

    employee: Employee
    on_duty: bool = False
    held: list[CaseRun] = field(default_factory=list)
    current: CaseRun | None = None
    busy_since: datetime | None = None
    token: int = 0
    done: int = 0
    busy: timedelta = timedelta()
    here: timedelta = timedelta()
    most: int = 0
    assigned_at: datetime | None = None

    @property
    def agent(self) -> Agent:
        """Them as assigning sees them now."""
        load, assigned_at = len(self.held), self.assigned_at
        return replace(
            self.employee.agent, load=load, on_duty=self.on_duty, assigned_at=assigned_at
        )


class _What(IntEnum):
    """Of things at one moment, who comes and goes is known before what comes in."""

    DONE = 0
    GOES = 1
    COMES = 2
    ARRIVES = 3


@dataclass
class Played:
    """What came of it: each case, and each of the people."""

    cases: list[CaseRun]
    people: dict[str, EmployeeRun]


_Event = tuple[datetime, int, int, "CaseRun | EmployeeRun", int]


class _Play:
    def __init__(self, people: Iterable[Employee]) -> None:
        self.people = {each.agent.id: EmployeeRun(each) for each in people}
        self.queue: list[CaseRun] = []
        self.events: list[_Event] = []
        self.earlier: dict[str, tuple[str, datetime]] = {}
        self.worked: list[datetime] = []
        self._order = count()

    def add(self, at: datetime, what: _What, who: CaseRun | EmployeeRun, token: int = 0) -> None:
        heapq.heappush(self.events, (at, what, next(self._order), who, token))

    def run(self) -> None:
        """Let everything happen, and give out after each moment what can be given then."""
        while self.events:
            at = self.events[0][0]
            while self.events and self.events[0][0] == at:
                _, what, _, who, token = heapq.heappop(self.events)
                self._happen(at, _What(what), who, token)
            self._give_out(at)

    def _happen(self, at: datetime, what: _What, who: CaseRun | EmployeeRun, token: int) -> None:
        if isinstance(who, CaseRun):
            insort(self.queue, who, key=lambda each: each.key)
        elif what is _What.DONE:
            if token == who.token:
                self._finish(who, at)
        elif what is _What.COMES:
            who.on_duty = True
            self._go_on(who, at)
        else:
            self._leave(who, at)

    def _leave(self, one: EmployeeRun, at: datetime) -> None:
        """Somebody goes: what they did not begin goes back, what they did waits for them."""
        one.on_duty = False
        self._pause(one, at)
        for case in [each for each in one.held if each.began_at is None]:
            one.held.remove(case)
            case.agent = case.assigned_at = None
            insort(self.queue, case, key=lambda each: each.key)

    def _pause(self, one: EmployeeRun, at: datetime) -> None:
        one.token += 1
        if one.current is not None and one.busy_since is not None:
            spent = at - one.busy_since
            one.busy += spent
            one.current.left -= spent
            self.worked = [at]
        one.current = one.busy_since = None

    def _finish(self, one: EmployeeRun, at: datetime) -> None:
        case = one.current
        self._pause(one, at)
        if case is not None:
            case.done_at = at
            one.held.remove(case)
            one.done += 1
            if case.arrival.customer:
                self.earlier[case.arrival.customer] = (one.employee.agent.id, at)
        self._go_on(one, at)

    def _go_on(self, one: EmployeeRun, at: datetime) -> None:
        """Take up what was begun, else what ranks first."""
        if not one.on_duty or one.current is not None or not one.held:
            return
        case = min(one.held, key=lambda each: (each.began_at is None, each.key))
        one.current, one.busy_since, one.token = case, at, one.token + 1
        case.began_at = case.began_at or at
        self.add(at + case.left, _What.DONE, one, one.token)

    def _give_out(self, at: datetime) -> None:
        agents = [one.agent for one in self.people.values() if one.on_duty]
        if not self.queue or not any(each.is_free for each in agents):
            return
        by_number = {each.arrival.case.number: each for each in self.queue}
        for choice in drain((self._case(each, at) for each in self.queue), agents, at):
            case, one = by_number.pop(choice.number), self.people[choice.agent]
            case.assigned_at, case.agent, one.assigned_at = at, choice.agent, at
            one.held.append(case)
            one.most = max(one.most, len(one.held))
        if len(by_number) < len(self.queue):
            self.queue = [*by_number.values()]
            for one in self.people.values():
                self._go_on(one, at)

    def _case(self, run: CaseRun, at: datetime) -> WaitingCase:
        case, customer = run.arrival.case, run.arrival.customer
        agent, seen = self.earlier.get(customer or "", (None, at))
        is_recent = at - seen <= case.rules.earlier_within
        return replace(case, earlier_agent=agent) if agent and is_recent else case


def play(arrivals: Sequence[Arrival], people: Sequence[Employee]) -> Played:
    """Return what becomes of arrivals when these people work, each in their shifts."""
    run = _Play(people)
    cases = [CaseRun(each, each.work) for each in arrivals]
    for case in cases:
        run.add(case.arrival.at, _What.ARRIVES, case)
    for one in run.people.values():
        for begins, ends in _joined(one.employee.shifts):
            run.add(begins, _What.COMES, one)
            run.add(ends, _What.GOES, one)
    run.run()
    moments = [*run.worked, *(each.at for each in arrivals)]
    if moments:
        for one in run.people.values():
            one.here = _within(one.employee.shifts, min(moments), max(moments))
    return Played(cases, run.people)


def _within(shifts: Iterable[Span], first: datetime, last: datetime) -> timedelta:
    """Return how long somebody was here between the first thing that happened and the last."""
    spans = (min(ends, last) - max(begins, first) for begins, ends in _joined(shifts))
    return sum((each for each in spans if each > timedelta()), timedelta())


def _joined(shifts: Iterable[Span]) -> Iterator[Span]:
    """Yield shifts in order, those that touch or overlap as one."""
    last: Span | None = None
    for begins, ends in sorted(shifts):
        if last is not None and begins <= last[1]:
            last = (last[0], max(last[1], ends))
            continue
        if last is not None:
            yield last
        last = (begins, ends)
    if last is not None:
        yield last
