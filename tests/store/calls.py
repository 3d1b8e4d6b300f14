"""A call to each part of the store, to see whether it works."""

from collections.abc import Awaitable, Callable

import pytest

from store import Store
from store.cases.records import CaseFilter
from store.comments import Visibility
from store.errors import StoreDown
from tests.store import samples
from tests.store.samples import start
from tests.support.cases import LIU, new_number

Calls = list[Callable[[Store], Awaitable[object]]]

READS: Calls = [
    lambda store: store.ping(),
    lambda store: store.migrated(),
    lambda store: store.cases.page("t", CaseFilter(), None, 1),
    lambda store: store.keys.find("bj_a_b"),
]
WRITES: Calls = [
    lambda store: store.intake.reserve("t", start(new_number())),
    lambda store: store.recorder.write(samples.news(samples.opened("t"))),
    lambda store: store.comments.add("t", "TS", LIU, Visibility.PUBLIC, "好"),
]
MIGRATE: Calls = [lambda store: store.migrate()]


async def all_fail(store: Store, calls: Calls) -> None:
    for call in calls:
        with pytest.raises(StoreDown, match="does not answer"):
            await call(store)


async def all_work(store: Store) -> None:
    for call in READS + WRITES + MIGRATE:
        await call(store)
