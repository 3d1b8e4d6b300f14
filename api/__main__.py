"""`python -m api`: serve the API until told to stop."""

import asyncio
import logging
import sys

import structlog
import uvicorn

from api.app import create_app
from api.desk import Desk
from api.settings import ApiSettings
from api.watch import log_to_stderr
from store import Store
from store.errors import StoreDown
from workflows.connect import connect
from workflows.leaving import leave

UNAVAILABLE = 5
STARTING_SECONDS = 60
DRAIN_SECONDS = 10

log = structlog.get_logger("banjie.api")


async def serve(settings: ApiSettings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        ConnectionError: Temporal or the store did not come up in time.
    """
    client = await connect(settings.temporal_target, settings.temporal_namespace)
    store = await open_store(settings.database_url)
    app = create_app(store, Desk(client, settings.task_queue), settings)
    config = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    await uvicorn.Server(config).serve()
    await store.close()


async def open_store(url: str) -> Store:
    """The store, brought up to date; waits for a database that is still starting.

    Raises:
        ConnectionError: it did not answer in time.
    """
    give_up = asyncio.get_running_loop().time() + STARTING_SECONDS
    while True:
        try:
            return await Store.open(url, migrate=True)
        except StoreDown as error:
            if asyncio.get_running_loop().time() > give_up:
                raise ConnectionError(str(error)) from error
            await asyncio.sleep(0.5)


def main() -> None:
    """Serve, and leave with an exit code that says how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    log_to_stderr()
    settings = ApiSettings()
    try:
        asyncio.run(serve(settings))
    except ConnectionError as error:
        log.error("unavailable", detail=str(error))  # noqa: TRY400 — the sentence says it
        leave(UNAVAILABLE)
    leave(0)


if __name__ == "__main__":
    main()
