"""Every request gets a trace id, a language, a log line and a count; every failure an answer."""

import re
import sys
import time
import traceback
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics
from api.http.problems import Problem, answer_of
from app.errors import AppError
from app.texts import Texts, negotiate
from domain.case_numbers import is_case_number

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/livez", "/readyz", "/metrics"})
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

log = structlog.get_logger("banjie.api")


class Watch:
    """ASGI middleware, the outermost of ours."""

    def __init__(self, app: ASGIApp, texts: Texts, metrics: Metrics) -> None:
        self._app, self._texts, self._metrics = app, texts, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything that is not a request unseen."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["trace"] = trace_of(headers.get("traceparent"))
        state["locale"] = negotiate(headers.get("accept-language"))
        watched = _Sending(send, state["trace"])
        began = time.perf_counter()
        try:
            await self._answer(scope, receive, watched)
        finally:
            self._note(scope, watched.status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: "_Sending") -> None:
        try:
            await self._app(scope, receive, send)
        except AppError as error:
            await self._refuse(Problem.of(error), scope, receive, send)
        except Problem as refused:
            await self._refuse(refused, scope, receive, send)
        except Exception as error:
            note_failure(error, scope["state"]["trace"])
            if send.status:
                raise
            await self._refuse(Problem("internal"), scope, receive, send)

    async def _refuse(self, what: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["state"]
        answer = answer_of(what, self._texts, state["locale"], state["trace"])
        await answer(scope, receive, send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "unknown"
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.answered(method, route, status, seconds)
        if route not in QUIET:
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                number=_number(scope),
                caller=scope["state"].get("caller"),
                trace=scope["state"]["trace"],
            )


def _number(scope: Scope) -> str | None:
    """The case's number; a path may hold anything, so only what is one goes into the log."""
    given = scope.get("path_params", {})
    number = scope["state"].get("number") or given.get("number") or given.get("id", "")
    number = number.partition("-")[0]
    return number if is_case_number(number) else None


class _Sending:
    """Remembers the status, adds the headers that every answer has."""

    def __init__(self, send: Send, trace: str) -> None:
        self._send, self._trace = send, trace
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Trace-Id"] = self._trace
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def trace_of(traceparent: str | None) -> str:
    """The caller's trace id (W3C), or a new one."""
    told = TRACEPARENT.fullmatch(traceparent or "")
    return told.group(1) if told and int(told.group(1), 16) else uuid.uuid4().hex


def trace(request: Request) -> str:
    """The trace id of this request."""
    return str(request.state.trace)


def locale(request: Request) -> str:
    """The language of this request."""
    return str(request.state.locale)


def note_failure(error: BaseException, trace: str) -> None:
    """Log what nobody expected: class and places only, since messages may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    log.error(
        "failed",
        error=type(error).__qualname__,
        places=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        trace=trace,
    )


def log_to_stderr() -> None:
    """One JSON object per line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
