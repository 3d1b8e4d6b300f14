"""How a process of the worker package starts and stops: its store, its signals, its side tasks."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress

from runtime.settings import WrongSetting
from store import Store
from store.audit.configuration import Configured, note_configuration
from store.errors import StoreDown, StoreError, StoreRefused

RETRY_SECONDS, RETRY_SECONDS_AFTER_ERROR = 2.0, 30.0

log = logging.getLogger("banjie.worker")


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """Yield the store, migrated; while its database is down, migrating is tried in the background.

    A worker that starts meanwhile must serve: steps are taken without the store, and are recorded
    when it is back.

    Raises:
        WrongUrl
        StoreRefused, MigrationFailed: the database answers, and a person must mend something.
    """
    store = await Store.open(url)
    try:
        if await _migrated(store):
            yield store
        else:
            async with in_background(_migrate(store)):
                yield store
    finally:
        await store.close()


async def _migrate(store: Store) -> None:
    done = False
    while not done:
        await asyncio.sleep(RETRY_SECONDS)
        try:
            done = await _migrated(store)
        except WrongSetting as error:
            # Nobody awaits this task, so it is logged here; a person mends it, and the worker need
            # not be restarted for that.
            log.error("%s; nothing is recorded until then.", error)  # noqa: TRY400 — it says it
            await asyncio.sleep(RETRY_SECONDS_AFTER_ERROR)


async def _migrated(store: Store) -> bool:
    try:
        await store.migrate()
    except StoreRefused:
        raise
    except StoreDown as error:
        log.warning("%s What is done now is recorded later.", error)
        return False
    return True


@asynccontextmanager
async def in_background(work: Coroutine[None, None, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """Yield a task that runs beside the caller's work, and is cancelled at its end."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def note_configuration_when_up(
    store: Store, what: Configured, facts: Mapping[str, str]
) -> None:
    """Write down what this process is set to, as soon as the store answers."""
    while True:
        try:
            await note_configuration(store.audit_log, what, facts)
        except StoreDown:
            await asyncio.sleep(RETRY_SECONDS)
        except StoreError as error:
            log.warning("what this process is set to could not be written down (%s)", error)
            return
        else:
            return


class StopSignal:
    """SIGINT and SIGTERM. Before `wait` they cancel the task that is still starting up."""

    def __init__(self) -> None:
        self._received, self._waiting = asyncio.Event(), False
        self._starting = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._receive)

    async def wait(self, *needed: "asyncio.Task[None]") -> None:
        """Return when a signal was received, or when a task that is needed has ended by itself."""
        self._waiting = True
        received = asyncio.create_task(self._received.wait())
        try:
            await asyncio.wait({received, *needed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            received.cancel()

    def _receive(self) -> None:
        self._received.set()
        if self._starting is not None and not self._waiting:
            self._starting.cancel()
