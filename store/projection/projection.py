"""Reads and writes the rows of whole cases; `Recorder` writes what is new of a running one."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from store.plain import Plain
from store.projection.packing import Packed, pack, put_packed, read_plain
from store.projection.reading import read
from store.projection.rows import Rows, none, whole
from store.projection.writing import (
    Moved,
    clear,
    hold,
    put_case,
    put_entries_of,
    put_rows,
)
from store.session import Sessions
from store.tables.projection import cases

AGAIN = ("tasks", "task_roles", "clocks")
"""Derived in full, so written anew in full."""


class Projection:
    """What the store has of cases, table by table."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @property
    def dialect(self) -> str:
        """Which sort of database it is: what is packed for one fits no other."""
        return self._sessions.engine.dialect.name

    async def tenants(self) -> list[str]:
        """Those that have cases."""
        wanted = select(cases.c.tenant).distinct().order_by(cases.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(wanted)).all())

    async def rows(self, tenant: str, numbers: Sequence[str]) -> dict[str, Rows]:
        """The rows of these cases, all of one moment; those without any are left out."""
        async with self._sessions.reading() as connection:
            return await read(connection, tenant, numbers)

    async def plain(self, tenant: str, numbers: Sequence[str]) -> dict[str, set[Plain]]:
        """The same as another store of the same dialect gives it, if it has the same; quicker."""
        async with self._sessions.reading() as connection:
            return await read_plain(connection, tenant, numbers)

    async def fill(self, tenant: str, made: Mapping[str, Rows]) -> None:
        """Write cases that are not there, by number; all of them or none.

        Their chains must hold. Rows of the outbox are written as ones that are never sent.
        """
        await self.put(pack(self.dialect, tenant, made))

    async def put(self, packed: Packed) -> None:
        """The same, packed already for this dialect."""
        async with self._sessions.writing() as connection:
            await put_packed(connection, packed)

    async def replace(
        self, tenant: str, number: str, seen: Rows, wanted: Rows, *, entries: bool = False
    ) -> None:
        """Make a case's rows what is wanted, unless it is no longer as it was seen.

        Entries that are missing are added. Rows of the outbox are added, too, but never sent; none
        is taken away or changed: they say what was done.

        Args:
            tenant: whose case.
            number: the case.
            seen: the rows as the difference was found.
            wanted: the rows as they should be.
            entries: whether entries that are there but should be others are changed as well.

        Raises:
            Moved, StoreDown
        """
        which = (tenant, number)
        async with self._sessions.writing() as connection:
            await hold(connection, which, seen)
            if (await read(connection, tenant, [number])).get(number, none()) != seen:
                raise Moved(f"{number} was written meanwhile.")
            await put_case(connection, which, seen, wanted)
            await put_entries_of(connection, which, seen, wanted, every=entries)
            for name in reversed(AGAIN):
                await clear(connection, name, which)
            for name in AGAIN:
                await put_rows(connection, name, list(whole(name, which, wanted[name])))
            lost = {k: r for k, r in wanted["outbox"].items() if k not in seen["outbox"]}
            await put_rows(connection, "outbox", list(whole("outbox", which, lost)))
