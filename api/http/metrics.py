"""The metrics that Prometheus reads: those of this process, and those of the whole system."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from runtime.metrics import process_registry

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class StoreCounts:
    """Counts of the store's rows by their labels: open cases, open tasks, messages, clocks."""

    cases: Iterable[tuple[str, str, int]] = ()
    tasks: Iterable[tuple[str, str, bool, int]] = ()
    on_hold: Iterable[tuple[str, str, int]] = ()
    messages: Iterable[tuple[str, int]] = ()
    clocks: Iterable[tuple[str, str, int]] = ()


class Metrics:
    """The metrics of one API process; labels are route templates and codes, never ids."""

    def __init__(self) -> None:
        self.registry = process_registry("api")
        self._requests = Counter(
            "banjie_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "banjie_http_request_duration_seconds",
            "Time from request to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


def system_registry(counts: StoreCounts | None) -> CollectorRegistry:
    """Return the metrics of the whole system; without `counts`, only that the store is down."""
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, labels, registry=registry)

    known = gauge("banjie_store_up", "Whether the store answered; the others are missing if not.")
    known.set(counts is not None)
    counts = counts or StoreCounts()
    cases = gauge("banjie_cases_open", "Open cases.", "kind", "stage")
    for kind, stage, count in counts.cases:
        cases.labels(kind, stage).inc(count)
    tasks = gauge("banjie_tasks_open", "Open tasks.", "kind", "stage", "claimed")
    for kind, stage, claimed, count in counts.tasks:
        tasks.labels(kind, stage, "yes" if claimed else "no").inc(count)
    on_hold = gauge("banjie_tasks_on_hold", "Tasks on hold.", "kind", "stage")
    for kind, stage, count in counts.on_hold:
        on_hold.labels(kind, stage).inc(count)
    messages = gauge("banjie_messages", "Messages by how far they are.", "status")
    for status, count in counts.messages:
        messages.labels(status).inc(count)
    clocks = gauge("banjie_clocks", "Clocks of all cases, closed ones too.", "clock", "state")
    for clock, state, count in counts.clocks:
        clocks.labels(clock, state).inc(count)
    return registry
