"""The board's counts: what is open, due, on hold and whose; today's breaches; hours of the day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.language.clocks import ClockState
from domain.read_models.projection import CaseView
from store import Store
from store.comments import Visibility
from store.reports.board import MOST_BREACHES
from store.reports.records import BoardCounts, BoardMoments, OpenCount, Scope
from tests.store.report_rows import (
    BASE,
    HOUR,
    PREFIXES,
    Rows,
    case_of,
    clock_of,
    hours,
    in_scope,
    write,
)
from tests.support.cases import SHOP
from tests.support.corrupted_rows import corrupted_rows

MINUTE = timedelta(minutes=1)
NOON = BASE + 12 * HOUR
SOON = tuple(NOON + ahead for ahead in (15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR))
TODAY = BoardMoments(NOON, SOON, tuple(hours(24)))
ALL = Scope()
_fresh: Iterator[int] = count()


async def test_open_cases_are_counted_by_stage_priority_and_holder(
    store: Store, tenant: str
) -> None:
    """What is due to the second is overdue; a case that is due never is due by no moment."""
    mine = {"assignee": "liu.yang", "stage": "resolve", "priority": "P1"}
    rows = [
        case_of(tenant, **mine, next_due=NOON),
        case_of(tenant, **mine, next_due=NOON + MINUTE, held_until=NOON + HOUR),
        case_of(tenant, **mine, next_due=NOON + 3 * HOUR),
        case_of(tenant, **mine, next_due=None),
        case_of(tenant, stage="accept", priority=None, next_due=NOON + 13 * HOUR),
        case_of(tenant, stage="accept", priority=None, next_due=None, waits_on="customer"),
        case_of(tenant, **mine, closed_at=NOON, next_due=NOON),
    ]
    await write(store, Rows(rows, []))
    counts = (await store.board.read(tenant, ALL, TODAY)).open
    assert sorted(counts, key=lambda each: each.stage) == [
        OpenCount("complaint", "accept", None, None, 2, 0, 1, 0, (0, 0, 0, 0)),
        OpenCount("complaint", "resolve", "P1", "liu.yang", 4, 1, 0, 1, (2, 2, 3, 3)),
    ]
    assert (await store.board.read("another", ALL, TODAY)).open == []


async def test_the_oldest_that_is_nobodys(store: Store, tenant: str) -> None:
    rows = [
        case_of(tenant, received_at=BASE + HOUR),
        case_of(tenant, received_at=BASE + MINUTE, team="north"),
        case_of(tenant, received_at=BASE, assignee="liu.yang"),
        case_of(tenant, received_at=BASE, waits_on="customer"),
        case_of(tenant, received_at=BASE, closed_at=NOON),
    ]
    await write(store, Rows(rows, []))
    for scope, oldest in ((ALL, rows[1]), (Scope(team="complaints"), rows[0])):
        assert (await store.board.read(tenant, scope, TODAY)).oldest_unassigned == oldest
    nobodys = await store.board.read(tenant, Scope(kind="repair", prefix="WX"), TODAY)
    assert nobodys.oldest_unassigned is None


async def test_todays_breaches_with_who_held_them(store: Store, tenant: str) -> None:
    """The newest first; yesterday's and what is still to come are not among them."""
    case, other = case_of(tenant), case_of(tenant, team="north", closed_at=NOON)
    broken = {"state": ClockState.BREACHED, "breach_holder": "liu.yang"}
    clocks = [
        clock_of(case, "response", BASE, **broken, breached_at=BASE),
        clock_of(case, "solution", BASE, **broken, breached_at=BASE - MINUTE),
        clock_of(case, "resolution", BASE),
        clock_of(other, "response", BASE, **broken, breached_at=NOON - MINUTE),
    ]
    await write(store, Rows([case, other], clocks))
    counts = await store.board.read(tenant, ALL, TODAY)
    assert (counts.breached, [(b.clock, b.case) for b in counts.breaches]) == (
        2,
        [(clocks[3], other), (clocks[0], case)],
    )
    north = await store.board.read(tenant, Scope(team="north"), TODAY)
    assert (north.breached, [b.case for b in north.breaches]) == (1, [other])


async def test_many_breaches_are_counted_and_the_newest_are_listed(
    store: Store, tenant: str
) -> None:
    rows = Rows([], [])
    for minutes in range(MOST_BREACHES + 2):
        case = case_of(tenant)
        rows.cases.append(case)
        at = {"state": ClockState.BREACHED, "breached_at": BASE + minutes * MINUTE}
        rows.clocks.append(clock_of(case, "response", BASE, **at))
    await write(store, rows)
    counts = await store.board.read(tenant, ALL, TODAY)
    assert (counts.breached, len(counts.breaches)) == (MOST_BREACHES + 2, MOST_BREACHES)
    assert counts.breaches[0].case == rows.cases[-1]


async def test_unread_messages_are_counted_by_holder(store: Store, tenant: str) -> None:
    mine, nobodys = case_of(tenant, assignee="liu.yang"), case_of(tenant)
    closed = case_of(tenant, assignee="liu.yang", team="north", closed_at=NOON)
    await write(store, Rows([mine, nobodys, closed], []))
    for case, messages in ((mine, 2), (nobodys, 1), (closed, 1)):
        for n in range(messages):
            await store.comments.add(tenant, case.number, SHOP, Visibility.PUBLIC, f"在吗？{n}")
    assert (await store.board.read(tenant, ALL, TODAY)).unread == {"liu.yang": 3}
    north = await store.board.read(tenant, Scope(team="north"), TODAY)
    assert north.unread == {"liu.yang": 1}


