"""Reads and writes the rows of whole cases; `Recorder` writes what is new of a running one."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import String, Table, delete, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from store.audit.append import hash_rows, put_entries
from store.audit.tables import audit_waiting
from store.cases.tables import cases
from store.db.corrupt_rows import NO_VALUE
from store.db.raw_rows import Plain, columns, plain, put_plain
from store.db.session import Sessions
from store.db.sql import insert
from store.db.types import Json
from store.errors import StoreError
from store.outbox.records import Delivery
from store.outbox.tables import outbox
from store.projection.rows import (
    COLUMNS,
    COMPARED,
    KEYS,
    TABLES,
    WHICH,
    Key,
    Row,
    Rows,
    keyed,
    none,
    whole,
)

UNREADABLE: Final[Key] = ("unreadable",)
"""Stands for the rows of a table of which one cannot be read."""


class Respelled(str):
    """A text that is no JSON, or not in the one spelling that we write: somebody changed it."""

    __slots__ = ()


async def read(connection: AsyncConnection, tenant: str, numbers: Sequence[str]) -> dict[str, Rows]:
    """The rows of these cases; those without any are left out."""
    found: dict[str, Rows] = {}
    for name, table in TABLES.items():
        try:
            await _add(found, connection, table, tenant, numbers)
        except NO_VALUE:
            for number in numbers:
                found.setdefault(number, none())[name] = {}
                try:
                    await _add(found, connection, table, tenant, [number])
                except NO_VALUE:
                    found[number][name] = {UNREADABLE: {}}
    return {number: rows for number, rows in found.items() if any(rows.values())}


async def _add(
    found: dict[str, Rows],
    connection: AsyncConnection,
    table: Table,
    tenant: str,
    numbers: Sequence[str],
) -> None:
    name = table.name
    names = ("number", *KEYS[name], *COLUMNS[name])
    texts = [each for each in names if isinstance(table.c[each].type, Json)]
    columns = [
        type_coerce(table.c[each], String).label(each) if each in texts else table.c[each]
        for each in names
    ]
    wanted = select(*columns).where(table.c.tenant == tenant, table.c.number.in_(numbers))
    for values in await connection.execute(wanted):
        row = dict(zip(names, values, strict=True))
        for each in texts:
            row[each] = _json(row[each])
        key, rest = keyed(name, row)
        found.setdefault(row["number"], none())[name][key] = rest


@lru_cache(8192)
def _json(text: str | None) -> Any:
    """The value, not to be changed: actors, steps and roles come again and again."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return Respelled(text)
    return value if canonical_json(value) == text else Respelled(text)


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


Packed = Mapping[str, list[Plain]]
"""Rows by table, as the driver takes them; those of the ledger with them."""

WAITING: Final = tuple(audit_waiting.columns.keys())
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(
        c.name
        for c in table.columns
        if table is not outbox or c.name in {*WHICH, *KEYS[name], *COLUMNS[name], *untold()}
    )
    for name, table in TABLES.items()
}
"""In the tables' order, as an INSERT has them."""
SEEN: Final = {name: ("number", *KEYS[name], *COMPARED[name]) for name in TABLES}


def pack(dialect: str, tenant: str, made: Mapping[str, Rows]) -> Packed:
    """The rows of cases whose chains hold, by number; their messages are never sent."""
    packed: dict[str, list[Plain]] = {}
    for name, table in TABLES.items():
        ours = (whole(name, (tenant, number), rows[name]) for number, rows in made.items())
        more = untold() if table is outbox else {}
        rows = (row | more for row in chain.from_iterable(ours))
        packed[name] = plain(dialect, table, NAMES[name], rows)
    waiting = hash_rows(tenant, {number: hashes(rows) for number, rows in made.items()})
    packed[audit_waiting.name] = plain(dialect, audit_waiting, WAITING, waiting)
    return packed


async def put_packed(connection: AsyncConnection, packed: Packed) -> None:
    """Write cases that are not there."""
    for name, table in TABLES.items():
        await put_plain(connection, insert(connection, table), NAMES[name], packed[name])
    waits = insert(connection, audit_waiting).on_conflict_do_nothing()
    await put_plain(connection, waits, WAITING, packed[audit_waiting.name])


async def read_plain(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, set[Plain]]:
    """All that is compared of these cases, as the database has it; each row with its table."""
    found: dict[str, set[Plain]] = {number: set() for number in numbers}
    for name, table in TABLES.items():
        wanted = select(*columns(table, SEEN[name]))
        mine = wanted.where(table.c.tenant == tenant, table.c.number.in_(numbers))
        for row in await connection.execute(mine):
            found[row[0]].add((name, *row))
    return found


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

    async def raw_rows(self, tenant: str, numbers: Sequence[str]) -> dict[str, set[Plain]]:
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
