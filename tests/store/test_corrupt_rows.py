"""Rows that somebody spoilt: the others are handed out, and each spoilt one is named."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from domain.read_models.projection import CaseView, TaskView
from store import Store
from store.cases.records import CaseFilter, TaskFilter
from store.db.pages import Cursor, Page
from store.errors import CorruptRow
from tests.store import sample_cases
from tests.store.conftest import sqlite_url
from tests.support.cases import new_number

N = 9
ROWS = {
    "a moment that is none": "received_at = 'soon'",
    "no JSON in its place": "closed_at = '{'",
    "a number that is none": "etag = 'x'",
    "one beyond all bounds": "last_seq = 'nine'",
}


@pytest.fixture(scope="module")
async def lax(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """SQLite, which keeps whatever it is given."""
    opened = await Store.open(sqlite_url(tmp_path_factory.mktemp("lax")), migrate=True)
    yield opened
    await opened.close()


async def spoil(store: Store, tenant: str, number: str, table: str, how: str) -> None:
    async with store.cases._sessions.writing() as connection:
        statement = f"UPDATE {table} SET {how} WHERE {table}.tenant = :t AND number = :n"  # noqa: S608
        assert (await connection.execute(text(statement), {"t": tenant, "n": number})).rowcount


async def filled(store: Store, tenant: str, n: int = N) -> list[str]:
    """Complaints that wait for staff; their numbers, the newest first."""
    numbers = [new_number() for _ in range(n)]
    for place, number in enumerate(numbers):
        received = sample_cases.DAWN + place * sample_cases.MINUTE
        await store.recorder.write(
            sample_cases.update_after(sample_cases.opened(tenant, received, number))
        )
    return numbers[::-1]


async def pages(store: Store, tenant: str, what: str, limit: int) -> tuple[list[str], set[str]]:
    """All that a walk finds, and all that it says to have left out."""
    found: list[str] = []
    spoilt: set[str] = set()
    after: Cursor | None = None
    while True:
        page: Page[CaseView] | Page[TaskView]
        if what == "cases":
            page = await store.cases.page(tenant, CaseFilter(), after, limit)
        else:
            page = await store.tasks.page(tenant, TaskFilter(), after, limit)
        found += [each.number for each in page.items]
        spoilt |= set(page.corrupt)
        assert len(page.items) <= limit
        if page.next is None:
            return found, spoilt
        after = page.next


@pytest.mark.parametrize("how", ROWS)
async def test_a_spoilt_case_is_named_and_the_others_are_there(
    lax: Store, tenant: str, how: str
) -> None:
    numbers = await filled(lax, tenant)
    for number in numbers[3:5]:
        await spoil(lax, tenant, number, "cases", ROWS[how])
        with pytest.raises(CorruptRow, match=number):
            await lax.cases.get(tenant, number)
    for limit in (1, 2, N):
        found, spoilt = await pages(lax, tenant, "cases", limit)
        assert (found, spoilt) == (numbers[:3] + numbers[5:], set(numbers[3:5]))


async def test_bytes_that_are_no_text_are_shown_as_such(lax: Store, tenant: str) -> None:
    numbers = await filled(lax, tenant, 2)
    await spoil(lax, tenant, numbers[0], "cases", "team = CAST(x'ff6f' AS TEXT)")
    page = await lax.cases.page(tenant, CaseFilter(), None, N)
    assert [each.number for each in page.items] == numbers
    assert page.items[0].team == "\\xffo"


async def test_nothing_but_spoilt_rows_is_an_empty_page(lax: Store, tenant: str) -> None:
    numbers = await filled(lax, tenant, 3)
    for number in numbers:
        await spoil(lax, tenant, number, "cases", "since = ''")
    page = await lax.cases.page(tenant, CaseFilter(), None, 1)
    assert (page.items, page.next, set(page.corrupt)) == ((), None, set(numbers))


async def test_a_spoilt_task_is_named_on_either_database(store: Store, tenant: str) -> None:
    numbers = await filled(store, tenant)
    await spoil(store, tenant, numbers[1], "tasks", "steps = '{'")
    found, spoilt = await pages(store, tenant, "tasks", 2)
    assert (set(found), spoilt) == (set(numbers) - {numbers[1]}, {numbers[1]})
    with pytest.raises(CorruptRow, match="tasks"):
        await store.tasks.of(tenant, numbers[1])


@pytest.mark.parametrize(("table", "how"), [("clocks", "rungs = '['"), ("entries", "form = '{'")])
async def test_so_are_clocks_and_entries(store: Store, tenant: str, table: str, how: str) -> None:
    (number,) = await filled(store, tenant, 1)
    read: Any = {"clocks": store.clocks.of, "entries": store.entries.of}[table]
    assert await read(tenant, number)
    await spoil(store, tenant, number, table, how)
    with pytest.raises(CorruptRow, match=f"{number} in the table {table}"):
        await read(tenant, number)


async def test_words_that_cannot_be_read_are_left_out(store: Store, tenant: str) -> None:
    numbers = await filled(store, tenant, 2)
    assert set(await store.entries.opening_words(tenant, numbers)) == set(numbers)
    await spoil(store, tenant, numbers[0], "entries", "form = '[1]'")
    assert set(await store.entries.opening_words(tenant, numbers)) == {numbers[1]}
