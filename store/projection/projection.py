"""Read and write the rows of whole cases; `Recorder` writes what is new of a running one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Table, delete, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from store.audit.append import hash_rows, put_entries
from store.audit.tables import audit_waiting
from store.cases.tables import cases
from store.db.corrupt_rows import UNREADABLE_VALUE
from store.db.raw_rows import RawRow, columns, insert_raw_rows, raw_rows
from store.db.session import Sessions
from store.db.sql import insert
from store.db.types import Json
from store.errors import CaseChanged
from store.outbox.messages import belongs_to_entry
from store.outbox.records import Delivery
from store.outbox.tables import outbox
from store.projection.rows import (
    CASE_KEY,
    COLUMNS,
    COMPARED,
    KEYS,
    TABLES,
    Key,
    Row,
    Rows,
    full_rows,
    no_rows,
    split_key,
)

Case = tuple[str, str]
"""Tenant and number."""

PackedRows = Mapping[str, list[RawRow]]
"""Rows by table as the driver takes them, with those of the audit log."""

UNREADABLE: Final[Key] = ("unreadable",)
"""Stands for the rows of a table of which one cannot be read."""

UNKNOWN = "unknown"
"""The reason of a message of which nobody knows whether it was sent; it never is, not by hand."""

NOT_SENT: Final[Row] = {"status": Delivery.DEAD.value, "reason": UNKNOWN, "attempts": 0}
"""The columns of such a message beside those that the projection knows."""

REPLACED = ("tasks", "task_roles", "clocks", "case_words", "case_goods", "attachments")
"""Tables that are derived in full, so that their rows are deleted and written again."""

WAITING_COLUMNS: Final = tuple(audit_waiting.columns.keys())
WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(
        c.name
        for c in table.columns
        if table is not outbox or c.name in {*CASE_KEY, *KEYS[name], *COLUMNS[name], *NOT_SENT}
    )
    for name, table in TABLES.items()
}
"""The columns that an INSERT writes, in the tables' order."""
READ: Final = {name: ("number", *KEYS[name], *COMPARED[name]) for name in TABLES}
"""The columns that a comparison of raw rows reads."""


class Projection:
    """What the store has of cases, table by table."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @property
    def dialect(self) -> str:
        """The kind of database: rows that are packed for one do not fit another."""
        return self._sessions.engine.dialect.name

    async def tenants(self) -> list[str]:
        """Return the tenants that have cases."""
        query = select(cases.c.tenant).distinct().order_by(cases.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def rows(self, tenant: str, numbers: Sequence[str]) -> dict[str, Rows]:
        """Return the rows of these cases, all of one moment; cases without rows are left out."""
        async with self._sessions.reading() as connection:
            return await _read(connection, tenant, numbers)

    async def raw_rows(self, tenant: str, numbers: Sequence[str]) -> dict[str, set[RawRow]]:
        """Return what is compared of these cases as the database has it, each row with its table.

        Quicker than `rows`; only two stores of the same dialect can be compared by it.
        """
        by_case: dict[str, set[RawRow]] = {number: set() for number in numbers}
        async with self._sessions.reading() as connection:
            for name, table in TABLES.items():
                query = select(*columns(table, READ[name])).where(
                    *_of_cases(table, tenant, numbers)
                )
                for row in await connection.execute(query):
                    by_case[row[0]].add((name, *row))
        return by_case

    async def fill(self, tenant: str, by_number: Mapping[str, Rows]) -> None:
        """Write cases that are not there; all of them or none.

        Their hash chains must hold. Rows of the outbox are written as ones that are never sent.
        """
        await self.put(pack(self.dialect, tenant, by_number))

    async def put(self, packed: PackedRows) -> None:
        """Write cases that are not there, packed already for this dialect."""
        async with self._sessions.writing() as connection:
            for name, table in TABLES.items():
                adding = insert(connection, table)
                await insert_raw_rows(connection, adding, WRITTEN[name], packed[name])
            adding = insert(connection, audit_waiting).on_conflict_do_nothing()
            waiting = packed[audit_waiting.name]
            await insert_raw_rows(connection, adding, WAITING_COLUMNS, waiting)

    async def replace(
        self, tenant: str, number: str, before: Rows, after: Rows, *, entries: bool = False
    ) -> None:
        """Replace a case's rows, unless somebody has changed them since they were read.

        Missing entries are added. Missing rows of the outbox are added as ones that are never
        sent; none is deleted or changed, since they say what was done.

        Args:
            tenant: whose case it is.
            number: the case.
            before: the rows as they were read.
            after: the rows as they should be.
            entries: whether to change existing entries as well.

        Raises:
            CaseChanged, StoreDown
        """
        case = (tenant, number)
        async with self._sessions.writing() as connection:
            await _lock(connection, case, before)
            if (await _read(connection, tenant, [number])).get(number, no_rows()) != before:
                raise _changed(case)
            await _replace_case(connection, case, before, after)
            await _replace_entries(connection, case, before, after, change=entries)
            for name in reversed(REPLACED):
                await _delete(connection, name, case)
            for name in REPLACED:
                await _insert(connection, name, full_rows(name, case, after[name]))
            lost = {k: row for k, row in after["outbox"].items() if k not in before["outbox"]}
            await _insert(connection, "outbox", full_rows("outbox", case, lost))


def pack(dialect: str, tenant: str, by_number: Mapping[str, Rows]) -> PackedRows:
    """Pack the rows of cases whose hash chains hold for `Projection.put`.

    It needs no connection, so any process can do it.
    """
    packed: dict[str, list[RawRow]] = {}
    for name, table in TABLES.items():
        of_cases = (full_rows(name, (tenant, n), rows[name]) for n, rows in by_number.items())
        more = NOT_SENT if table is outbox else {}
        rows = (row | more for row in chain.from_iterable(of_cases))
        packed[name] = raw_rows(dialect, table, WRITTEN[name], rows)
    waiting = hash_rows(tenant, {number: _hashes(rows) for number, rows in by_number.items()})
    packed[audit_waiting.name] = raw_rows(dialect, audit_waiting, WAITING_COLUMNS, waiting)
    return packed


def _hashes(rows: Rows) -> dict[int, str]:
    """Return each entry's hash by seq; the next entry carries it, so only the last is computed."""
    entries = sorted(rows["entries"].items())
    hashes = {seq - 1: row["prev"] for (seq,), row in entries[1:]}
    (seq,), last = entries[-1]
    return hashes | {seq: entry_hash(_entry(seq, last))}


