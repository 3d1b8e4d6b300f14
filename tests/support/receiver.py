"""A real HTTP server on the loopback that replies as a test wants, and keeps its requests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

HANG = 0
"""In place of a status: never reply."""


@dataclass(frozen=True)
class Reply:
    """The reply to one request; `endless` sends a body without an end."""

    status: int = 204
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it was received; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Receiver:
    """A server that gives its replies in turn; the last one is repeated."""

    port: int = 0
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    requests: list[ReceivedRequest] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answers(self, *replies: Reply) -> None:
        """Set the replies from now on, and forget the requests so far."""
        self.replies = list(replies)
        self.requests.clear()
        self.arrived.clear()

    async def reply(self, received: ReceivedRequest) -> Reply:
        """Return the reply to a request."""
        del received  # subclasses look at it
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._one(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(
        self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, *lines = head.strip().split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(ReceivedRequest(first.split()[1], headers, body.decode()))
        self.arrived.set()
        reply = await self.reply(self.requests[-1])
        if reply.status == HANG:
            await reader.read()  # until the caller gives up
            return
        writer.write(_written(reply))
        while reply.endless:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0)
        await writer.drain()


def _written(reply: Reply) -> bytes:
    body = reply.body.encode()
    length = {"transfer-encoding": "chunked"} if reply.endless else {"content-length": len(body)}
    headers = "".join(f"{n}: {v}\r\n" for n, v in {**length, **reply.headers}.items())
    return f"HTTP/1.1 {reply.status} Said\r\n{headers}\r\n".encode() + body


R = TypeVar("R", bound=Receiver)


@asynccontextmanager
async def serving(receiver: R) -> AsyncIterator[R]:
    """Serve with this receiver on a free port."""
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Serve with a receiver on a free port."""
    async with serving(Receiver()) as receiver:
        yield receiver
