"""The outermost middleware of the pages: where a request comes from, headers, the log."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeAlias

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.log import bind_trace, new_trace_id
from web.http.origin import is_same_origin
from web.rendering.assets import PREFIX

# Icons lie inside the style sheet as data.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
NO_DOCUMENTS: Final = ("text/css", "text/javascript")
"""Types of what is a part of pages and never shown by itself."""
PART_HEADERS: Final = {
    name: HEADERS[name]
    for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control")
}
"""What those have: the rest is for documents, and there are thirty of them on a page."""
STREAM: Final = "text/event-stream"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""The methods that are told apart; anybody may send a word of their own."""
FOREIGN: Final = "This request comes from another site: refused. 此请求来自其他网站，已拒绝。"

log = structlog.get_logger("banjie.web")


class CountRequest(Protocol):
    """Counts a request for the metrics."""

    def __call__(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request by its route."""


ShowFailure: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]
"""Logs an error that nobody expected, and returns the page that says so."""


class Guard:
    """ASGI middleware that refuses what other sites send, and logs and counts every request.

    It answers what failed, too, so that this page has the headers of all others.
    """

    def __init__(self, app: ASGIApp, count: CountRequest, show_failure: ShowFailure) -> None:
        self._app, self._count, self._show_failure = app, count, show_failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; whatever else comes is passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["trace_id"] = new_trace_id()
        bind_trace(state["trace_id"])
        response, started = _Response(send), time.perf_counter()
        try:
            if is_same_origin(scope["method"], Headers(scope=scope)):
                await self._respond(scope, receive, response)
            else:
                await PlainTextResponse(FOREIGN, 403)(scope, receive, response)
        finally:
            # How long somebody looks at a page says nothing of how quickly it was answered.
            answered = response.streams_since or time.perf_counter()
            self._log(scope, response.status, answered - started)

    async def _respond(self, scope: Scope, receive: Receive, response: "_Response") -> None:
        try:
            await self._app(scope, receive, response)
        except Exception as error:
            shown = await self._show_failure(Request(scope), error)
            if response.status:
                raise
            await shown(scope, receive, response)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        is_file = scope["path"].startswith(f"{PREFIX}/")
        route = PREFIX if is_file else getattr(scope.get("route"), "path", "") or "unknown"
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._count(method, route, status, seconds)
        if not is_file:
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                caller=scope["state"].get("caller"),
            )


class _Response:
    """Sends a response with the headers that all have, and keeps its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.streams_since: float | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            media_type = headers.get("content-type", "")
            is_part = media_type.startswith(NO_DOCUMENTS)
            for name, value in (PART_HEADERS if is_part else HEADERS).items():
                headers.setdefault(name, value)
            if media_type.startswith(STREAM):
                self.streams_since = time.perf_counter()
        await self._send(message)
