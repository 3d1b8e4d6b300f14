"""How a worker gets its store: at once, or, while the database is down, as soon as it is back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from store import Store
from store.errors import StoreDown

FIRST, BETWEEN = 15.0, 2.0

log = logging.getLogger("banjie.worker")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store, brought up to date; when it does not answer, that goes on behind.

    A worker that starts meanwhile must serve: steps are taken without the store, and are recorded
    when it is back.

    Raises:
        WrongUrl
    """
    store = await Store.open(url)
    migrating = asyncio.create_task(_migrate(store))
    try:
        await asyncio.wait({migrating}, timeout=FIRST)
        if migrating.done():
            migrating.result()
        yield store
    finally:
        migrating.cancel()
        await store.close()


async def _migrate(store: Store) -> None:
    while True:
        try:
            await store.migrate()
        except StoreDown as error:
            log.warning("%s What is done now is recorded later.", error)
            await asyncio.sleep(BETWEEN)
        else:
            return
