"""How SQLite, which knows no sizes, finds rows: by a key, or in the order of a list."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store import Store
from store.cases.records import CaseFilter, TaskFilter
from store.customers.records import CustomerInput
from tests.store.conftest import sqlite_url
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
        if statement.startswith("SELECT"):
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
