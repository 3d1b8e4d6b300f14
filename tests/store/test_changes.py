"""The feed of changes: whatever is committed is read once, in whichever order that happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.batches import BatchOutcome, BatchResult
from store import Store
from store.changes import reader as reading
from store.changes.changes import add_change
from store.changes.reader import ChangeReader
from store.changes.records import ChangeName, StoredChange
from store.comments import Visibility
from store.db.clock import utc_now
from tests.store import sample_cases
from tests.store.test_batches import batch
from tests.support.cases import LIU, SHOP

WRITERS, EACH = 8, 25


@pytest.fixture
async def other(url: str, store: Store) -> AsyncIterator[Store]:
    """The store of another process."""
    del store  # it has made the tables
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
async def reader(store: Store) -> ChangeReader:
    """A reader that begins now."""
    made = store.changes.reader()
    await made.begin()
    return made


async def write(store: Store, tenant: str, subject: str, version: int = 0) -> None:
    async with store._sessions.writing() as connection:
        await add_change(connection, tenant, ChangeName.CASE, subject, version=version)


async def of(reader: ChangeReader, tenant: str) -> list[StoredChange]:
    return [each for each in await reader.read() if each.tenant == tenant]


async def names(reader: ChangeReader, tenant: str) -> list[tuple[str, str]]:
    return [(each.name, each.subject) for each in await of(reader, tenant)]


async def test_all_that_pages_show_is_told(store: Store, tenant: str, reader: ChangeReader) -> None:
    case = sample_cases.opened(tenant)
    number, update = case.opening.number, sample_cases.update_after(case)
    await store.recorder.write(update)
    assert [each[2:] for each in await of(reader, tenant)] == [("case", number, 1, None)]
    await store.recorder.write(update)
    assert await of(reader, tenant) == [], "a repetition changes nothing"

    await store.comments.add(tenant, number, LIU, Visibility.INTERNAL, "For us.")
    await store.comments.add(tenant, number, SHOP, Visibility.PUBLIC, "Well?")
    assert await store.comments.mark_read(tenant, number) == 1
    assert await store.comments.mark_read(tenant, number) == 0
    expected = [("note", number), ("comment", number), ("comment", number)]
    assert await names(reader, tenant) == expected

    await store.people.add_staff(tenant, "liu.yang", "刘洋", ["agent"])
    await store.people.change(tenant, "liu.yang", active=False)
    assert await names(reader, tenant) == [("staff", "liu.yang")]

    made = await store.batches.add(batch(tenant, 1), [number])
    (item,) = await store.batch_items.waiting(tenant, made.id, 1)
    for _ in range(2):
        await store.batch_items.record_result(made, item, BatchResult(came=BatchOutcome.DONE))
    await store.batches.end(tenant, made.id, cancelled=False)
    assert await names(reader, tenant) == [("batch", made.id)] * 3


async def test_what_is_rolled_back_is_not_told(
    store: Store, tenant: str, reader: ChangeReader
) -> None:
    async def broken() -> None:
        async with store._sessions.writing() as connection:
            await add_change(connection, tenant, ChangeName.CASE, "lost")
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    await write(store, tenant, "kept")
    assert await names(reader, tenant) == [("case", "kept")]


async def test_many_writers_of_two_processes_lose_none(
    store: Store, other: Store, tenant: str, reader: ChangeReader
) -> None:
    async def writer(number: int) -> None:
        for version in range(EACH):
            await write((store, other)[number % 2], tenant, f"w{number}", version)

    writing = asyncio.gather(*(writer(number) for number in range(WRITERS)))
    read: list[StoredChange] = []
    while not writing.done():
        read += await of(reader, tenant)
        await asyncio.sleep(0)
    await writing
    read += await of(reader, tenant)
    assert len(read) == len({each.id for each in read}) == WRITERS * EACH
    for number in range(WRITERS):
        own = [each.version for each in sorted(read) if each.subject == f"w{number}"]
        assert own == [*range(EACH)]


async def test_one_that_commits_late_is_read_late(
    store: Store, other: Store, tenant: str, reader: ChangeReader, url: str
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    async with store._sessions.writing() as connection:
        await add_change(connection, tenant, ChangeName.CASE, "late")
        await write(other, tenant, "early")
        (early,) = await of(reader, tenant)
        assert (early.subject, reader.settled < early.id - 1) == ("early", True)
        begun = other.changes.reader()
        await begun.begin()
        assert await of(begun, tenant) == []
    (late,) = await of(reader, tenant)
    assert (late.subject, late.id) == ("late", early.id - 1)
    assert await of(begun, tenant) == [late], "it was under way when this one began"
    assert not {late.id, early.id} & {*reader._gaps, *begun._gaps}
    assert await of(reader, tenant) == []


async def test_an_id_that_nobody_got_is_given_up(
    store: Store, tenant: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite gives the id of what was rolled back again")
    monkeypatch.setattr(reading, "GAP_SECONDS", 0.0)
    reader = store.changes.reader()
    await reader.begin()
    sequence = text("SELECT nextval(pg_get_serial_sequence('changes', 'id'))")
    async with store._sessions.writing() as connection:
        await connection.execute(sequence)
    await write(store, tenant, "next")
    assert await names(reader, tenant) == [("case", "next")]
    assert reader.settled == await store.changes.newest()


async def test_who_comes_back_is_told_what_was_missed(store: Store, tenant: str) -> None:
    await write(store, tenant, "before")
    seen = await store.changes.newest()
    await write(store, tenant, "a")
    await write(store, "another", "b")
    await write(store, tenant, "c")
    missed = await store.changes.after(tenant, seen, 10)
    assert missed is not None
    assert [each.subject for each in missed] == ["a", "c"]
    assert await store.changes.after(tenant, await store.changes.newest(), 10) == []
    assert await store.changes.after(tenant, await store.changes.newest() + 1, 10) is None


async def test_what_is_old_is_deleted_and_ids_go_on(store: Store, tenant: str) -> None:
    await write(store, tenant, "old")
    seen = await store.changes.newest() - 1
    await write(store, tenant, "newest")
    last = await store.changes.newest()
    assert await store.changes.prune(utc_now() + timedelta(seconds=1)) > 0
    assert await store.changes.newest() == last
    assert await store.changes.after(tenant, seen, 10) is None, "nobody knows what was missed"
    await write(store, tenant, "following")
    following = await store.changes.after(tenant, last, 10)
    assert following is not None
    assert [each.subject for each in following] == ["following"]
    assert following[0].id > last
