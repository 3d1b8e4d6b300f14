"""Reads and writes the rows of whole cases; `Recorder` writes what is new of a running one."""

from collections.abc import Mapping, Sequence
from itertools import chain

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chain import entry_hash
from domain.entries import Entry
from store.acts import put_entries, put_hashes
from store.errors import StoreError
from store.projection.reading import UNREADABLE, read
from store.projection.rows import COLUMNS, TABLES, Row, Rows, none, whole
from store.records import Delivery
from store.session import Sessions
from store.sql import insert
from store.tables.projection import cases
from store.tables.talk import outbox

UNKNOWN = "unknown"
"""Nobody knows any more whether it was sent; so it never is, not by hand either."""
AGAIN = ("tasks", "task_roles", "clocks")
"""Derived in full, so written anew in full."""


class Moved(StoreError):
    """The case was written meanwhile; look again."""


class Projection:
    """What the store has of cases, table by table."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def tenants(self) -> list[str]:
        """Those that have cases."""
        wanted = select(cases.c.tenant).distinct().order_by(cases.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(wanted)).all())

    async def rows(self, tenant: str, numbers: Sequence[str]) -> dict[str, Rows]:
        """The rows of these cases, all of one moment; those without any are left out."""
        async with self._sessions.reading() as connection:
            return await read(connection, tenant, numbers)

    async def fill(self, tenant: str, made: Mapping[str, Rows]) -> None:
        """Write cases that are not there, by number; all of them or none.

        Their chains must hold. Rows of the outbox are written as ones that are never sent.
        """
        async with self._sessions.writing() as connection:
            for name in TABLES:
                ours = (whole(name, (tenant, number), rows[name]) for number, rows in made.items())
                await _put(connection, name, list(chain.from_iterable(ours)))
            hashes = {number: _hashes(rows) for number, rows in made.items()}
            await put_hashes(connection, tenant, hashes)

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
            await _hold(connection, which, seen)
            if (await read(connection, tenant, [number])).get(number, none()) != seen:
                raise Moved(f"{number} was written meanwhile.")
            await _case(connection, which, seen, wanted)
            await _mend_entries(connection, which, seen, wanted, every=entries)
            for name in reversed(AGAIN):
                await _clear(connection, name, which)
            for name in AGAIN:
                await _put(connection, name, list(whole(name, which, wanted[name])))
            lost = {k: r for k, r in wanted["outbox"].items() if k not in seen["outbox"]}
            await _put(connection, "outbox", list(whole("outbox", which, lost)))


async def _hold(connection: AsyncConnection, which: tuple[str, str], seen: Rows) -> None:
    """Let nobody else record this case until we are done: the recorder begins at the same row."""
    if seen["cases"]:
        mine = (cases.c.tenant == which[0], cases.c.number == which[1])
        await connection.execute(select(cases.c.last_seq).where(*mine).with_for_update())


async def _case(
    connection: AsyncConnection, which: tuple[str, str], seen: Rows, wanted: Rows
) -> None:
    """Write the case's row; where there was none, another who writes one is waited for."""
    (row,) = whole("cases", which, wanted["cases"])
    fresh = insert(connection, cases).values(row)
    changed = {name: fresh.excluded[name] for name in COLUMNS["cases"]}
    once = (
        fresh.on_conflict_do_update(index_elements=cases.primary_key, set_=changed)
        if seen["cases"]
        else fresh.on_conflict_do_nothing()
    )
    if await connection.scalar(once.returning(cases.c.number)) is None:
        raise Moved(f"{which[1]} was written meanwhile.")


async def _mend_entries(
    connection: AsyncConnection, which: tuple[str, str], seen: Rows, wanted: Rows, *, every: bool
) -> None:
    there, right = seen["entries"], wanted["entries"]
    if every and there.keys() - right.keys():
        # What is too many, or cannot be read, has no key that could be relied on.
        await _clear(connection, "entries", which)
        there = {}
    wrong = [key for key, row in there.items() if right.get(key) != row] if every else []
    table = TABLES["entries"]
    for (seq,) in wrong:
        mine = (table.c.tenant == which[0], table.c.number == which[1], table.c.seq == seq)
        await connection.execute(delete(table).where(*mine))
    if UNREADABLE in there:
        return
    new = {key: row for key, row in right.items() if key not in there or key in wrong}
    await _put(connection, "entries", list(whole("entries", which, new)))
    await put_entries(connection, *which, (_entry(seq, row) for (seq,), row in new.items()))


async def _clear(connection: AsyncConnection, name: str, which: tuple[str, str]) -> None:
    table = TABLES[name]
    mine = (table.c.tenant == which[0], table.c.number == which[1])
    await connection.execute(delete(table).where(*mine))


async def _put(connection: AsyncConnection, name: str, rows: Sequence[Row]) -> None:
    if name == outbox.name:
        rows = [{**row, **_untold()} for row in rows]
    if rows:
        row = insert(connection, TABLES[name])
        # Whoever carries an errand out writes its row at any time.
        row = row.on_conflict_do_nothing() if name == outbox.name else row
        await connection.execute(row, rows)


def _untold() -> Row:
    return {"status": Delivery.DEAD.value, "reason": UNKNOWN, "attempts": 0}


def _hashes(rows: Rows) -> dict[int, str]:
    """Each entry's hash, by seq: the next one carries it, so only the newest is to be hashed."""
    entries = sorted(rows["entries"].items())
    found = {seq - 1: row["prev"] for (seq,), row in entries[1:]}
    (seq,), newest = entries[-1]
    return found | {seq: entry_hash(_entry(seq, newest))}


def _entry(seq: int, row: Row) -> Entry:
    return Entry.model_validate({"seq": seq, **row})
