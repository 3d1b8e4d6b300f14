"""`python -m worker`: run the worker until told to stop."""

import asyncio
import logging
import signal
import sys

from store import Store
from worker.build import build_worker
from worker.settings import WorkerSettings
from workflows.connect import connect
from workflows.leaving import leave

log = logging.getLogger("banjie.worker")


async def serve(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM, then let running activities finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    client = await connect(
        settings.temporal_target, settings.temporal_namespace, metrics=settings.metrics
    )
    store = await Store.open(settings.database_url, migrate=True)
    async with build_worker(client, store, settings):
        log.info("serving %s", settings.task_queue)
        await stop.wait()
        log.info("stopping")
    await store.close()


def main() -> None:
    """Run, and leave with an exit code that says how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    try:
        asyncio.run(serve(WorkerSettings()))
    except ConnectionError as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it; a traceback adds nothing
        leave(5)
    leave(0)


if __name__ == "__main__":
    main()
