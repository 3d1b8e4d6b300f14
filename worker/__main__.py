"""`python -m worker`: run the worker until told to stop."""

import asyncio
import logging
import signal
import sys
from datetime import timedelta

from store.errors import StoreDown
from store.starting import open_when_up
from worker.build import build_worker
from worker.settings import WorkerSettings
from workflows.connect import connect
from workflows.leaving import leave

UNAVAILABLE = 5
STARTING = timedelta(seconds=60)

log = logging.getLogger("banjie.worker")


async def serve(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM, then let running activities finish.

    Raises:
        ConnectionError, StoreDown: Temporal or the store did not come up in time.
        CancelledError: told to stop before it served.
    """
    serving, stop = asyncio.Event(), asyncio.Event()
    _listen(serving, stop)
    log.info("starting")
    client = await connect(
        settings.temporal_target,
        settings.temporal_namespace,
        metrics=settings.metrics,
        patience=STARTING,
    )
    store = await open_when_up(settings.database_url, STARTING)
    serving.set()
    async with build_worker(client, store, settings):
        log.info("serving %s", settings.task_queue)
        await stop.wait()
        log.info("stopping")
    await store.close()


def _listen(serving: asyncio.Event, stop: asyncio.Event) -> None:
    """On a signal, let the worker stop, or give up waiting for what it needs."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def told() -> None:
        stop.set()
        if task is not None and not serving.is_set():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told)


def main() -> None:
    """Run, and leave with an exit code that says how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    code = 0
    try:
        asyncio.run(serve(WorkerSettings()))
    except (ConnectionError, StoreDown) as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it; a traceback adds nothing
        code = UNAVAILABLE
    except asyncio.CancelledError:
        log.info("stopped before it served")
    leave(code)


if __name__ == "__main__":
    main()
