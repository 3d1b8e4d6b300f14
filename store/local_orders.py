"""Local orders: what the local ports did for cases, where no outside system is connected."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Column, Integer, String, and_, select

from domain.engine.messages import PendingCall
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert
from store.db.tables import table
from store.db.types import Instant, Json


@dataclass(frozen=True, kw_only=True)
class LocalOrder:
    """One call that a local port carried out, and the reference it gave."""

    tenant: str
    number: str
    seq: int
    n: int
    port: str
    template: str
    params: dict[str, JsonValue]
    reference: str
    at: datetime


local_orders = table(
    "ledger",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("port", String, nullable=False),
    Column("template", String, nullable=False),
    Column("params", Json, nullable=False),
    Column("reference", String, nullable=False),
    Column("at", Instant, nullable=False),
)


class LocalOrders:
    """Stands in for payments and the courier where neither is connected."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(self, call: PendingCall) -> LocalOrder:
        """Write down that a call was carried out; a repetition returns what the first one wrote."""
        row = call.model_dump(
            include={"tenant", "number", "seq", "n", "port", "template", "params"}
        )
        row |= {"reference": f"{call.port}-{call.key}", "at": self._clock()}
        this = and_(
            local_orders.c.tenant == call.tenant,
            local_orders.c.number == call.number,
            local_orders.c.seq == call.seq,
            local_orders.c.n == call.n,
        )
        async with self._sessions.writing() as connection:
            await connection.execute(
                insert(connection, local_orders).values(row).on_conflict_do_nothing()
            )
            written = (await connection.execute(select(local_orders).where(this))).mappings().one()
        return LocalOrder(**written)

    async def of(self, tenant: str, number: str) -> list[LocalOrder]:
        """Return all local orders of a case."""
        query = select(local_orders).where(
            local_orders.c.tenant == tenant, local_orders.c.number == number
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query.order_by(local_orders.c.seq, local_orders.c.n))
            return [LocalOrder(**row) for row in rows.mappings()]
