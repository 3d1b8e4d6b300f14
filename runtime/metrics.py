"""The metrics of a process: what every process of ours says of itself, and how it serves them."""

import errno
import platform
import socket
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from runtime.settings import WrongSetting

METRICS_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""The format that every reader of metrics knows."""
SCRAPE_TIMEOUT = 3.0
LOOPBACK = "127.0.0.1"

# A second series for each counter, with the moment at which it was made, tells nothing new.
disable_created_metrics()  # type: ignore[no-untyped-call]


def process_registry(process: str) -> CollectorRegistry:
    """Return a registry with what every process says: which code it runs, and its own use."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    build = Gauge(
        "banjie_build_info",
        "Which code runs here; always 1.",
        ("process", "version", "python"),
        registry=registry,
    )
    build.labels(process, version("banjie"), platform.python_version()).set(1)
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """Return the page, of the content type `METRICS_TYPE`."""
    return generate_latest(registry)


class ForwardedPage(Collector):
    """The metrics of another page of this process: those that Temporal's SDK serves itself."""

    def __init__(self, url: str) -> None:
        self._url = url

    def collect(self) -> Iterable[Metric]:
        """Yield what the page has now; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(self._url, timeout=SCRAPE_TIMEOUT) as page:  # noqa: S310 — our own address
                text = page.read().decode()
        except (OSError, urllib.error.URLError):
            return
        yield from text_string_to_metric_families(text)


@contextmanager
def serve_metrics(registry: CollectorRegistry, address: str | None) -> Iterator[None]:
    """Serve `/metrics` at `host:port`; without an address nowhere.

    Raises:
        WrongSetting: there is no such address on this machine.
        ConnectionError: another process listens there.
    """
    if address is None:
        yield
        return
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise bind_failure(error, address, "BANJIE_METRICS") from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def bind_failure(error: OSError, address: str, variable: str) -> Exception:
    """Return the error that says why nothing can listen at an address.

    A port that is taken may be free later; any other reason is a wrong setting.
    """
    if error.errno == errno.EADDRINUSE:
        return ConnectionError(
            f"{variable}: another process listens at {address} already (address already in use)."
        )
    why = error.strerror or str(error)
    return WrongSetting(f"nothing can listen at {address} ({why}).", variable)


def free_address() -> str:
    """Return an address of this machine alone, for a page that is only forwarded."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return f"{LOOPBACK}:{probe.getsockname()[1]}"
