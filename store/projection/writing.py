"""Writing the rows of one case, in the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chain import entry_hash
from domain.entries import Entry
from store.acts import put_entries
from store.errors import StoreError
from store.projection.reading import UNREADABLE
from store.projection.rows import COLUMNS, TABLES, Row, Rows, whole
from store.records import Delivery
from store.sql import insert
from store.tables.projection import cases
from store.tables.talk import outbox

UNKNOWN = "unknown"
"""Nobody knows any more whether it was sent; so it never is, not by hand either."""


class Moved(StoreError):
    """The case was written meanwhile; look again."""


async def hold(connection: AsyncConnection, which: tuple[str, str], seen: Rows) -> None:
    """Let nobody else record this case until we are done: the recorder begins at the same row."""
    if seen["cases"]:
        mine = (cases.c.tenant == which[0], cases.c.number == which[1])
        await connection.execute(select(cases.c.last_seq).where(*mine).with_for_update())


async def put_case(
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


async def put_entries_of(
    connection: AsyncConnection, which: tuple[str, str], seen: Rows, wanted: Rows, *, every: bool
) -> None:
    there, right = seen["entries"], wanted["entries"]
    if every and there.keys() - right.keys():
        # What is too many, or cannot be read, has no key that could be relied on.
        await clear(connection, "entries", which)
        there = {}
    wrong = [key for key, row in there.items() if right.get(key) != row] if every else []
    table = TABLES["entries"]
    for (seq,) in wrong:
        mine = (table.c.tenant == which[0], table.c.number == which[1], table.c.seq == seq)
        await connection.execute(delete(table).where(*mine))
    if UNREADABLE in there:
        return
    new = {key: row for key, row in right.items() if key not in there or key in wrong}
    await put_rows(connection, "entries", list(whole("entries", which, new)))
    await put_entries(connection, *which, (_entry(seq, row) for (seq,), row in new.items()))


async def clear(connection: AsyncConnection, name: str, which: tuple[str, str]) -> None:
    table = TABLES[name]
    mine = (table.c.tenant == which[0], table.c.number == which[1])
    await connection.execute(delete(table).where(*mine))


async def put_rows(connection: AsyncConnection, name: str, rows: Sequence[Row]) -> None:
    if name == outbox.name:
        rows = [{**row, **untold()} for row in rows]
    if rows:
        row = insert(connection, TABLES[name])
        # Whoever carries an errand out writes its row at any time.
        row = row.on_conflict_do_nothing() if name == outbox.name else row
        await connection.execute(row, rows)


def untold() -> Row:
    """What a row of the outbox says of a message of which nobody knows what became of it."""
    return {"status": Delivery.DEAD.value, "reason": UNKNOWN, "attempts": 0}


def hashes(rows: Rows) -> dict[int, str]:
    """Each entry's hash, by seq: the next one carries it, so only the newest is to be hashed."""
    entries = sorted(rows["entries"].items())
    found = {seq - 1: row["prev"] for (seq,), row in entries[1:]}
    (seq,), newest = entries[-1]
    return found | {seq: entry_hash(_entry(seq, newest))}


def _entry(seq: int, row: Row) -> Entry:
    return Entry.model_validate({"seq": seq, **row})
