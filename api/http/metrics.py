"""The metrics that Prometheus reads: requests, open cases and tasks, clocks, messages."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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
    """The metrics of one app; labels are route templates and codes, never ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "banjie_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "banjie_http_request_seconds",
            "Time from request to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._cases = self._gauge("banjie_cases_open", "Open cases.", "kind", "stage")
        self._tasks = self._gauge("banjie_tasks_open", "Open tasks.", "kind", "stage", "claimed")
        self._on_hold = self._gauge("banjie_tasks_on_hold", "Tasks on hold.", "kind", "stage")
        self._clocks = self._gauge("banjie_clocks", "Clocks of all cases.", "clock", "state")
        self._messages = self._gauge("banjie_messages", "Messages by how far they are.", "status")

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, counts: StoreCounts) -> bytes:
        """Return the page that Prometheus reads."""
        for gauge in (self._cases, self._tasks, self._on_hold, self._messages, self._clocks):
            gauge.clear()
        for kind, stage, count in counts.cases:
            self._cases.labels(kind, stage).inc(count)
        for kind, stage, claimed, count in counts.tasks:
            self._tasks.labels(kind, stage, "yes" if claimed else "no").inc(count)
        for kind, stage, count in counts.on_hold:
            self._on_hold.labels(kind, stage).inc(count)
        for status, count in counts.messages:
            self._messages.labels(status).inc(count)
        for clock, state, count in counts.clocks:
            self._clocks.labels(clock, state).inc(count)
        return generate_latest(self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, labels, registry=self.registry)
