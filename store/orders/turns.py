"""Turns: of those who decide about one order, one goes on at a time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_

from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert
from store.orders.tables import order_turns


class OrderTurns:
    """Keeps whose turn it is at an order; a turn that nobody gives back ends by itself.

    Orders are in the plain spelling (`domain.language.spellings`).
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def take(self, tenant: str, order: str, token: str, lease: timedelta) -> bool:
        """Take the turn for so long, unless another token has it; return whether it is taken."""
        now = self._clock()
        row = {"tenant": tenant, "order": order, "token": token, "held_until": now + lease}
        free = or_(order_turns.c.held_until <= now, order_turns.c.token == token)
        async with self._sessions.writing() as connection:
            await connection.execute(delete(order_turns).where(_of(tenant, order), free))
            taking = insert(connection, order_turns).values(row).on_conflict_do_nothing()
            return bool((await connection.execute(taking)).rowcount)

    async def give_back(self, tenant: str, order: str, token: str) -> None:
        """Let the next go on; nothing if the token no longer has the turn."""
        own = and_(_of(tenant, order), order_turns.c.token == token)
        async with self._sessions.writing() as connection:
            await connection.execute(delete(order_turns).where(own))

    async def prune(self, before: datetime) -> int:
        """Delete all turns that ended before, whosever they are; return how many."""
        async with self._sessions.writing() as connection:
            old = delete(order_turns).where(order_turns.c.held_until < before)
            return (await connection.execute(old)).rowcount


def _of(tenant: str, order: str) -> ColumnElement[bool]:
    return and_(order_turns.c.tenant == tenant, order_turns.c.order == order)
