"""Operations on each part of the store, to see whether the database answers."""

import asyncio
from collections.abc import Awaitable, Callable

from store import Store
from store.cases.records import CaseFilter
from store.comments import Visibility
from store.errors import StoreDown
from tests.store import sample_cases
from tests.store.sample_cases import reservation
from tests.support.cases import LIU, new_number

Operations = list[Callable[[Store], Awaitable[object]]]

READS: Operations = [
    lambda store: store.ping(),
    lambda store: store.migrated(),
    lambda store: store.cases.page("t", CaseFilter(), None, 1),
    lambda store: store.keys.find("bj_a_b"),
]
WRITES: Operations = [
    lambda store: store.intake.reserve("t", reservation(new_number())),
    lambda store: store.recorder.write(sample_cases.update_after(sample_cases.opened("t"))),
    lambda store: store.comments.add("t", "TS", LIU, Visibility.PUBLIC, "好"),
]
MIGRATE: Operations = [lambda store: store.migrate()]


async def all_fail(store: Store, operations: Operations) -> None:
    results = await asyncio.gather(
        *(operation(store) for operation in operations), return_exceptions=True
    )
    for result in results:
        assert isinstance(result, StoreDown), result
        assert "does not answer" in str(result)


async def all_work(store: Store) -> None:
    for operation in READS + WRITES + MIGRATE:
        await operation(store)
