"""Connects to Temporal: one client per process, its core's log lines in Python's logging."""

import asyncio
import logging
from datetime import timedelta
from functools import cache

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import KeepAliveConfig, RPCError, RPCStatusCode, TLSConfig

from runtime.message import Message
from runtime.settings import WrongSetting
from temporal.connection_settings import ConnectionSettings
from temporal.converter import data_converter
from temporal.trace import TraceSender

log = logging.getLogger("banjie.temporal")

CONNECT_TIMEOUT = timedelta(seconds=30)
KEEP_ALIVE = KeepAliveConfig(interval_millis=30_000, timeout_millis=10_000)
"""Temporal cuts a connection that pings more often than every 10 s (its `keepAliveMinTime`)."""
NAMESPACE_TIMEOUT = timedelta(seconds=3)
RPC_TIMEOUT = timedelta(seconds=5)
UNKNOWABLE = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED})
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts to connect."""


@cache
def runtime(metrics: str | None = None) -> Runtime:
    """Return the SDK's runtime, which logs to Python's logging: by default it would log to stdout.

    Args:
        metrics: `host:port` where the SDK's own metrics are served, if anywhere.
    """
    quiet = TelemetryFilter(core_level="WARN", other_level="ERROR")
    forward = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(filter=quiet, forwarding=forward),
            metrics=_prometheus(metrics) if metrics else None,
        )
    )


def _prometheus(address: str) -> PrometheusConfig:
    """Return the SDK's own metrics, named as Prometheus asks: `_total`, and seconds."""
    return PrometheusConfig(
        bind_address=address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
    )


def tls_config(settings: ConnectionSettings) -> TLSConfig | None:
    """Return the certificates to trust and to present; None without TLS.

    Raises:
        ConnectionError: one of the files cannot be read.
    """
    if not settings.uses_tls:
        return None
    names = ("temporal_tls_ca", "temporal_tls_cert", "temporal_tls_key")
    try:
        ca, cert, key = (
            path.read_bytes() if (path := getattr(settings, name)) else None for name in names
        )
    except OSError as error:
        raise ConnectionError(
            Message(
                "%(file)s cannot be read: %(why)s.",
                file=error.filename,
                why=Message(error.strerror or ""),
            )
        ) from None
    return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)


async def connect(
    target: str,
    namespace: str = "default",
    *,
    metrics: str | None = None,
    connect_timeout: timedelta = CONNECT_TIMEOUT,
    settings: ConnectionSettings | None = None,
) -> Client:
    """Return a client for the server at `host:port`; wait up to `connect_timeout` for its answer.

    Raises:
        WrongSetting: the server has no such namespace.
        ConnectionError: the server did not answer in time, or our certificates cannot be read.
    """
    settings = settings or ConnectionSettings(temporal_tls=False)
    tls = tls_config(settings)
    give_up = asyncio.get_running_loop().time() + connect_timeout.total_seconds()
    pause = FIRST_PAUSE
    while True:
        try:
            client = await Client.connect(
                target,
                namespace=namespace,
                tls=tls or False,
                api_key=settings.api_key,
                data_converter=data_converter(),
                runtime=runtime(metrics),
                keep_alive_config=KEEP_ALIVE,
                interceptors=[TraceSender()],
            )
            await _check_namespace(client)
            return client
        except (RPCError, RuntimeError) as error:
            if asyncio.get_running_loop().time() + pause > give_up:
                by = Message(" by TLS") if tls else ""
                raise ConnectionError(
                    Message("Temporal does not answer at %(target)s%(by)s.", target=target, by=by)
                ) from error
            log.debug("waiting for Temporal at %s: %s", target, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _check_namespace(client: Client) -> None:
    """Refuse a namespace that the server does not have.

    A new one takes some seconds to be known everywhere. Who may not ask is let through.

    Raises:
        WrongSetting
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + NAMESPACE_TIMEOUT.total_seconds()
    request = DescribeNamespaceRequest(namespace=client.namespace)
    while True:
        try:
            await client.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status in UNKNOWABLE:
                return
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if loop.time() > give_up:
                raise WrongSetting(
                    f"Temporal has no namespace {client.namespace}; name one that it has, or make "
                    "it with `temporal operator namespace create`.",
                    "BANJIE_TEMPORAL_NAMESPACE",
                ) from None
            await asyncio.sleep(LONGEST_PAUSE)
        else:
            return
