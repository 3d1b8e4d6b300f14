"""The outermost middleware: each request gets a trace id, a language, a log line and a count."""

import re
import time
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.headers import field
from api.http.metrics import Metrics
from api.http.problems import Problem, response_for
from app.errors import AppError
from app.texts import Texts, negotiate
from domain.case_numbers import is_case_number
from runtime.log import bind_trace, new_trace_id, places_of

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNLOGGED_ROUTES = frozenset({"/livez", "/readyz", "/metrics", "/metrics/system"})
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

log = structlog.get_logger("banjie.api")


class RequestLog:
    """ASGI middleware that logs and counts requests, and answers those that fail."""

    def __init__(self, app: ASGIApp, texts: Texts, metrics: Metrics) -> None:
        self._app, self._texts, self._metrics = app, texts, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; whatever else comes is passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["trace_id"] = trace_id = _trace_id(field(headers, "traceparent"))
        bind_trace(trace_id)
        state["locale"] = negotiate(field(headers, "accept-language"))
        response = _Response(send, state["trace_id"])
        started = time.perf_counter()
        try:
            await self._respond(scope, receive, response)
        finally:
            self._log(scope, response.status, time.perf_counter() - started)

    async def _respond(self, scope: Scope, receive: Receive, response: "_Response") -> None:
        try:
            await self._app(scope, receive, response)
        except AppError as error:
            await self._send_problem(Problem.of(error), scope, receive, response)
        except Problem as problem:
            await self._send_problem(problem, scope, receive, response)
        except Exception as error:
            log_failure(error)
            if response.status:
                raise
            await self._send_problem(Problem("internal"), scope, receive, response)

    async def _send_problem(
        self, problem: Problem, scope: Scope, receive: Receive, send: Send
    ) -> None:
        state = scope["state"]
        response = response_for(problem, self._texts, state["locale"], state["trace_id"])
        await response(scope, receive, send)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "unknown"
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.count_request(method, route, status, seconds)
        if route not in UNLOGGED_ROUTES:
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                number=_case_number(scope),
                caller=scope["state"].get("caller"),
            )


def log_failure(error: BaseException) -> None:
    """Log an unexpected error: its class and places only, since messages may hold personal data."""
    log.error("failed", error=type(error).__qualname__, places=places_of(error))


class _Response:
    """Sends a response with the headers that all have, and keeps its status."""

    def __init__(self, send: Send, trace_id: str) -> None:
        self._send, self._trace_id = send, trace_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Trace-Id"] = self._trace_id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _trace_id(traceparent: str | None) -> str:
    """Return the caller's trace id (W3C Trace Context), or a new one."""
    match = TRACEPARENT.fullmatch(traceparent or "")
    return match[1] if match and int(match[1], 16) else new_trace_id()


def _case_number(scope: Scope) -> str | None:
    """Return the case's number. A path may hold anything, so nothing else of it is logged."""
    params = scope.get("path_params", {})
    number = scope["state"].get("number") or params.get("number") or params.get("id", "")
    number = number.partition("-")[0]
    return number if is_case_number(number) else None
