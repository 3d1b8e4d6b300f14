"""`python -m api`: serve the API until SIGINT or SIGTERM."""

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
import uvicorn
from pydantic import ValidationError

from api.app import create_app
from api.http.request_log import log_to_stderr
from api.settings import ApiSettings
from app.policy import note_policy
from store.errors import StoreDown
from store.store import open_when_up
from temporal.case_client import CaseClient
from temporal.connection import connect
from temporal.connection_settings import explain
from temporal.process_exit import leave

FAILED, WRONG_SETTINGS, UNAVAILABLE = 1, 2, 5
STARTUP_TIMEOUT = timedelta(seconds=60)
DRAIN_SECONDS = 10

log = structlog.get_logger("banjie.api")


async def serve(settings: ApiSettings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        ConnectionError, StoreDown: Temporal or the store did not come up in time.
        CancelledError: told to stop before it served.
        SystemExit: the port is taken.
    """
    servers: list[_Server] = []
    _handle_signals(servers)
    client = await connect(
        settings.temporal_target,
        settings.temporal_namespace,
        connect_timeout=STARTUP_TIMEOUT,
        settings=settings,
    )
    store = await open_when_up(settings.database_url, STARTUP_TIMEOUT)
    await note_policy(store, settings.policy)
    app = create_app(store, CaseClient(client, settings.task_queue), settings)
    config = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    servers.append(_Server(config))
    await servers[0].serve()
    await store.close()


def main() -> None:
    """Serve the API, and exit with a code that says how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    log_to_stderr()
    code = 0
    try:
        settings = ApiSettings()
    except ValidationError as error:
        log.error("wrong settings", detail=explain(error))  # noqa: TRY400 — the sentence says it
        leave(WRONG_SETTINGS)
    try:
        asyncio.run(serve(settings))
    except (ConnectionError, StoreDown) as error:
        log.error("unavailable", detail=str(error))  # noqa: TRY400 — the sentence says it
        code = UNAVAILABLE
    except SystemExit:
        code = FAILED
    except asyncio.CancelledError:
        log.info("stopped before it served")
    leave(code)


class _Server(uvicorn.Server):
    """A uvicorn server without signal handlers: its own would end the process by the signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signals."""
        yield


def _handle_signals(servers: list[_Server]) -> None:
    """On SIGINT or SIGTERM stop the server or, before it serves, the wait for what it needs."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if servers:
            servers[0].should_exit = True
        elif task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


if __name__ == "__main__":
    main()
