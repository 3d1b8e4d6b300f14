"""Open pages as the site serves them: what each was told over HTTP, and how its stream ended."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
from starlette.types import ASGIApp, Message

from tests.web.site import BASE, FROM_OUR_PAGE
from web.http.session import COOKIE

PATIENCE = 20.0
"""Seconds after which a page that hears nothing fails its test."""


class Told(NamedTuple):
    """An event: its name, its id, what it carries."""

    name: str
    id: str
    data: dict[str, Any]


class Stream:
    """The stream of an open page: what it was told so far, and the bare text of it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.text, self.told = answer, "", list[Told]()
        self.ended = False
        self._more = asyncio.Condition()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for piece in self.answer.aiter_text():
                async with self._more:
                    self.text += piece
                    self.told = [event for event in map(_read, self.text.split("\n\n")) if event]
                    self._more.notify_all()
        finally:
            self.ended = True
            async with self._more:
                self._more.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(true)

    async def hears(self, name: str, number: str | None = None) -> Told:
        """The newest event of this name and number, as soon as there is one."""
        await self.until(lambda: bool(self.those(name, number)))
        return self.those(name, number)[-1]

    async def ends(self) -> None:
        await self.until(lambda: self.ended)

    def those(self, name: str, number: str | None = None) -> list[Told]:
        return [
            each for each in self.told if (each.name, each.data.get("number")) == (name, number)
        ]

    def names(self) -> list[str]:
        return [each.name for each in self.told]


@asynccontextmanager
async def streaming(
    address: str, token: str, *cases: str, last: str = "", **query: str
) -> AsyncIterator[Stream]:
    """A page that listens by now."""
    headers = {**FROM_OUR_PAGE, "Cookie": f"{COOKIE}={token}", "HX-Request": "true"}
    if last:
        headers["Last-Event-ID"] = last
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE) as client,
        client.stream("GET", "/live", params={"cases": cases, **query}) as answer,
    ):
        assert answer.status_code == 200
        stream = Stream(answer)
        try:
            await stream.hears("open")
            yield stream
        finally:
            stream.task.cancel()
            await asyncio.gather(stream.task, return_exceptions=True)


def _read(text: str) -> Told | None:
    """Return an event; None for a comment, or for what is not whole yet."""
    lines = dict(line.split(": ", 1) for line in text.split("\n") if line[:1] not in ("", ":"))
    if "data" not in lines:
        return None
    return Told(lines["event"], lines.get("id", ""), json.loads(lines["data"]))


async def beginning(app: ASGIApp, path: str, token: str | None) -> httpx.Response:
    """The first that is answered of a stream, whose page is closed then."""
    sent, answered = list[Message](), asyncio.Event()
    path, _, query = path.partition("?")
    cookie = [(b"cookie", f"{COOKIE}={token}".encode())] if token else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": cookie,
        "client": None,
        "server": ("site.test", 80),
        "root_path": "",
    }

    async def receive() -> Message:
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            answered.set()

    async with asyncio.timeout(PATIENCE):
        await app(scope, receive, send)
    start, *rest = sent
    body = b"".join(each.get("body", b"") for each in rest)
    request = httpx.Request("GET", f"{BASE}{path}")
    return httpx.Response(start["status"], headers=start["headers"], content=body, request=request)
