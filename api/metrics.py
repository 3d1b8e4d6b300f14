"""What Prometheus may ask: requests by route and status, open cases, and how clocks stand."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10)


class Metrics:
    """The numbers of one app; labels are route templates and codes, never ids."""

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
        self._clocks = Gauge(
            "banjie_clocks", "Clocks of all cases.", ("clock", "state"), registry=self.registry
        )
        self._open = Gauge(
            "banjie_cases_open", "Open cases.", ("kind", "stage"), registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def page(
        self, open_cases: Iterable[tuple[str, str, int]], clocks: Iterable[tuple[str, str, int]]
    ) -> bytes:
        """The page that Prometheus reads; open cases and clocks as the store has them now."""
        self._clocks.clear()
        for clock, state, count in clocks:
            self._clocks.labels(clock, state).set(count)
        self._open.clear()
        for kind, stage, count in open_cases:
            self._open.labels(kind, stage).inc(count)
        return generate_latest(self.registry)
