"""How the database is: its clock, its journal, what waits."""

from datetime import UTC, datetime, timedelta

import pytest

from store import Store
from store.errors import StoreDown
from store.store import open_when_up
from tests.store import sample_cases
from tests.support.temporal import free_port


async def test_its_clock_is_read_in_utc(store: Store) -> None:
    assert abs(await store.health.now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_sqlite_says_how_it_keeps_its_journal(store: Store) -> None:
    assert await store.health.journal() in {"wal", None}


async def test_what_waits_longest_is_found(store: Store, tenant: str) -> None:
    assert await store.health.oldest_pending(tenant) is None
    case = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    assert await store.health.oldest_pending(tenant) == case.entries[0].at


async def test_a_database_that_is_not_there_is_named_without_its_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is tried three times, and told once."""
    url = f"postgresql+asyncpg://banjie:very-secret@127.0.0.1:{free_port()}/cases"
    with pytest.raises(StoreDown):
        await open_when_up(url, timedelta(seconds=1))
    (line,) = [each.getMessage() for each in caplog.records if each.name == "banjie.store"]
    assert "BANJIE_DATABASE_URL" in line
    assert "127.0.0.1" in line
    assert "very-secret" not in caplog.text
