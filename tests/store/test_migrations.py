"""The migrations make the tables that the code believes in, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from domain.engine.case import Case
from domain.engine.messages import Outcome
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from store import Store
from store.all_tables import metadata
from store.cases.records import CaseFilter
from store.db.session import Sessions
from store.errors import StoreDown, WrongUrl
from store.migrations import config, is_current, run_upgrade
from tests.store import sample_cases
from tests.support.cases import LIU, SHOP, WANG, WHOLE_COMPLAINT, ZHOU, request

T = TypeVar("T")


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(empty_url, patience=5)
    yield sessions
    await sessions.close()


async def inside(sessions: Sessions, do: Callable[[Connection], T]) -> T:
    async with sessions.writing() as connection:
        return await connection.run_sync(do)


def differences(connection: Connection) -> Any:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_migrations_make_the_tables_of_the_code(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    assert await inside(empty, tables) == set(metadata.tables)
    assert await inside(empty, differences) == []


async def test_a_difference_would_be_seen(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    await inside(empty, lambda it: it.execute(text("ALTER TABLE teams ADD COLUMN x INTEGER")))
    await inside(empty, lambda it: it.execute(text("DROP INDEX ix_cases_tenant_next_due")))
    found = {difference[0] for difference in await inside(empty, differences)}
    assert found == {"remove_column", "add_index"}


async def test_down_and_up_again(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    await inside(empty, lambda it: command.downgrade(config(it), "base"))
    assert await inside(empty, tables) == set()
    assert not await inside(empty, is_current)
    await inside(empty, run_upgrade)
    assert await inside(empty, differences) == []


async def test_the_inbox_is_filled_from_what_is_there(empty_url: str, empty: Sessions) -> None:
    """A case whose breach raised it, one that somebody damaged, and whose words are wide."""
    await inside(empty, run_upgrade)
    store = await Store.open(empty_url)
    words = {"words": "ＡＢＣ 手机\n坏了"}
    cases = [sample_cases.opened("brand", form=words) for _ in range(2)]
    late = sample_cases.DAWN + timedelta(days=9)
    sample_cases.COMPLAINT.settle(cases[0], late)
    for case in cases:
        await store.recorder.write(sample_cases.update_after(case))
    numbers = [case.opening.number for case in cases]
    before = await store.projection.rows("brand", numbers)
    assert before[numbers[0]]["cases"][()]["escalation_tier"] > 0
    assert [*before[numbers[0]]["case_words"].values()] == [{"words": "abc 手机 坏了"}]
    await inside(empty, lambda it: command.downgrade(config(it), "0015"))
    spoilt = text("UPDATE entries SET form = '{' WHERE entries.tenant = 'brand' AND number = :n")
    await inside(empty, lambda it: it.execute(spoilt, {"n": numbers[1]}))
    await inside(empty, run_upgrade)
    after = await store.projection.rows("brand", numbers)
    assert after[numbers[0]] == before[numbers[0]]
    assert [*after[numbers[1]]["case_words"].values()] == [{"words": ""}]
    assert after[numbers[1]]["cases"][()]["rank"] == cases[1].next_due
    await store.close()


async def test_reports_are_filled_from_what_is_there(empty_url: str, empty: Sessions) -> None:
    """One whose customer was asked and whose clock was broken, and one that was taken back."""
    await inside(empty, run_upgrade)
    store = await Store.open(empty_url)
    numbers = []
    for back in (False, True):
        case = rated_late(taken_back=back)
        numbers.append(case.opening.number)
        await store.recorder.write(sample_cases.update_after(case))
    before = await store.projection.rows("brand", numbers)
    ratings = [before[number]["cases"][()]["nps"] for number in numbers]
    holders = {row["breach_holder"] for row in before[numbers[0]]["clocks"].values()}
    assert (ratings, holders) == ([2, None], {LIU.id, None})
    await inside(empty, lambda it: command.downgrade(config(it), "0018"))
    await inside(empty, run_upgrade)
    assert await store.projection.rows("brand", numbers) == before
    await store.close()


def rated_late(*, taken_back: bool) -> Case:
    """A complaint whose holder broke a promise, and whose customer is not content."""
    case = sample_cases.claimed(sample_cases.classified(sample_cases.opened("brand")))
    sample_cases.COMPLAINT.settle(case, sample_cases.DAWN + timedelta(days=2, hours=1))
    steps = [*WHOLE_COMPLAINT[2:4], (("accept_solution", {}),), WHOLE_COMPLAINT[5]]
    for n, step in enumerate(steps):
        sample_cases.applied(case, request(f"m{n}", *step, actor=SHOP if n == 2 else LIU))
    call = pending_call(sample_cases.COMPLAINT, case)
    assert call is not None
    told = {"message": "note-1", "channel": "sms"}
    sample_cases.applied(case, request("told", (call.done, told), actor=the_world(call.port)))
    until = case.last.seq
    said = {"reached": True, "solved": False, "satisfaction": "dissatisfied", "nps": 2}
    sample_cases.applied(case, request("said", ("follow_up", said), actor=LIU))
    if taken_back:
        back = {"to": until, "reason": "Another case.", "clocks": "go_on"}
        sample_cases.applied(case, request("back", ("rewind", back), actor=ZHOU))
    return case


async def test_a_migration_that_breaks_leaves_nothing(empty: Sessions) -> None:
    def half_way(connection: Connection) -> None:
        run_upgrade(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await inside(empty, half_way)
    assert await inside(empty, tables) == set()


async def test_a_newer_database_is_left_alone(empty_url: str, empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    newer = text("UPDATE alembic_version SET version_num = 'newer'")
    await inside(empty, lambda it: it.execute(newer))
    store = await Store.open(empty_url, migrate=True)
    assert await store.migrated()
    await store.close()


async def test_two_that_begin_at_once_both_end_well(empty_url: str, tmp_path: Path) -> None:
    """On one database and on two: what Alembic keeps in its modules is there once."""
    urls = [empty_url, empty_url, f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"]

    async def ready(url: str) -> bool:
        store = await Store.open(url, migrate=True)
        try:
            return await store.migrated()
        finally:
            await store.close()

    async def all_ready() -> list[bool]:
        return await asyncio.gather(*map(ready, urls))

    beside = asyncio.to_thread(asyncio.run, all_ready())
    here, there = await asyncio.gather(all_ready(), beside)
    assert all(here + there)


async def test_a_database_without_tables_is_down_until_it_is_migrated(empty_url: str) -> None:
    store = await Store.open(empty_url)
    assert not await store.migrated()
    with pytest.raises(StoreDown):
        await store.cases.page("default", CaseFilter(), None, 1)
    await store.migrate()
    assert (await store.cases.page("default", CaseFilter(), None, 1)).items == ()
    await store.close()


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysql+asyncmy://host/db",
        "sqlite:///x.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
    ],
)
async def test_an_address_that_cannot_be_used(address: str) -> None:
    with pytest.raises(WrongUrl):
        await Store.open(address)


async def test_merged_cases_are_filled_from_what_is_there(empty_url: str, empty: Sessions) -> None:
    """One that was merged twice, the second time into another; one taken back; one damaged."""
    await inside(empty, run_upgrade)
    store = await Store.open(empty_url)
    made = [merged_into("A"), merged_into("A"), merged_into("A", "B"), merged_into("A", None)]
    numbers = [case.opening.number for case in made]
    for case in made:
        await store.recorder.write(sample_cases.update_after(case))
    before = await store.projection.rows("brand", numbers)
    columns = [before[number]["cases"][()]["merged_into"] for number in numbers]
    assert columns == ["TSA", "TSA", "TSB", None]
    await inside(empty, lambda it: command.downgrade(config(it), "0026"))
    spoilt = text(
        "UPDATE entries SET form = '[]' "
        "WHERE entries.tenant = 'brand' AND number = :n AND type = 'merged'"
    )
    await inside(empty, lambda it: it.execute(spoilt, {"n": numbers[1]}))
    await inside(empty, run_upgrade)
    after = await store.projection.rows("brand", numbers)
    for place in (0, 2, 3):
        assert after[numbers[place]] == before[numbers[place]]
    assert after[numbers[1]]["cases"][()]["merged_into"] is None
    await store.close()


def merged_into(*others: str | None) -> Case:
    """A complaint that was merged into these, one after the other; None takes it back."""
    case = sample_cases.classified(sample_cases.opened("brand"))
    into = [*others]
    for n, other in enumerate(into):
        if case.merged_into is not None:
            asked(case, f"b{n}", ("unmerge", {"reason": "no"}))
        if other is not None:
            asked(case, f"m{n}", ("merge_into", {"into": f"TS{other}", "reason": "same"}))
    return case


def asked(case: Case, id: str, command: tuple[str, dict[str, str]]) -> None:
    """Ask the other case, which does what it is asked."""
    sample_cases.applied(case, request(id, command, actor=WANG))
    call = pending_call(sample_cases.COMPLAINT, case)
    assert call is not None
    sample_cases.COMPLAINT.apply_outcome(case, call, Outcome(step=call.done), case.last.at)