async def test_the_hours_of_today(store: Store, tenant: str) -> None:
    rows = [
        case_of(tenant, received_at=BASE, closed_at=BASE + 23 * HOUR),
        case_of(tenant, received_at=BASE + HOUR - MINUTE),
        case_of(tenant, received_at=BASE + 24 * HOUR),
    ]
    await write(store, Rows(rows, []))
    counts = await store.board.read(tenant, ALL, TODAY)
    assert counts.arrived == [2, *[0] * 23]
    assert counts.closed == [*[0] * 23, 1]


async def test_corrupt_rows_are_passed_over(store: Store, tenant: str, url: str) -> None:
    """SQLite keeps anything in any column."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL refuses such values")
    case, other = case_of(tenant, received_at=BASE), case_of(tenant, received_at=NOON)
    broken = {"state": ClockState.BREACHED, "breached_at": BASE}
    clocks = [clock_of(each, "response", BASE, **broken) for each in (case, other)]
    await write(store, Rows([case, other], clocks))
    file, number = Path(url.partition(":///")[2]), case.number
    with corrupted_rows(file, number, "clocks", "started_at = 'x'"):
        counts = await store.board.read(tenant, ALL, TODAY)
        assert [each.case for each in counts.breaches] == [other]
    with corrupted_rows(file, number, "cases", "opened_at = 'x'"):
        counts = await store.board.read(tenant, ALL, TODAY)
        assert counts.oldest_unassigned == other
        assert {each.case and each.case.number for each in counts.breaches} == {None, other.number}
        assert sum(each.open for each in counts.open) == 2


MOMENTS = st.integers(-60, 26 * 60).map(lambda minutes: BASE + minutes * MINUTE)
MAYBE = st.none() | MOMENTS
WHO = st.sampled_from([None, "liu.yang", "wang.fang"])


@st.composite
def drawn_cases(draw: st.DrawFn, tenant: str) -> list[CaseView]:
    """Return some cases of a day, open and closed."""
    return [
        case_of(
            tenant,
            kind=draw(st.sampled_from(sorted(PREFIXES))),
            team=draw(st.sampled_from(["complaints", "north"])),
            stage=draw(st.sampled_from(["accept", "resolve"])),
            priority=draw(st.sampled_from([None, "P1"])),
            assignee=draw(WHO),
            waits_on=draw(st.sampled_from(["staff", "customer"])),
            received_at=draw(MOMENTS),
            closed_at=draw(MAYBE),
            next_due=draw(MAYBE),
            held_until=draw(MAYBE),
        )
        for _ in range(draw(st.integers(0, 10)))
    ]


def one_by_one(cases: Sequence[CaseView]) -> dict[tuple[Any, ...], OpenCount]:
    """Count the open cases, one by one."""
    groups: dict[tuple[Any, ...], list[CaseView]] = {}
    for case in cases:
        if case.closed_at is None:
            key = (case.kind, case.stage, case.priority, case.assignee)
            groups.setdefault(key, []).append(case)

    def due_by(group: Sequence[CaseView], at: datetime) -> int:
        return sum(case.next_due is not None and case.next_due <= at for case in group)

    return {
        key: OpenCount(
            kind=key[0],
            stage=key[1],
            priority=key[2],
            assignee=key[3],
            open=len(group),
            on_hold=sum(case.held_until is not None for case in group),
            unassigned=sum(c.assignee is None and c.waits_on == "staff" for c in group),
            overdue=due_by(group, NOON),
            due=tuple(due_by(group, at) for at in SOON),
        )
        for key, group in groups.items()
    }


def check(counts: BoardCounts, cases: Sequence[CaseView]) -> None:
    keys = [(each.kind, each.stage, each.priority, each.assignee) for each in counts.open]
    assert dict(zip(keys, counts.open, strict=True)) == one_by_one(cases)
    waiting = [
        case
        for case in cases
        if case.closed_at is None and case.assignee is None and case.waits_on == "staff"
    ]
    oldest = min(waiting, key=lambda case: (case.received_at, case.number), default=None)
    assert counts.oldest_unassigned == oldest
    for moment, found in (("received_at", counts.arrived), ("closed_at", counts.closed)):
        moments = (getattr(case, moment) for case in cases)
        by_hour = Counter((at - BASE) // HOUR for at in moments if at is not None)
        assert found == [by_hour[hour] for hour in range(24)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_the_database_counts_as_one_counts_by_hand(store: Store, data: st.DataObject) -> None:
    tenant = f"boards-{next(_fresh)}"
    cases = data.draw(drawn_cases(tenant))
    await write(store, Rows(cases, []))
    for kind in (None, "repair"):
        for team in (None, "north"):
            scope = Scope(kind, team, PREFIXES[kind] if kind else None)
            counts = await store.board.read(tenant, scope, TODAY)
            check(counts, in_scope(Rows(cases, []), scope).cases)
