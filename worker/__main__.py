"""`python -m worker`: run the worker until told to stop."""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from datetime import timedelta

from pydantic import ValidationError

from ops.audit.keys import InvalidKey
from temporal.connection import connect
from temporal.connection_settings import explain
from temporal.process_exit import leave
from worker.build import build_worker
from worker.dispatcher import dispatching, posting
from worker.lifecycle import Stop, opened
from worker.sealer import sealing, signer_of
from worker.settings import WorkerSettings

USAGE, UNAVAILABLE = 2, 5
STARTUP_TIMEOUT = timedelta(seconds=60)

log = logging.getLogger("banjie.worker")


async def serve(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM, then let running activities finish.

    Raises:
        WrongKey: the file of BANJIE_AUDIT_KEY holds none.
        ConnectionError: Temporal did not answer in time.
        CancelledError: told to stop before it served.
    """
    stop, signer = Stop(), signer_of(settings)
    log.info("starting")
    client = await connect(
        settings.temporal_target,
        settings.temporal_namespace,
        metrics=settings.metrics,
        connect_timeout=STARTUP_TIMEOUT,
        settings=settings,
    )
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(settings.database_url))
        webhooks = await stack.enter_async_context(posting(settings))
        worker = build_worker(client, store, settings, webhooks=webhooks)
        await stack.enter_async_context(worker)
        needed = []
        if settings.dispatch:
            needed.append(await stack.enter_async_context(dispatching(store, webhooks)))
        needed.append(await stack.enter_async_context(sealing(store, settings, signer)))
        log.info("serving %s", settings.task_queue)
        await stop.wait(*needed)
        log.info("stopping")


def main() -> None:
    """Run, and leave with an exit code that says how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    # Its lines hold addresses, and those may hold something secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    code = 0
    try:
        settings = WorkerSettings()
    except ValidationError as error:
        log.error("%s", explain(error))  # noqa: TRY400 — as below
        leave(USAGE)
    try:
        asyncio.run(serve(settings))
    except ConnectionError as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it; a traceback adds nothing
        code = UNAVAILABLE
    except InvalidKey as error:
        log.error("%s", error)  # noqa: TRY400 — as above
        code = USAGE
    except asyncio.CancelledError:
        log.info("stopped before it served")
    leave(code)


if __name__ == "__main__":
    main()
