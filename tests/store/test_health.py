"""How the database is: its clock, its journal, what waits."""

from datetime import UTC, datetime, timedelta

from store import Store
from tests.store import sample_cases


async def test_its_clock_is_read_in_utc(store: Store) -> None:
    assert abs(await store.health.now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_sqlite_says_how_it_keeps_its_journal(store: Store) -> None:
    assert await store.health.journal() in {"wal", None}


async def test_what_waits_longest_is_found(store: Store, tenant: str) -> None:
    assert await store.health.oldest_pending(tenant) is None
    case = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    assert await store.health.oldest_pending(tenant) == case.entries[0].at
