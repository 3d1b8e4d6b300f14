"""`/live`: the stream by which an open page hears what changed. It carries names and versions."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Annotated, Final, TypeAlias

import structlog
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import StringConstraints
from starlette.types import Receive, Scope, Send

from app.subscription import Change, WhoReads
from runtime.log import places_of
from store.errors import StoreDown
from web.http.session import reader_of
from web.visitor import AnyVisitor, SignedOut

BYE: Final = "bye"
"""Tells a page that its session is over: it hears nothing more and need not ask again."""
MOST_CASES: Final = 100
MOST_DIGITS: Final = 18
UNAVAILABLE: Final = 503
RETRY_SECONDS: Final = 5

Changes: TypeAlias = AsyncGenerator[Sequence[Change], None]
Number = Annotated[str, StringConstraints(max_length=40)]
log = structlog.get_logger("banjie.web")

router = APIRouter()


class LiveResponse(EventSourceResponse):
    """A stream whose subscription ends with the connection, in whatever way that ends."""

    def __init__(self, first: Sequence[Change], changes: Changes, who: WhoReads) -> None:
        self._changes, self._told = changes, _stream(first, changes, who)
        super().__init__(self._told, headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the page is told until there is nothing more, or the page is gone."""
        async with aclosing(self._changes), aclosing(self._told):
            await super().__call__(scope, receive, send)


@router.get("/live")
async def live(
    request: Request,
    _: AnyVisitor,
    cases: Annotated[list[Number] | None, Query(max_length=MOST_CASES)] = None,
    after: Annotated[str | None, Query(max_length=MOST_DIGITS)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Tell a page what changes: of the cases that it shows, and that lists and counts may have.

    It goes on behind the event of which it heard last, or behind `after`.
    """
    feed, who = request.app.state.services.live, reader_of(request)
    with suppress(StoreDown):
        principal = await who()
        if principal is None:
            raise SignedOut
        request.state.caller = principal.client
        changes = feed.subscribe(who, _position(last_event_id, after), cases or ())
        first = await anext(changes, None)
        if first is not None:
            return LiveResponse(first, changes, who)
    # The page asks again by itself, so nothing is said to the person.
    return Response(status_code=UNAVAILABLE, headers={"Retry-After": str(RETRY_SECONDS)})


async def _stream(
    first: Sequence[Change], changes: Changes, who: WhoReads
) -> AsyncGenerator[bytes, None]:
    """Yield what a page is told. Why it ends too early is for the log alone."""
    yield _written(first)
    try:
        async for told in changes:
            yield _written(told)
        if await who() is None:
            yield format_sse_event(event=BYE, data_str="{}")
    except Exception as error:  # noqa: BLE001 — the page connects again, and is told of nothing
        # An error's own text may be of a case.
        log.error("stream_failed", error=type(error).__qualname__, places=places_of(error))  # noqa: TRY400


def _written(told: Sequence[Change]) -> bytes:
    """Return changes as they are sent; nothing, as a comment that keeps the connection alive."""
    return b"".join(map(_event, told)) or KEEPALIVE_COMMENT


def _event(change: Change) -> bytes:
    data = json.dumps({"number": change.number, "version": change.version})
    return format_sse_event(event=change.name, data_str=data, id=str(change.id))


def _position(last_event_id: str | None, after: str | None) -> int | None:
    """Return where the page goes on; None, from now on, if no page of ours says so."""
    given = last_event_id or after or ""
    is_ours = given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS
    return int(given) if is_ours else None
