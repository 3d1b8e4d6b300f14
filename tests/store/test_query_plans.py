"""How SQLite, which knows no sizes, finds rows: by a key, or in the order of a list."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store import Store
from store.cases.inbox import parts_of
from store.cases.records import CaseFilter, InboxFilter, Reach, TaskFilter
from store.customers.records import CustomerInput
from store.reports.records import BoardMoments, Scope, Split
from tests.store.conftest import sqlite_url
from tests.store.report_rows import BASE, hours
from tests.store.sample_cases import DAWN, opened, reservation, updates
from tests.store.test_customers import HOME, PHONE

TENANT_ONLY = re.compile(r"(SCAN (?!\d+ CONSTANT|CONSTANT)|\(tenant=\?\)$)")
Sent = list[tuple[str, Any]]

OF_ONE = (
    CaseFilter(source="shop"),
    CaseFilter(customer="cu-1"),
    CaseFilter(external_ref="order-1"),
    CaseFilter(parent="TS1"),
)


@contextmanager
def statements(store: Store) -> Iterator[Sent]:
    """What is sent meanwhile, with its values."""
    sent: Sent = []

    def before(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, _many: bool) -> None:
        if statement.startswith(("SELECT", "WITH")):
            sent.append((statement, values))

    engine = store._sessions.engine.sync_engine
    event.listen(engine, "before_cursor_execute", before)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", before)


async def whole_tenants(store: Store, sent: Sent) -> list[str]:
    """The parts of the plans that read all rows of a tenant, or of everybody."""
    found = []
    async with store._sessions.reading() as connection:
        for statement, values in sent:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            found += [step for *_, step in plan if TENANT_ONLY.search(step)]
    return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """On SQLite only: PostgreSQL plans by the sizes it knows."""
    opened = await Store.open(sqlite_url(tmp_path), migrate=True)
    yield opened
    await opened.close()


async def test_a_start_and_a_case_page_find_all_by_key(store: Store, tenant: str) -> None:
    given = CustomerInput(name="王小明", contacts=(PHONE, HOME))
    with statements(store) as sent:
        reserved = await store.intake.reserve(
            tenant, reservation(("shop", "1"), now=DAWN, customer=given)
        )
        for batch in updates(opened(tenant, number=reserved.number, customer=reserved.customer)):
            await store.recorder.write(batch)
        await store.cases.get(tenant, reserved.number)
        await store.entries.of(tenant, reserved.number)
        await store.clocks.of(tenant, reserved.number)
        await store.tasks.of(tenant, reserved.number)
        await store.outbox.of(tenant, reserved.number)
        await store.customers.get(tenant, str(reserved.customer))
        await store.customers.get(tenant, str(reserved.customer), "shop")
        unreachable = await store.intake.reserve(
            tenant, reservation(("shop", "2"), now=DAWN, customer=CustomerInput(name="李雷"))
        )
        await store.customers.get(tenant, str(unreachable.customer))
    assert len(sent) >= 10
    assert await whole_tenants(store, sent) == []


async def test_a_list_is_read_in_the_order_of_an_index(store: Store, tenant: str) -> None:
    with statements(store) as sent:
        await store.cases.page(tenant, CaseFilter(), None, 50)
        for which in OF_ONE:
            await store.cases.page(tenant, which, None, 50)
        await store.tasks.page(tenant, TaskFilter(), None, 50)
        await store.tasks.page(tenant, TaskFilter(teams=("complaints",)), None, 50)
    assert len(sent) == 7
    async with store._sessions.reading() as connection:
        for statement, values in sent:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [step for *_, step in plan]
            steps = [step for step in steps if step != "SCAN CONSTANT ROW"]
            assert not [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]
            of_one = re.search(r"cases\.(customer|external_ref|parent|source) = ", statement)
            assert not of_one or f"{of_one[1]}=?" in steps[0]


async def test_what_is_on_hold_is_found_without_reading_the_rest(store: Store, tenant: str) -> None:
    with statements(store) as sent:
        await store.cases.page(tenant, CaseFilter(on_hold=True, kind="complaint"), None, 50)
    (statement, values) = sent[-1]
    async with store._sessions.reading() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [step for *_, step in plan]
    assert ["ix_cases_on_hold" in step for step in steps] == [True], steps


OF_OPEN = re.compile(
    r"COVERING INDEX ix_cases_(open|board)|ix_cases_heard_closed|"
    r"ix_cases_open \(tenant=\? AND rank|autoindex"
)
OPEN: dict[str, Any] = {"open": True}
IN_HAND: dict[str, Any] = {"in_hand": True}
INBOX = {
    "all": InboxFilter(**OPEN),
    "mine": InboxFilter(**IN_HAND, to_do=True, assignee="liu.yang"),
    "teams": InboxFilter(**IN_HAND, to_do=True, teams=("complaints", "repairs")),
    "unassigned": InboxFilter(**IN_HAND, to_do=True, unassigned=True, roles=("agent", "lead")),
    "escalated": InboxFilter(**OPEN, escalated=True),
    "due": InboxFilter(**OPEN, due_within=timedelta(minutes=15)),
    "on hold": InboxFilter(**OPEN, on_hold=True),
    "waiting": InboxFilter(**OPEN, waits_on="customer"),
    "a kind": InboxFilter(**OPEN, kind="complaint", stage="resolve", state="proposed"),
    "received": InboxFilter(**OPEN, received_from=DAWN, received_to=DAWN + timedelta(days=1)),
}
REACH = Reach("mei", frozenset({("repair", "dispatched"), ("repair", "quoting")}))


async def plan(store: Store, statement: str, values: Any) -> list[str]:
    async with store._sessions.reading() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return [step for *_, step in rows]


@pytest.mark.parametrize("name", INBOX)
async def test_the_inbox_reads_open_cases_in_their_order(
    store: Store, tenant: str, name: str
) -> None:
    for reach in (None, REACH):
        with statements(store) as sent:
            await store.inbox.page(
                tenant, [INBOX[name]], ("2026-03-02T08:00:00+00:00", "TS"), 50, reach
            )
        indexes = ["ix_cases_open", "ix_cases_heard_closed"][: len(parts_of([INBOX[name]]))]
        for (statement, values), index in zip(sent, indexes, strict=True):
            steps = await plan(store, statement, values)
            assert f"USING INDEX {index}" in steps[0], steps
            assert not [step for step in steps if "TEMP B-TREE" in step or "SCAN cases" in step]


async def test_what_waits_for_assignment_is_read_in_its_order(store: Store, tenant: str) -> None:
    """Neither all that is open is read for a page of it, nor all open tasks for theirs."""
    for update in updates(opened(tenant)):
        await store.recorder.write(update)
        break
    after = ("2026-01-01T00:00:00+00:00", "TS")
    with statements(store) as sent:
        assert await store.assignments.waiting(tenant, {"2026-1": ["complaints"]}, after, 50)
    (cases, values), of_tasks = sent
    steps = await plan(store, cases, values)
    assert "ix_cases_open_assignee (tenant=? AND assignee=? AND (rank,number)>" in steps[0]
    assert not [step for step in steps if "TEMP B-TREE" in step or "SCAN" in step]
    (step, *_) = await plan(store, *of_tasks)
    assert "(tenant=? AND number=?)" in step


STANDARD = ("all", "mine", "teams", "unassigned", "escalated", "due", "on hold", "waiting")


async def test_standard_views_are_counted_at_once_without_reading_rows(
    store: Store, tenant: str
) -> None:
    with statements(store) as sent:
        await store.inbox.count(tenant, [[INBOX[name]] for name in STANDARD])
    ((statement, values),) = sent
    steps = await plan(store, statement, values)
    of_cases = [step for step in steps if re.search(r"S\w+ cases", step)]
    assert len(of_cases) == sum(len(parts_of([INBOX[name]])) for name in STANDARD)
    assert [step for step in of_cases if not OF_OPEN.search(step)] == []


async def test_what_is_due_is_counted_by_its_index_alone(store: Store, tenant: str) -> None:
    """Of the table no column is read: a plan says "covering" only of other queries."""
    with statements(store) as sent:
        await store.inbox.count(tenant, [[INBOX["due"]]])
    ((statement, values),) = sent
    async with store._sessions.reading() as connection:
        root = (
            await connection.exec_driver_sql(
                "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'cases'"
            )
        ).scalar_one()
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        steps = [(row.opcode, row.p1, row.p2) for row in rows]
    opened = [p1 for opcode, p1, p2 in steps if (opcode, p2) == ("OpenRead", root)]
    assert opened
    assert not [p1 for opcode, p1, _ in steps if opcode == "Column" and p1 in opened]


async def test_no_view_is_counted_among_all_cases(store: Store, tenant: str) -> None:
    for reach in (None, REACH):
        with statements(store) as sent:
            await store.inbox.count(tenant, [[each] for each in INBOX.values()], reach)
        ((statement, values),) = sent
        steps = await plan(store, statement, values)
        of_cases = [step for step in steps if re.search(r"S\w+ cases", step)]
        assert len(of_cases) == sum(len(parts_of([each])) for each in INBOX.values())
        assert not [step for step in of_cases if TENANT_ONLY.search(step) and "open" not in step
                    and "heard_closed" not in step]  # fmt: skip


async def test_cases_with_unread_messages_are_found_from_the_messages(
    store: Store, tenant: str
) -> None:
    with statements(store) as sent:
        await store.inbox.page(tenant, [InboxFilter(unread=True)], None, 50)
        await store.inbox.count(tenant, [[InboxFilter(unread=True)]])
    for statement, values in sent:
        steps = await plan(store, statement, values)
        assert not [step for step in steps if TENANT_ONLY.search(step) and "comments" not in step]
        assert [step for step in steps if "ix_comments_unread" in step], steps


async def test_measures_are_found_without_reading_other_cases(store: Store, tenant: str) -> None:
    with statements(store) as sent:
        await store.cases.with_measures(tenant, None, 10)
        await store.cases.with_measures(tenant, date(2026, 3, 1), 10)
        await store.entries.of_measures(tenant, ["TS1", "TS2"], ["record_measure"])
        await store.entries.taken_back(tenant, ["TS1", "TS2"])
    *cases, measures, back = [await plan(store, statement, values) for statement, values in sent]
    assert all([step for step in each if "ix_cases_measures" in step] for each in cases), cases
    assert not [step for step in (*measures, *back) if TENANT_ONLY.search(step)], measures


async def test_a_line_of_the_inbox_is_read_by_keys(store: Store, tenant: str) -> None:
    for batch in updates(opened(tenant)):
        await store.recorder.write(batch)
    with statements(store) as sent:
        await store.inbox.page(tenant, [InboxFilter(open=True)], None, 50)
    assert len(sent) == 5
    assert await whole_tenants(store, sent[1:]) == []


async def test_searches_use_their_indexes(store: Store, tenant: str) -> None:
    with statements(store) as sent:
        await store.case_search.by_words(tenant, ["屏", "坏"], None, 10, ending="1234")
        cursor = (DAWN.isoformat(), "TS")
        await store.case_search.by_words(tenant, ["屏"], cursor, 10)
        await store.case_search.by_reference(tenant, ["a", "b"], 10)
        await store.case_search.of_customers(tenant, ["cu-1"], 10)
        await store.customers.exactly(tenant, "王小明", 10)
    plans = [(statement, await plan(store, statement, values)) for statement, values in sent]
    of_words = [steps for statement, steps in plans if "FROM case_words" in statement]
    assert len(of_words) == 3
    for steps in of_words:
        assert [s for s in steps if "PRIMARY KEY" in s] == steps, steps
    for statement, steps in plans:
        if "FROM case_words" not in statement:
            assert all("=? AND" in step for step in steps if "SEARCH" in step), steps
            assert not [step for step in steps if "SCAN" in step], steps


async def test_what_open_pages_ask_again_and_again(store: Store) -> None:
    """The feed is read by its id, also for ids that were skipped; what is due, by its status."""
    reader = store.changes.reader()
    await reader.begin()
    reader._gaps = {1: float("inf"), 2: float("inf")}
    with statements(store) as sent:
        await reader.read()
        await store.changes.newest()
        await store.changes.after("default", 7, 10)
        await store.scheduled_messages.tenants()
        await store.scheduled_messages.of_case("default", "TS1")
        await store.scheduled_messages.of_author("default", "liu.yang")
        await store.drafts.of("default", "liu.yang")
        await store.presence.at("default", "TS1")
        await store.cases.some("default", ["TS1", "TS2"])
    assert sent
    assert await whole_tenants(store, sent) == []


async def test_reports_read_nothing_but_indexes(store: Store, tenant: str) -> None:
    """Each by its own, in the order of time, and not a row of the table itself."""
    spans, charts = hours(400), store.charts
    scopes = (Scope(), Scope("repair", None, "WX"))
    with statements(store) as sent:
        for scope in scopes:
            for split in (None, *Split):
                await charts.arrived(tenant, spans, scope, split)
                await charts.closed(tenant, spans, scope, split)
                await charts.ratings(tenant, spans, scope, split)
            for split in (None, Split.KIND):
                await charts.met(tenant, spans, scope, ["response", "resolution"], split)
                await charts.breached(tenant, spans, scope, split)
                await charts.durations(tenant, spans, scope, "response", split)
    assert len(sent) == 30
    async with store._sessions.reading() as connection:
        for statement, values in sent:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            searches = [step for *_, step in plan if step.startswith("SEARCH")]
            (search,) = searches
            assert "USING COVERING INDEX" in search, statement
            assert re.search(r"_at>\? AND \w+_at<\?", search), search


async def test_the_board_reads_indexes_of_what_is_open_or_broken(store: Store, tenant: str) -> None:
    moments = BoardMoments(BASE, (BASE,), tuple(hours(24)))
    for scope in (Scope(), Scope("repair", "north", "WX")):
        with statements(store) as sent:
            await store.board.read(tenant, scope, moments)
        read_first = []
        async with store._sessions.reading() as connection:
            for statement, values in sent:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                search = next(step for *_, step in plan if step.startswith("SEARCH"))
                read_first.append(re.sub(r".*INDEX (\w+).*", r"\1", search))
        assert read_first == [
            "ix_cases_arrivals",
            "ix_cases_closed",
            "ix_cases_board",
            "ix_cases_unassigned",
            "ix_clocks_breached",
            "ix_clocks_breached",
            "sqlite_autoindex_cases_1",
            "ix_comments_unread",
        ]
