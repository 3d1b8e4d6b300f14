"""Connecting to Temporal: one client per process, its core's log lines in Python's logging."""

import asyncio
import logging
from datetime import timedelta
from functools import cache

from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import KeepAliveConfig, RPCError, TLSConfig

from temporal.connection_settings import Security
from temporal.converter import data_converter

log = logging.getLogger("banjie.temporal")


@cache
def runtime(metrics: str | None = None) -> Runtime:
    """The SDK's runtime: it logs to Python's logging, since its own way would be stdout.

    Args:
        metrics: `host:port` where the SDK's own metrics are served, if anywhere.
    """
    quiet = TelemetryFilter(core_level="WARN", other_level="ERROR")
    forward = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(filter=quiet, forwarding=forward),
            metrics=PrometheusConfig(bind_address=metrics) if metrics else None,
        )
    )


def tls_of(security: Security) -> TLSConfig | None:
    """The certificates to trust and to show; None without TLS.

    Raises:
        ConnectionError: one of the files cannot be read.
    """
    if not security.secured:
        return None
    names = ("temporal_tls_ca", "temporal_tls_cert", "temporal_tls_key")
    try:
        ca, cert, key = (
            path.read_bytes() if (path := getattr(security, n)) else None for n in names
        )
    except OSError as error:
        raise ConnectionError(f"{error.filename} cannot be read: {error.strerror}.") from None
    return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)


async def connect(
    target: str,
    namespace: str = "default",
    *,
    metrics: str | None = None,
    patience: timedelta = timedelta(seconds=30),
    security: Security | None = None,
) -> Client:
    """A client for the server at `host:port`; waits for the server up to `patience`.

    Raises:
        ConnectionError: the server did not answer in time, or our certificates cannot be read.
    """
    how = security or Security(temporal_tls=False)
    tls = tls_of(how)
    give_up = asyncio.get_running_loop().time() + patience.total_seconds()
    pause = 0.05
    while True:
        try:
            return await Client.connect(
                target,
                namespace=namespace,
                tls=tls or False,
                api_key=how.api_key,
                data_converter=data_converter(),
                runtime=runtime(metrics),
                keep_alive_config=KeepAliveConfig(interval_millis=5000, timeout_millis=3000),
            )
        except (RPCError, RuntimeError) as error:
            if asyncio.get_running_loop().time() + pause > give_up:
                by = " by TLS" if tls else ""
                raise ConnectionError(f"Temporal does not answer at {target}{by}.") from error
            log.debug("waiting for Temporal at %s: %s", target, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
