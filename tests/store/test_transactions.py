"""A transaction is whole or nothing, also when the task that does it is cancelled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import QueuePool

from store import Store
from store.db.session import Sessions
from store.people.tables import teams
from tests.store import sample_cases

WAIT = 5.0


@pytest.fixture
async def sessions(url: str) -> AsyncIterator[Sessions]:
    opened = Sessions(url, patience=WAIT)
    yield opened
    assert in_use(opened) == 0
    await opened.close()


def in_use(sessions: Sessions) -> int:
    return cast(QueuePool, sessions.engine.sync_engine.pool).checkedout()


async def names(sessions: Sessions, tenant: str) -> list[str]:
    async with sessions.reading() as connection:
        wanted = select(teams.c.id).where(teams.c.tenant == tenant).order_by(teams.c.id)
        return list((await connection.execute(wanted)).scalars())


async def add(sessions: Sessions, tenant: str, id: str) -> None:
    async with sessions.writing() as connection:
        await connection.execute(insert(teams).values(tenant=tenant, id=id, name=id))


async def test_an_error_undoes_all(sessions: Sessions, tenant: str) -> None:
    async def slip() -> None:
        async with sessions.writing() as connection:
            await connection.execute(insert(teams).values(tenant=tenant, id="a", name="a"))
            raise LookupError

    with pytest.raises(LookupError):
        await slip()
    await add(sessions, tenant, "b")
    assert await names(sessions, tenant) == ["b"]


async def test_a_writer_cancelled_in_the_middle_leaves_nothing(
    sessions: Sessions, tenant: str
) -> None:
    written = asyncio.Event()

    async def hold() -> None:
        async with sessions.writing() as connection:
            await connection.execute(insert(teams).values(tenant=tenant, id="a", name="a"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(WAIT / 2):
        await add(sessions, tenant, "b")
    assert await names(sessions, tenant) == ["b"]


async def test_writers_cancelled_at_any_moment_leave_no_transaction_open(
    url: str, tenant: str
) -> None:
    store = await Store.open(url, patience=WAIT)
    await store.ping()
    done = 0
    for turns in (*range(0, 40, 3), *range(40, 400, 16)):
        case = sample_cases.claimed(sample_cases.classified(sample_cases.opened(tenant)))
        task = asyncio.create_task(store.recorder.write(sample_cases.update_after(case)))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        row = await store.cases.get(tenant, case.opening.number)
        history = await store.entries.of(tenant, case.opening.number)
        assert history == (case.entries if row else [])
        done += 2 if row else 1
        async with asyncio.timeout(WAIT / 2):
            await store.recorder.write(sample_cases.update_after(sample_cases.opened(tenant)))
    assert len(await store.cases.all_numbers(tenant, None, 1000)) == done
    assert in_use(store._sessions) == 0
    await store.close()


async def test_a_reader_sees_one_moment(sessions: Sessions, tenant: str) -> None:
    wanted = select(teams.c.id).where(teams.c.tenant == tenant)
    async with sessions.reading() as connection:
        before = (await connection.execute(wanted)).all()
        await add(sessions, tenant, "a")
        assert (await connection.execute(wanted)).all() == before == []
    assert await names(sessions, tenant) == ["a"]


async def test_writers_wait_for_each_other(sessions: Sessions, tenant: str) -> None:
    """Reading first and writing later in many transactions at once loses nothing."""

    async def add_one() -> None:
        async with sessions.writing() as connection:
            wanted = select(teams.c.name).where(teams.c.tenant == tenant, teams.c.id == "n")
            read = await connection.scalar(wanted.with_for_update())
            await connection.execute(
                teams.update()
                .where(teams.c.tenant == tenant, teams.c.id == "n")
                .values(name=str(int(read or 0) + 1))
            )

    async with sessions.writing() as connection:
        await connection.execute(insert(teams).values(tenant=tenant, id="n", name="0"))
    await asyncio.gather(*(add_one() for _ in range(50)))
    async with sessions.reading() as connection:
        wanted = select(teams.c.name).where(teams.c.tenant == tenant, teams.c.id == "n")
        assert await connection.scalar(wanted) == "50"


async def test_a_time_without_a_zone_is_refused(store: Store, tenant: str) -> None:
    batch = sample_cases.update_after(sample_cases.opened(tenant))
    naive: Any = sample_cases.DAWN.replace(tzinfo=None)
    wrong = batch.model_copy(update={"case": batch.case.model_copy(update={"since": naive})})
    with pytest.raises(StatementError, match="has no zone"):
        await store.recorder.write(wrong)
