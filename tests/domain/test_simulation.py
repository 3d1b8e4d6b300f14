"""A day played through: who begins what when, shifts, what is handed back, and nobody idle."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from domain import simulation
from domain.assignment import Agent, Skill, WaitingCase, is_eligible
from domain.simulation import Arrival, Employee, Played, play

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def arrival(number: str, minute: int, work: int = 30, **fields: Any) -> Arrival:
    at = NINE + minute * MINUTE
    case = WaitingCase(
        number, "repairs", frozenset({"any"}), {"kind": fields.pop("kind", "repair")}
    )
    values: dict[str, Any] = {"rank": at, "due": {"response": at + 15 * MINUTE}, **fields}
    return Arrival(at, work * MINUTE, case, **values)


def employee(id: str, *shifts: tuple[int, int], capacity: int = 2, kind: str = "") -> Employee:
    skill = Skill(kind=(kind,)) if kind else Skill()
    agent = Agent(id, frozenset({"any"}), frozenset({"repairs"}), (skill,), capacity)
    return Employee(agent, [(NINE + a * HOUR, NINE + b * HOUR) for a, b in shifts])


def times(played: Played) -> list[tuple[str | None, int | None, int | None, int | None]]:
    def minutes(at: datetime | None) -> int | None:
        return None if at is None else (at - NINE) // MINUTE

    return [
        (each.agent, minutes(each.assigned_at), minutes(each.began_at), minutes(each.done_at))
        for each in played.cases
    ]


def test_one_after_another_and_the_third_waits_for_room() -> None:
    arrivals = [arrival("a", 0), arrival("b", 5), arrival("c", 10)]
    played = play(arrivals, [employee("ma", (0, 8))])
    assert times(played) == [("ma", 0, 0, 30), ("ma", 5, 30, 60), ("ma", 30, 60, 90)]
    assert [each.breached("response", NINE + 8 * HOUR) for each in played.cases] == [
        False, True, True,
    ]  # fmt: skip
    ma = played.people["ma"]
    assert (ma.done, ma.busy, ma.here, ma.most) == (3, 90 * MINUTE, 90 * MINUTE, 2)


def test_the_shift_ends_amid_one_and_what_was_not_begun_goes_to_another() -> None:
    arrivals = [arrival("a", 0, 90), arrival("b", 5)]
    played = play(arrivals, [employee("ma", (0, 1), (24, 32)), employee("he", (2, 8))])
    assert times(played) == [("ma", 0, 0, 24 * 60 + 30), ("he", 120, 120, 150)]


def test_what_ranks_first_is_begun_first() -> None:
    urgent = arrival("c", 20, rank=NINE - HOUR)
    played = play([arrival("a", 0), arrival("b", 5), urgent], [employee("ma", (0, 8), capacity=3)])
    assert times(played)[1:] == [("ma", 5, 60, 90), ("ma", 20, 30, 60)]


def test_a_customer_comes_to_whom_they_know() -> None:
    first, again = arrival("a", 0, customer="li"), arrival("b", 60, customer="li")
    played = play([first, again], [employee("a1", (0, 8)), employee("a2", (0, 8))])
    assert {each.agent for each in played.cases} == {"a1"}


def test_nobody_could_do_it() -> None:
    played = play([arrival("a", 0, kind="returns")], [employee("ma", (0, 8), kind="repair")])
    assert times(played) == [(None, None, None, None)]
    assert played.cases[0].breached("response", NINE + 8 * HOUR)


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 120), st.sampled_from(("repair", "returns"))),
    max_size=15,
)
PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(5, 9), st.integers(0, 3), st.sampled_from(("", "repair"))
    ),
    max_size=4,
)


class Watched(simulation._Play):
    """A day in which at each moment whoever could take what waits has no room for it."""

    def _give_out(self, at: datetime) -> None:
        super()._give_out(at)
        for case, one in product(self.queue, self.people.values()):
            could = one.on_duty and is_eligible(case.arrival.case, one.agent)
            assert not could or len(one.held) >= one.agent.capacity


@given(ARRIVALS, PEOPLE)
def test_whatever_the_day_nobody_is_idle_while_something_waits_and_all_time_is_accounted_for(
    days: Sequence[tuple[int, int, str]], staff: Sequence[tuple[int, int, int, str]]
) -> None:
    arrivals = [arrival(f"c{n}", at, work, kind=kind) for n, (at, work, kind) in enumerate(days)]
    people = [
        employee(f"p{n}", (begins, ends), capacity=capacity, kind=kind)
        for n, (begins, ends, capacity, kind) in enumerate(staff)
    ]
    with patch.object(simulation, "_Play", Watched):
        played = play(arrivals, people)
    runs = played.people.values()
    assert sum((each.busy for each in runs), timedelta()) == sum(
        (each.arrival.work - each.left for each in played.cases), timedelta()
    )
    assert all(each.busy <= each.here for each in runs)
    assert all(each.most <= each.employee.agent.capacity for each in runs)
    for case in played.cases:
        assert (case.done_at is None) == (case.left > timedelta())
        if case.began_at is not None and case.assigned_at is not None:
            assert case.arrival.at <= case.assigned_at <= case.began_at
