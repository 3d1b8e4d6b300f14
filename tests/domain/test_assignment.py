"""Who gets which case; over random days nobody who could work sits idle while a case waits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assignment import (
    Agent,
    Choice,
    Preference,
    Skill,
    TeamRules,
    WaitingCase,
    choose,
    drain,
    is_eligible,
)

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GAS = Skill(kind=("repair",), product_line=("gas",), region=("成华区",))
ANYTHING = Skill()
CASE = WaitingCase(
    "WX1",
    "repairs",
    frozenset({"repairer"}),
    {"kind": "repair", "product_line": "gas", "region": "四川省成都市成华区建设路 1 号"},
)


def agent(id: str, **fields: Any) -> Agent:
    defaults: dict[str, Any] = {
        "roles": frozenset({"repairer"}),
        "teams": frozenset({"repairs"}),
        "skills": (ANYTHING,),
        "capacity": 4,
    }
    return Agent(id, **{**defaults, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"on_duty": False},
        {"load": 4},
        {"capacity": 0},
        {"roles": frozenset({"agent"})},
        {"teams": frozenset({"returns"})},
        {"skills": ()},
        {"skills": (Skill(product_line=("water",)),)},
        {"skills": (Skill(region=("锦江区",)),)},
        {"skills": (Skill(category=("noise",)),)},
    ],
    ids=str,
)
def test_it_is_not_for_them(fields: dict[str, Any]) -> None:
    assert choose(CASE, [agent("ma.qiang", **fields)]) is None
    assert choose(CASE, [agent("ma.qiang"), agent("a", **fields)]) is not None


def test_whoever_declined_it_is_not_given_it_again() -> None:
    declined = replace(CASE, declined_by=frozenset({"ma.qiang"}))
    assert choose(declined, [agent("ma.qiang")]) is None


@pytest.mark.parametrize(
    ("better", "worse", "prefers"),
    [
        ({"id": "old"}, {"id": "a", "skills": (GAS,)}, Preference.EARLIER_AGENT),
        ({"id": "z", "skills": (GAS,), "load": 3}, {"id": "a"}, Preference.SKILL),
        ({"id": "z", "load": 2, "capacity": 8}, {"id": "a", "load": 2}, Preference.LOAD),
        ({"id": "z"}, {"id": "a", "assigned_at": NINE}, Preference.IDLE),
        ({"id": "a"}, {"id": "z"}, Preference.IDLE),
    ],
)
def test_what_decides_among_those_who_could(
    better: dict[str, Any], worse: dict[str, Any], prefers: Preference
) -> None:
    both = [agent(**worse), agent(**better)]
    for rules in (TeamRules(prefers=(prefers,)), TeamRules()):
        choice = choose(replace(CASE, earlier_agent="old", rules=rules), both)
        assert choice is not None
        assert choice.agent == better["id"]


def test_the_decision_says_why() -> None:
    given_by = choose(CASE, [agent("ma.qiang", skills=(ANYTHING, GAS), load=1)])
    assert given_by == Choice("WX1", "ma.qiang", GAS, load=1, capacity=4, is_earlier=False)


def test_a_queue_is_given_out_in_its_order_until_all_are_full() -> None:
    queue = [replace(CASE, number=f"WX{n}") for n in range(5)]
    two = [agent("a", capacity=2), agent("b", capacity=1)]
    choices = [*drain(queue, two)]
    assert [(each.number, each.agent) for each in choices] == [
        ("WX0", "a"), ("WX1", "b"), ("WX2", "a"),
    ]  # fmt: skip


KINDS, TEAMS, ROLES = ("repair", "returns"), ("north", "south"), ("agent", "repairer")
SKILLS = st.builds(
    Skill,
    kind=st.lists(st.sampled_from(KINDS), max_size=1).map(tuple),
    product_line=st.lists(st.sampled_from(("gas", "water")), max_size=1).map(tuple),
)
AGENTS = st.builds(
    Agent,
    id=st.just(""),
    roles=st.frozensets(st.sampled_from(ROLES), min_size=1),
    teams=st.frozensets(st.sampled_from(TEAMS), min_size=1),
    skills=st.lists(SKILLS, max_size=2).map(tuple),
    capacity=st.integers(0, 3),
    on_duty=st.booleans(),
)
CASES = st.builds(
    WaitingCase,
    number=st.just(""),
    team=st.sampled_from(TEAMS),
    takes=st.frozensets(st.sampled_from(ROLES), min_size=1),
    facts=st.fixed_dictionaries(
        {"kind": st.sampled_from(KINDS), "product_line": st.sampled_from(("gas", "water", None))}
    ),
    declined_by=st.frozensets(st.sampled_from(("p0", "p1"))),
    earlier_agent=st.sampled_from(("p0", "p1", "gone", None)),
    rules=st.permutations(list(Preference)).map(lambda each: TeamRules(tuple(each))),
)
EVENTS = st.lists(
    st.one_of(
        CASES,
        st.tuples(st.sampled_from(("duty", "finish", "leave")), st.integers(0, 4)),
    ),
    max_size=40,
)


@dataclass
class Day:
    """A day in memory: after each thing that happens, the queue is drained."""

    agents: dict[str, Agent]
    queue: list[WaitingCase]
    held: dict[str, list[str]]

    def happen(self, event: Any, number: int) -> None:
        if isinstance(event, WaitingCase):
            self.queue.append(replace(event, number=f"c{number}"))
            return
        what, index = event
        id = f"p{index}"
        if id not in self.agents:
            return
        one = self.agents[id]
        if what == "duty":
            self.agents[id] = replace(one, on_duty=not one.on_duty)
        elif what == "leave":
            self.agents[id] = replace(one, on_duty=False, load=0)
            self.held[id] = []
        elif self.held[id]:
            self.held[id].pop()
            self.agents[id] = replace(one, load=one.load - 1)

    def drain(self, now: datetime) -> list[Choice]:
        choices = [*drain(self.queue, [*self.agents.values()], now)]
        given = {each.number for each in choices}
        self.queue = [case for case in self.queue if case.number not in given]
        for each in choices:
            one = self.agents[each.agent]
            self.agents[each.agent] = replace(one, load=one.load + 1, assigned_at=now)
            self.held[each.agent].append(each.number)
        return choices


@given(
    st.lists(AGENTS, max_size=4),
    EVENTS,
)
def test_nobody_who_could_sits_idle_while_a_case_waits_whatever_the_day_brings(
    people: Sequence[Agent], events: Sequence[Any]
) -> None:
    agents = {f"p{n}": replace(each, id=f"p{n}") for n, each in enumerate(people)}
    day = Day(agents, [], {id: [] for id in agents})
    for number, event in enumerate(events):
        day.happen(event, number)
        waited = {case.number: case for case in day.queue}
        choices = day.drain(NINE + number * MINUTE)
        assert len({each.number for each in choices}) == len(choices)
        for each in choices:
            one = day.agents[each.agent]
            assert one.on_duty
            assert is_eligible(waited[each.number], one)
        assert all(each.load <= each.capacity for each in day.agents.values())
        idle = [each for each in day.agents.values() if each.is_free]
        assert not [(i.id, case) for i in idle for case in day.queue if is_eligible(case, i)]


@given(st.lists(CASES, min_size=1, max_size=12), st.lists(AGENTS, max_size=4))
def test_whoever_is_given_a_case_takes_it_from_nobody_before(
    cases: Sequence[WaitingCase], people: Sequence[Agent]
) -> None:
    """A case that comes behind changes nothing for those in front of it."""
    agents = [replace(each, id=f"p{n}") for n, each in enumerate(people)]
    queue = [replace(case, number=f"c{n}") for n, case in enumerate(cases)]
    of_all, of_fewer = [*drain(queue, agents)], [*drain(queue[:-1], agents)]
    assert of_all[: len(of_fewer)] == of_fewer
