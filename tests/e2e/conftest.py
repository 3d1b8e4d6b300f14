"""What end-to-end tests share: the store and the people of the processes of a module."""

from collections.abc import AsyncIterator

import pytest

from store import Store
from tests.support.agents import Agents, agents
from tests.support.process_group import ProcessGroup


@pytest.fixture(scope="module")
async def store(processes: ProcessGroup) -> AsyncIterator[Store]:
    """The store of the module's processes."""
    store = await Store.open(processes.database_url)
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def people(processes: ProcessGroup, store: Store) -> AsyncIterator[Agents]:
    """People who may act there."""
    people = await agents(store, processes.url)
    yield people
    await people.close()
