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
from worker.dispatcher import Dispatcher, open_webhooks
from worker.lifecycle import StopSignal, in_background, open_store
from worker.sealer import read_audit_key, run_sealer
from worker.settings import WorkerSettings

USAGE, UNAVAILABLE = 2, 5
STARTUP_TIMEOUT = timedelta(seconds=60)

log = logging.getLogger("banjie.worker")


async def serve(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM, then let running activities finish.

    Raises:
        WrongKey: the file of BANJIE_AUDIT_KEY holds none.
        ConnectionError: Temporal did not answer in time.
        CancelledError: stopped by a signal before it served.
    """
    stop, signer = StopSignal(), read_audit_key(settings)
    log.info("starting")
    client = await connect(
        settings.temporal_target,
        settings.temporal_namespace,
        metrics=settings.metrics,
        connect_timeout=STARTUP_TIMEOUT,
        settings=settings,
    )
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.database_url))
        webhooks = await stack.enter_async_context(open_webhooks(settings))
        worker = build_worker(client, store, settings, webhooks=webhooks)
        await stack.enter_async_context(worker)
        jobs = [run_sealer(store, settings, signer)]
        if settings.dispatch:
            jobs.append(Dispatcher(store, webhooks).run())
        needed = [await stack.enter_async_context(in_background(job)) for job in jobs]
        log.info("serving %s", settings.task_queue)
        await stop.wait(*needed)
        log.info("stopping")


def main() -> None:
    """Run and leave with the exit code."""
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
