"""Decisions about one order come one after another, so that each knows what the others pay."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.related_cases import decides
from cases.common.errors import OrderBusy
from domain.engine.messages import Request, opening_of
from domain.engine.process import Process
from domain.errors import Forbidden, Refusal
from domain.language.spellings import plain_code
from store import Store
from store.db.clock import utc_now
from store.errors import CorruptRow, StoreDown
from temporal.results import Refused

Kinds = Mapping[tuple[str, int], Process]
LEASE: Final = timedelta(seconds=30)
"""How long a turn lasts whose decision is not recorded: longer than a recorder takes."""
PATIENCE: Final = timedelta(seconds=5)
PAUSE_SECONDS: Final = 0.05


@dataclass
class Turn:
    """A turn at an order; it is given back at once if what was decided is `settled`."""

    settled: bool = False


@asynccontextmanager
async def order_turn(
    store: Store, kinds: Kinds, number: str, request: Request
) -> AsyncIterator[Turn]:
    """Wait for the turn at the order of a case, if its kind asks other cases of the order.

    What was refused is settled, and so is what the caller says. While the store is down there are
    no turns, as nobody knows the other cases then.

    Raises:
        OrderBusy: others were decided about for too long.
    """
    turn, order = Turn(), None
    with suppress(StoreDown, CorruptRow):
        order = await _order_at_stake(store, kinds, number, request)
        if order is not None:
            await _wait(store, request, order)
    try:
        yield turn
    except (Refusal, Refused):
        turn.settled = True
        raise
    finally:
        if order is not None and turn.settled:
            with suppress(StoreDown):
                await store.order_turns.give_back(request.tenant, order, request.id)


async def _order_at_stake(store: Store, kinds: Kinds, number: str, request: Request) -> str | None:
    """Return the order whose other cases the request is held against, in the plain spelling."""
    if not decides(request):
        return None
    row = await store.cases.get(request.tenant, number)
    if row is None or row.order is None:
        return None
    process = kinds[row.kind, row.process_version]
    if process.order_check is None or await _is_forbidden(store, process, number, request):
        return None
    return plain_code(row.order)


async def _is_forbidden(store: Store, process: Process, number: str, request: Request) -> bool:
    """Return whether the engine refuses it whatever the case has come to."""
    entries = await store.entries.of(request.tenant, number)
    case = process.fold(opening_of(entries[0]), entries)
    try:
        process.check_request(case, request, utc_now())
    except Forbidden:
        return True
    except Refusal:
        return False
    return False


async def _wait(store: Store, request: Request, order: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            taking = store.order_turns.take
            # Whoever gives it back may be another process, so nothing wakes this one.
            while not await taking(request.tenant, order, request.id, LEASE):  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        raise OrderBusy("Another case of this order is being decided; try again.") from None
