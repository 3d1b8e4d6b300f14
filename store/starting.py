"""Opening the store when a process starts: the database may still be starting too."""

import asyncio
import logging
from datetime import timedelta

from store.errors import StoreDown
from store.store import Store

PAUSE = timedelta(milliseconds=500)

log = logging.getLogger("banjie.store")


async def open_when_up(url: str, patience: timedelta) -> Store:
    """The store, brought up to date; waits up to `patience` for its database.

    Raises:
        StoreDown: it did not answer in time.
        WrongUrl: the address names no database that can be used.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience.total_seconds()
    while True:
        try:
            return await Store.open(url, migrate=True)
        except StoreDown:
            if loop.time() > give_up:
                raise
            log.warning("waiting for the database")
            await asyncio.sleep(PAUSE.total_seconds())
