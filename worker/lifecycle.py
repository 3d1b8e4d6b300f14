"""How a worker gets its store: at once, or, while the database is down, as soon as it is back."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from store import Store
from store.errors import StoreDown

BETWEEN, LONGER = 2.0, 30.0

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
    behind = None
    try:
        if not await _migrated(store):
            behind = asyncio.create_task(_migrate(store))
        yield store
    finally:
        if behind is not None:
            behind.cancel()
        await store.close()


async def _migrate(store: Store) -> None:
    done = False
    while not done:
        await asyncio.sleep(BETWEEN)
        try:
            done = await _migrated(store)
        except Exception:
            # Rights that are missing, say. Nobody awaits this task, so it is told here; a person
            # mends it, and the worker need not be started anew for that.
            log.exception("The store cannot be brought up to date; nothing is recorded until then.")
            await asyncio.sleep(LONGER)


async def _migrated(store: Store) -> bool:
    try:
        await store.migrate()
    except StoreDown as error:
        log.warning("%s What is done now is recorded later.", error)
        return False
    return True


class Stop:
    """SIGINT and SIGTERM. Before `wait` they cancel the task that is still starting up."""

    def __init__(self) -> None:
        self._told, self._waiting = asyncio.Event(), False
        self._starting = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._tell)

    async def wait(self, *needed: "asyncio.Task[None]") -> None:
        """Come back when told to stop, or when something that is needed has ended by itself."""
        self._waiting = True
        stopped = asyncio.create_task(self._told.wait())
        try:
            await asyncio.wait({stopped, *needed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()

    def _tell(self) -> None:
        self._told.set()
        if self._starting is not None and not self._waiting:
            self._starting.cancel()
