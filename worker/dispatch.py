"""`python -m worker.dispatch`: deliver the outbox, and nothing else, until told to stop."""

import asyncio
import logging
import sys
from datetime import timedelta

from pydantic import ValidationError

from store.errors import StoreError
from store.starting import open_when_up
from worker.dispatcher import dispatching, posting
from worker.settings import DispatcherSettings
from worker.stopping import Stop
from workflows.security import explained

STARTING = timedelta(seconds=60)

log = logging.getLogger("banjie.dispatcher")


async def serve(settings: DispatcherSettings) -> None:
    """Deliver until SIGINT or SIGTERM; what is on its way then is given back with its lease."""
    stop = Stop()
    store = await open_when_up(settings.database_url, STARTING)
    try:
        async with posting(settings) as webhooks, dispatching(store, webhooks) as dispatcher:
            log.info("delivering to %s", "a webhook" if settings.webhook_url else "nobody: kept")
            await stop.wait(dispatcher)
            log.info("stopping")
    finally:
        await store.close()


def main() -> int:
    """Run, and say with an exit code how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    # Its lines hold the address, and that may hold something secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = DispatcherSettings()
    except ValidationError as error:
        log.error("%s", explained(error))  # noqa: TRY400 — the sentence says it
        return 2
    try:
        asyncio.run(serve(settings))
    except StoreError as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it; a traceback adds nothing
        return 5
    except asyncio.CancelledError:
        log.info("stopped before it delivered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
