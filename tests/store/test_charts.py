"""What charts count: by hand for a few rows, and against counting one by one for many others."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.language.clocks import ClockState
from store import Store
from store.reports.records import ClockCount, RatingCount, Scope, Split, SplitCount
from tests.store.report_rows import (
    BASE,
    HOUR,
    PREFIXES,
    Rows,
    case_of,
    clock_of,
    counted,
    counted_clocks,
    counted_ratings,
    durations,
    hours,
    in_scope,
    write,
)

ALL = Scope()
MINUTE = timedelta(minutes=1)
CLOCKS = ("response", "resolution")
_fresh: Iterator[int] = count()


async def test_cases_are_counted_in_the_span_they_came_and_went(store: Store, tenant: str) -> None:
    """The first moment of a span is in it, its end is in the next one."""
    later = BASE + HOUR
    rows = [
        case_of(tenant, received_at=BASE),
        case_of(tenant, received_at=BASE + 59 * MINUTE, team="north", closed_at=later),
        case_of(tenant, received_at=later, kind="repair", closed_at=later + 59 * MINUTE),
        case_of(tenant, received_at=BASE - MINUTE),
        case_of(tenant, received_at=BASE + 2 * HOUR),
    ]
    await write(store, Rows(rows, []))
    spans = hours(2)
    arrived = await store.charts.arrived(tenant, spans, ALL)
    assert set(arrived) == {SplitCount(0, None, 2), SplitCount(1, None, 1)}
    closed = await store.charts.closed(tenant, spans, ALL, Split.KIND)
    assert set(closed) == {SplitCount(1, "complaint", 1), SplitCount(1, "repair", 1)}
    by_team = await store.charts.arrived(tenant, spans, Scope(kind="complaint"), Split.TEAM)
    assert set(by_team) == {SplitCount(0, "complaints", 1), SplitCount(0, "north", 1)}
    assert await store.charts.arrived(tenant, spans, Scope(team="south")) == []
    assert await store.charts.arrived("another", spans, ALL) == []


async def test_a_promise_is_met_or_broken_once(store: Store, tenant: str) -> None:
    """One that was kept late is broken, when it was due; one that was given up is neither."""
    case = case_of(tenant)
    ended = {"ended_at": BASE + 90 * MINUTE}
    clocks = [
        clock_of(case, "response", BASE, state=ClockState.MET, ended_at=BASE + MINUTE),
        clock_of(case, "acceptance", BASE, state=ClockState.MET, **ended),
        clock_of(case, "solution", BASE, state=ClockState.MET_LATE, breached_at=BASE, **ended),
        clock_of(case, "resolution", BASE, state=ClockState.BREACHED, breached_at=BASE + HOUR),
        clock_of(case, "follow_up", BASE, state=ClockState.CANCELLED, **ended),
        clock_of(case, "progress", BASE, state=ClockState.MET, **ended),
    ]
    await write(store, Rows([case], clocks))
    spans = hours(2)
    names = ["response", "acceptance", "solution", "resolution", "follow_up"]
    met = await store.charts.met(tenant, spans, ALL, names)
    assert set(met) == {ClockCount(0, "response", 1), ClockCount(1, "acceptance", 1)}
    breached = await store.charts.breached(tenant, spans, ALL)
    assert set(breached) == {ClockCount(0, "solution", 1), ClockCount(1, "resolution", 1)}
    nobodys = Scope(kind="repair", prefix="WX")
    assert await store.charts.met(tenant, spans, nobodys, names) == []
    assert await store.charts.breached(tenant, spans, Scope(team="north")) == []


async def test_the_median_and_the_slowest_tenth(store: Store, tenant: str) -> None:
    """Of 1 to 11 minutes: 6, and 10. Of two they lie between; seconds are whole."""
    rows = Rows([], [])
    for minutes in range(1, 12):
        case = case_of(tenant)
        rows.cases.append(case)
        started = BASE + HOUR - minutes * MINUTE
        end = {"ended_at": BASE + HOUR, "state": ClockState.MET}
        rows.clocks.append(clock_of(case, "response", started, **end))
    for seconds in (10, 20):
        case = case_of(tenant, team="north")
        rows.cases.append(case)
        ended = BASE + 2 * HOUR + timedelta(seconds=seconds, microseconds=999_999)
        end = {"ended_at": ended, "state": ClockState.MET_LATE, "breached_at": BASE}
        rows.clocks.append(clock_of(case, "response", BASE + 2 * HOUR, **end))
    await write(store, rows)
    spans = hours(4)
    found = await store.charts.durations(tenant, spans, ALL, "response")
    assert {each.place: (each.n, each.median, each.p90) for each in found} == {
        1: (11, 360.0, 600.0),
        2: (2, 15.0, 19.0),
    }
    assert await store.charts.durations(tenant, spans, ALL, "resolution") == []
    north = await store.charts.durations(tenant, spans, Scope(team="north"), "response")
    assert [each.place for each in north] == [2]


async def test_ratings_are_counted_by_what_was_said(store: Store, tenant: str) -> None:
    said: list[dict[str, Any]] = [
        {"satisfaction": "satisfied", "nps": 9, "rated_at": BASE},
        {"satisfaction": "satisfied", "nps": 9, "rated_at": BASE + MINUTE},
        {"satisfaction": None, "nps": 0, "rated_at": BASE + HOUR},
        {},
    ]
    await write(store, Rows([case_of(tenant, **more) for more in said], []))
    assert set(await store.charts.ratings(tenant, hours(2), ALL)) == {
        RatingCount(0, "satisfied", 9, 2),
        RatingCount(1, None, 0, 1),
    }


MOMENTS = st.integers(-30, 330).map(lambda minutes: BASE + minutes * MINUTE)
MAYBE = st.none() | MOMENTS
TEAMS = st.sampled_from(["complaints", "north"])


@st.composite
def drawn_rows(draw: st.DrawFn, tenant: str) -> Rows:
    """Some cases around five hours, each with up to two clocks."""
    rows = Rows([], [])
    for _ in range(draw(st.integers(0, 8))):
        rated_at, word = draw(MAYBE), draw(st.sampled_from([None, "satisfied", "neutral"]))
        case = case_of(
            tenant,
            kind=draw(st.sampled_from(sorted(PREFIXES))),
            team=draw(TEAMS),
            received_at=draw(MOMENTS),
            closed_at=draw(MAYBE),
            satisfaction=word if rated_at else None,
            nps=draw(st.none() | st.integers(0, 10)) if rated_at else None,
            rated_at=rated_at,
        )
        rows.cases.append(case)
        for name in draw(st.sets(st.sampled_from(CLOCKS))):
            rows.clocks.append(
                clock_of(
                    case,
                    name,
                    draw(MOMENTS),
                    state=draw(st.sampled_from(ClockState)),
                    breached_at=draw(MAYBE),
                    ended_at=draw(MAYBE),
                )
            )
    return rows


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_the_database_counts_as_one_counts_by_hand(store: Store, data: st.DataObject) -> None:
    tenant = f"drawn-{next(_fresh)}"
    rows = data.draw(drawn_rows(tenant))
    await write(store, rows)
    spans, charts = hours(5), store.charts
    for kind in (None, "repair"):
        for team in (None, "north"):
            scope = Scope(kind, team, PREFIXES[kind] if kind else None)
            of_scope = in_scope(rows, scope)
            met = [clock for clock in of_scope.clocks if clock.state is ClockState.MET]
            for split in (None, *Split):
                arrived = await charts.arrived(tenant, spans, scope, split)
                assert set(arrived) == counted(of_scope.cases, "received_at", spans, split)
                closed = await charts.closed(tenant, spans, scope, split)
                assert set(closed) == counted(of_scope.cases, "closed_at", spans, split)
                found = await charts.met(tenant, spans, scope, CLOCKS, split)
                kept = Rows(of_scope.cases, met)
                assert set(found) == counted_clocks(kept, "ended_at", spans, split)
                found = await charts.breached(tenant, spans, scope, split)
                assert set(found) == counted_clocks(of_scope, "breached_at", spans, split)
                ratings = await charts.ratings(tenant, spans, scope, split)
                assert set(ratings) == counted_ratings(of_scope.cases, spans, split)
                for name in CLOCKS:
                    told = await charts.durations(tenant, spans, scope, name, split)
                    assert {
                        (each.place, each.key): pytest.approx(each[1:4]) for each in told
                    } == durations(of_scope, name, spans, split)
