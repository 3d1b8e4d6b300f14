"""The ledger: what the built-in ports did for cases, each thing once."""

from sqlalchemy import and_, select

from domain.effects import Errand
from store.clock import Clock
from store.records import LedgerRow
from store.session import Sessions
from store.sql import insert
from store.tables.ledger import ledger


class Ledger:
    """Stands in for payments and couriers where none are connected."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def enter(self, errand: Errand) -> LedgerRow:
        """Write down that it was done; a repetition gets what the first one wrote.

        Raises:
            StoreDown
        """
        row = errand.model_dump(
            include={"tenant", "number", "seq", "n", "port", "template", "params"}
        )
        row |= {"reference": f"{errand.port}-{errand.key}", "at": self._clock()}
        one = and_(
            ledger.c.tenant == errand.tenant,
            ledger.c.number == errand.number,
            ledger.c.seq == errand.seq,
            ledger.c.n == errand.n,
        )
        async with self._sessions.writing() as connection:
            await connection.execute(
                insert(connection, ledger).values(row).on_conflict_do_nothing()
            )
            written = (await connection.execute(select(ledger).where(one))).mappings().one()
        return LedgerRow(**written)

    async def of(self, tenant: str, number: str) -> list[LedgerRow]:
        """All that was done for a case."""
        wanted = select(ledger).where(ledger.c.tenant == tenant, ledger.c.number == number)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.order_by(ledger.c.seq, ledger.c.n))
            return [LedgerRow(**row) for row in rows.mappings()]
