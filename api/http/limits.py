"""What a request body may be: small enough, JSON, and nothing that breaks what comes after."""

from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import problem
from app.errors import Malformed

KIB = 1024
BODY = 256 * KIB
BULK_BODY = 1024 * KIB
BULK_SUFFIX = ":bulk"
JSON = "application/json"


class Limits:
    """ASGI middleware: reads the body, counting, and hands it on only if it is sound JSON.

    Raises:
        Problem: too_large, unsupported_media_type or malformed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything that is not a request unseen."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = BULK_BODY if scope["path"].endswith(BULK_SUFFIX) else BODY
        body = await _read(Headers(scope=scope), receive, most)
        if body:
            _check(Headers(scope=scope), body)
        await self._app(scope, _again(body, receive), send)


async def _read(headers: Headers, receive: Receive, most: int) -> bytes:
    told = headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise problem("too_large", most=most)
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise problem("too_large", most=most)
        parts.append(part)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _check(headers: Headers, body: bytes) -> None:
    media, _, rest = headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    if media.strip().lower() != JSON or charset not in ("", "utf-8", "utf8"):
        raise problem("unsupported_media_type", takes=JSON)
    try:
        # Refuses lone surrogates, NaN, wrong UTF-8 and more than some 200 levels.
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Malformed("not_json") from None
    if rb"\u0000" in body and _has_nul(value):
        raise Malformed("nul")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(each) for key, each in value.items())
    return isinstance(value, list) and any(_has_nul(each) for each in value)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands out the body that was read, then whatever comes next (a disconnect)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once() -> Message:
        return waiting.pop() if waiting else await receive()

    return once