def _entry(seq: int, row: Row) -> Entry:
    return Entry.model_validate({"seq": seq, **row})


async def _read(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, Rows]:
    by_case: dict[str, Rows] = {}
    for name, table in TABLES.items():
        try:
            await _read_table(by_case, connection, table, tenant, numbers)
        except UNREADABLE_VALUE:
            for number in numbers:
                by_case.setdefault(number, no_rows())[name] = {}
                try:
                    await _read_table(by_case, connection, table, tenant, [number])
                except UNREADABLE_VALUE:
                    by_case[number][name] = {UNREADABLE: {}}
    return {number: rows for number, rows in by_case.items() if any(rows.values())}


async def _read_table(
    by_case: dict[str, Rows],
    connection: AsyncConnection,
    table: Table,
    tenant: str,
    numbers: Sequence[str],
) -> None:
    names = ("number", *KEYS[table.name], *COLUMNS[table.name])
    json_names = [name for name in names if isinstance(table.c[name].type, Json)]
    selected = [
        type_coerce(table.c[name], String).label(name) if name in json_names else table.c[name]
        for name in names
    ]
    query = select(*selected).where(*_of_cases(table, tenant, numbers))
    for values in await connection.execute(query):
        row = dict(zip(names, values, strict=True))
        for name in json_names:
            row[name] = _parse_json(row[name])
        key, rest = split_key(table.name, row)
        by_case.setdefault(row["number"], no_rows())[table.name][key] = rest


def _of_cases(table: Table, tenant: str, numbers: Sequence[str]) -> list[ColumnElement[bool]]:
    """Select the rows of these cases that follow from their entries."""
    of_cases = [table.c.tenant == tenant, table.c.number.in_(numbers)]
    return [*of_cases, belongs_to_entry()] if table is outbox else of_cases


class NotCanonical(str):
    """A text that is no JSON, or not in the one spelling that we write: somebody changed it."""

    __slots__ = ()


@lru_cache(8192)
def _parse_json(text: str | None) -> Any:
    """Return the value, not to be changed: it is cached, since actors, steps and roles recur."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return NotCanonical(text)
    return value if canonical_json(value) == text else NotCanonical(text)


async def _lock(connection: AsyncConnection, case: Case, before: Rows) -> None:
    """Keep the recorder from writing this case until we are done: it begins at the same row."""
    if before["cases"]:
        this = (cases.c.tenant == case[0], cases.c.number == case[1])
        await connection.execute(select(cases.c.last_seq).where(*this).with_for_update())


def _changed(case: Case) -> CaseChanged:
    return CaseChanged(f"{case[1]} was written meanwhile.")


async def _replace_case(connection: AsyncConnection, case: Case, before: Rows, after: Rows) -> None:
    """Write the case's row; if another transaction is adding it, wait for that and give up."""
    (row,) = full_rows("cases", case, after["cases"])
    adding = insert(connection, cases).values(row)
    changed = {name: adding.excluded[name] for name in COLUMNS["cases"]}
    statement = (
        adding.on_conflict_do_update(index_elements=cases.primary_key, set_=changed)
        if before["cases"]
        else adding.on_conflict_do_nothing()
    )
    if await connection.scalar(statement.returning(cases.c.number)) is None:
        raise _changed(case)


async def _replace_entries(
    connection: AsyncConnection, case: Case, before: Rows, after: Rows, *, change: bool
) -> None:
    present, expected = before["entries"], after["entries"]
    if change and present.keys() - expected.keys():
        # Rows that are superfluous or unreadable have no key that could be relied on.
        await _delete(connection, "entries", case)
        present = {}
    wrong = [key for key, row in present.items() if expected.get(key) != row] if change else []
    table = TABLES["entries"]
    for (seq,) in wrong:
        this = (table.c.tenant == case[0], table.c.number == case[1], table.c.seq == seq)
        await connection.execute(delete(table).where(*this))
    if UNREADABLE in present:
        return
    new = {key: row for key, row in expected.items() if key not in present or key in wrong}
    await _insert(connection, "entries", full_rows("entries", case, new))
    await put_entries(connection, *case, (_entry(seq, row) for (seq,), row in new.items()))


async def _delete(connection: AsyncConnection, name: str, case: Case) -> None:
    table = TABLES[name]
    rows = (table.c.tenant == case[0], table.c.number == case[1])
    await connection.execute(delete(table).where(*rows))


async def _insert(connection: AsyncConnection, name: str, rows: Iterable[Row]) -> None:
    adding = insert(connection, TABLES[name])
    if name == outbox.name:
        # A call's activity may write the row of its message at any time.
        adding = adding.on_conflict_do_nothing()
        rows = ({**row, **NOT_SENT} for row in rows)
    if values := list(rows):
        await connection.execute(adding, values)
