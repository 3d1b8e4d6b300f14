"""`python -m api`: serve the API until SIGINT or SIGTERM."""

import gc

# Nothing is garbage while modules are read; looking for it costs a sixth of the start.
gc.disable()

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import uvicorn

from api.app import create_app
from api.installation import audit_place_of, installation_of
from api.settings import ApiSettings
from app.live import LiveFeed
from app.policy import note_policy, warn_of_calendar
from ops.operations import Operations
from runtime.metrics import bind_failure
from runtime.process import run_process
from runtime.settings import WrongSetting
from store.audit.configuration import API, note_configuration
from store.db.clock import utc_now
from store.errors import StoreDown
from store.store import open_when_up
from temporal.case_client import CaseClient
from temporal.connection import connect
from temporal.process_exit import leave
from web.site import AssetsMissing, beside, build_site

STARTUP_TIMEOUT = timedelta(seconds=60)
DRAIN_SECONDS = 10
BACKLOG = 2048

log = logging.getLogger("banjie.api")


async def serve(settings: ApiSettings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        WrongSetting: a setting cannot be used as it is.
        ConnectionError, StoreDown: Temporal or the store did not come up in time, or the port is
            taken.
        AssetsMissing: the set-up has not brought what pages load.
        CancelledError: told to stop before it served.
    """
    servers: list[_Server] = []
    _handle_signals(servers)
    with _bind(settings) as listener:
        client, store = await asyncio.gather(
            connect(
                settings.temporal_target,
                settings.temporal_namespace,
                connect_timeout=STARTUP_TIMEOUT,
                settings=settings,
            ),
            open_when_up(settings.database_url, STARTUP_TIMEOUT),
        )
        await note_policy(store, settings.policy)
        warn_of_calendar(settings.policy, utc_now().date())
        cursors = "shared" if "secret" in settings.model_fields_set else "own"
        await note_configuration(store.audit_log, API, {"cursors": cursors})
        app = create_app(store, CaseClient(client, settings.task_queue), settings)
        services = app.state.services
        operations = Operations(
            client, store, services.archive, installation_of(settings), audit_place_of(settings)
        )
        count = app.state.metrics.count_request
        site = build_site(services, operations, count, settings.business_zone)
        config = uvicorn.Config(
            beside(app, site),
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            backlog=BACKLOG,
        )
        servers.append(_Server(config, app.state.services.live))
        log.info("listening at %s:%s", settings.api_host, settings.api_port)
        await servers[0].serve(sockets=[listener])
        await operations.jobs.close()
        await store.close()
        log.info("stopped")


def main() -> int:
    """Serve the API, and return the exit code."""
    gc.freeze()
    gc.enable()
    return run_process("api", ApiSettings, serve, (ConnectionError, StoreDown, AssetsMissing))


class _Server(uvicorn.Server):
    """A uvicorn server without signal handlers: its own would end the process by the signal.

    Open pages are told that it stops, since their streams would never end by themselves.
    """

    def __init__(self, config: uvicorn.Config, live: LiveFeed) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests under way finish, and streams end."""
        await self._live.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signals."""
        yield


def _bind(settings: ApiSettings) -> socket.socket:
    """Return a socket that is bound to where the API is to listen.

    Raises:
        WrongSetting, ConnectionError
    """
    host, port = settings.api_host.strip("[]"), settings.api_port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise bind_failure(error, f"{host}:{port}", "BANJIE_API_HOST, BANJIE_API_PORT") from None
    except UnicodeError:
        raise WrongSetting("write the name or address of a host", "BANJIE_API_HOST") from None
    return listener


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
    leave(main())
