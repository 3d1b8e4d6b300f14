"""The ledger: what the built-in ports did for cases, each thing once."""

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
    """One thing that a built-in port did, and the reference it gave."""

    tenant: str
    number: str
    seq: int
    n: int
    port: str
    template: str
    params: dict[str, JsonValue]
    reference: str
    at: datetime


ledger = table(
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
    """Stands in for payments and couriers where none are connected."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def enter(self, pending_call: PendingCall) -> LocalOrder:
        """Write down that it was done; a repetition gets what the first one wrote.

        Raises:
            StoreDown
        """
        row = pending_call.model_dump(
            include={"tenant", "number", "seq", "n", "port", "template", "params"}
        )
        row |= {"reference": f"{pending_call.port}-{pending_call.key}", "at": self._clock()}
        one = and_(
            ledger.c.tenant == pending_call.tenant,
            ledger.c.number == pending_call.number,
            ledger.c.seq == pending_call.seq,
            ledger.c.n == pending_call.n,
        )
        async with self._sessions.writing() as connection:
            await connection.execute(
                insert(connection, ledger).values(row).on_conflict_do_nothing()
            )
            written = (await connection.execute(select(ledger).where(one))).mappings().one()
        return LocalOrder(**written)

    async def of(self, tenant: str, number: str) -> list[LocalOrder]:
        """All that was done for a case."""
        wanted = select(ledger).where(ledger.c.tenant == tenant, ledger.c.number == number)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.order_by(ledger.c.seq, ledger.c.n))
            return [LocalOrder(**row) for row in rows.mappings()]
