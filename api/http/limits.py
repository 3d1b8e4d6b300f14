"""Middleware for request bodies: small enough, JSON or a file, and nothing that breaks later."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import uploads
from api.http.headers import field
from api.http.problems import problem
from app.errors import Malformed
from domain.json_values import NotJson, read_json

KIB = 1024
MAX_BODY = 256 * KIB
MAX_BULK_BODY = 1024 * KIB
LARGE_SUFFIXES = (":bulk", ":import")
FILE_SUFFIX = "/orders:import"
JSON, CSV = "application/json", "text/csv"


class BodyLimits:
    """ASGI middleware that reads and counts the body, and passes it on if it is sound.

    It is JSON, or a file where one is due.

    Raises:
        Problem: too_large, unsupported_media_type or malformed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request; what else comes is passed on, and so is a file: its route reads it."""
        if scope["type"] != "http" or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_large = scope["path"].endswith(LARGE_SUFFIXES)
        limit = MAX_BULK_BODY if is_large else MAX_BODY
        body = await _read(headers, receive, limit)
        if body:
            _check(headers, body, CSV if scope["path"].endswith(FILE_SUFFIX) else JSON)
        await self._app(scope, _replay(body, receive), send)


def _is_upload(scope: Scope) -> bool:
    is_post: bool = scope["method"] == "POST"
    return is_post and scope["path"].endswith(uploads.SUFFIX)


async def _read(headers: Headers, receive: Receive, limit: int) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise problem("too_large", most=limit)
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise problem("too_large", most=limit)
        chunks.append(chunk)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(chunks)


def _check(headers: Headers, body: bytes, takes: str) -> None:
    media_type, _, rest = (field(headers, "content-type") or "").partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    if media_type.strip().lower() != takes or charset not in ("", "utf-8", "utf8"):
        raise problem("unsupported_media_type", takes=takes)
    if takes != JSON:
        return  # whoever reads the file checks it
    try:
        read_json(body)
    except NotJson as error:
        raise Malformed(error.why) from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that hands out the body that was read, then what comes next."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
