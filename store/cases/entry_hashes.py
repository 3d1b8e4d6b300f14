"""The hashes of histories, range by range of cases, computed straight from rows to verify them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from json.scanner import make_scanner
from typing import Any

from sqlalchemy import ColumnElement, String, Table, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from domain.engine.chain import without_none
from store.audit.records import LeafKind
from store.audit.tables import audit, audit_waiting
from store.cases.records import CaseHashes, HashedEntry
from store.cases.tables import cases, entries
from store.db.session import Sessions

NumberRange = tuple[str | None, str | None] | tuple[str]
"""Cases with a number after the first and up to the second (None: no bound); or one case."""

UNREADABLE = ""
"""The hash of a row that is no entry; no entry has it."""

# As text, as the database has it: reading JSON and times into objects would take most of the time.
RAW = ("actor", "at", "due_at", "detected_at", "cause", "form")
NAMES = (
    "number", "seq", "prev", "schema_version", "type", "step", "led_to", *RAW
)  # fmt: skip
COLUMNS = [
    type_coerce(entries.c[name], String).label(name) if name in RAW else entries.c[name]
    for name in NAMES
]

ENTRY = LeafKind.ENTRY.value
SCANNER = make_scanner(json.JSONDecoder())  # type: ignore[arg-type]  # the stub means itself
CAUSE_DEFAULTS = (
    '"deed":null,', '"digest":null,', '"entry":null,', ',"request":null', '"request":null'
)  # fmt: skip


class EntryHashes:
    """Reads what must agree: entries, rows of cases, and the audit log's hashes of the entries."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def ranges(self, tenant: str, size: int) -> list[tuple[NumberRange, int]]:
        """Return ranges that cover all cases, with about `size` entries in each, and their counts.

        The first range has no lower bound and the last no upper one, so every entry lies in one
        of them, whatever its number is.
        """
        query = select(cases.c.number, cases.c.last_seq).where(cases.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.order_by(cases.c.number))).all()
        ranges: list[tuple[NumberRange, int]] = []
        begin, count = None, 0
        for number, last in rows:
            count += last if isinstance(last, int) else 1  # SQLite keeps anything in any column
            if count >= size:
                ranges.append(((begin, number), count))
                begin, count = number, 0
        return [*ranges, ((begin, None), count)]

    async def read_case(self, tenant: str, number: str) -> CaseHashes:
        """Read the hashes of one case."""
        return await self.read(tenant, (number,))

    async def read(self, tenant: str, numbers: NumberRange) -> CaseHashes:
        """Read the hashes of these cases, all of one moment."""
        async with self._sessions.reading() as connection:
            return CaseHashes(
                entries=await _entries(connection, tenant, numbers),
                last=await _last(connection, tenant, numbers),
                sealed=await _logged(connection, audit, tenant, numbers),
                waiting=await _logged(connection, audit_waiting, tenant, numbers),
            )


def row_hash(row: Sequence[Any]) -> str:
    """Return the hash of a row that was read by `COLUMNS`.

    No two rows make the same text, or one could stand for the other. From the front, each part
    (an actor, a time, a cause) delimits itself. From the back, each text ends at its first
    quotation mark, since those within are escaped. What is left between is the whole form, so
    that the form need not be parsed as JSON.
    """
    _, seq, prev, version, type, step, led_to, actor, at, due_at, detected_at, cause, form = row
    try:
        text = f'{{"actor":{_actor(actor)},"at":{_time(at)}{_cause(cause)}'
        if detected_at is not None:
            text += f',"detected_at":{_time(detected_at)}'
        if due_at is not None:
            text += f',"due_at":{_time(due_at)}'
        if form != "{}":
            text += f',"form":{form}'
        return sha256(f"{text},{_end(led_to, prev, version, seq, step, type)}".encode()).hexdigest()
    except (ValueError, TypeError, AttributeError, StopIteration, RecursionError):
        return UNREADABLE


@lru_cache(4096)
def _actor(text: str) -> str:
    """Return the actor without the fields that have their default."""
    actor = {
        name: value
        for name, value in without_none(json.loads(text)).items()
        if not (name == "roles" and value == [])
    }
    return canonical_json(actor)


def _time(at: str | datetime) -> str:
    """Return a moment as pydantic spells it; SQLite gives text, PostgreSQL moments in UTC."""
    if isinstance(at, str):
        return quoted(f"{at.replace(' ', 'T', 1).removesuffix('.000000')}Z")
    return f'"{at.isoformat()[:-6]}Z"'


def _cause(text: str) -> str:
    """Return the cause without the fields that have their default; nothing if none is left."""
    # The text must be exactly one value, or it could stand in for the next column as well.
    if SCANNER(text, 0)[1] != len(text):
        raise ValueError("more than one value")
    if "null" in text:
        # These cannot stand within a string of JSON: quotation marks are escaped there.
        for default in CAUSE_DEFAULTS:
            text = text.replace(default, "")
        if "null" in text:  # in a string, or of a field that a newer version added
            text = canonical_json(without_none(json.loads(text)))
    return "" if text == "{}" else f',"cause":{text}'


def _end(led_to: str, prev: str | None, version: int, seq: int, step: str | None, type: str) -> str:
    before = f',"prev":{quoted(prev)}' if prev is not None else ""
    by = f',"step":{quoted(step)}' if step is not None else ""
    return (
        f'"led_to":{quoted(led_to)}{before},"schema_version":{version:d},"seq":{seq:d}{by},'
        f'"type":{quoted(type)}}}'
    )


async def _entries(
    connection: AsyncConnection, tenant: str, numbers: NumberRange
) -> list[HashedEntry]:
    query = select(*COLUMNS).where(entries.c.tenant == tenant, *_within(entries.c.number, numbers))
    rows = await connection.execute(query.order_by(entries.c.number, entries.c.seq))
    return [HashedEntry(row[0], row[1], row[2], row_hash(row)) for row in rows.all()]


async def _last(connection: AsyncConnection, tenant: str, numbers: NumberRange) -> dict[str, int]:
    query = select(cases.c.number, cases.c.last_seq).where(
        cases.c.tenant == tenant, *_within(cases.c.number, numbers)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def _logged(
    connection: AsyncConnection, table: Table, tenant: str, numbers: NumberRange
) -> dict[str, dict[int, str]]:
    query = select(table.c.id, table.c.seq, table.c.hash).where(
        table.c.tenant == tenant, table.c.kind == ENTRY, *_within(table.c.id, numbers)
    )
    hashes: dict[str, dict[int, str]] = defaultdict(dict)
    for number, seq, digest in (await connection.execute(query)).all():
        hashes[number][seq] = digest
    return hashes


def _within(number: ColumnElement[str], numbers: NumberRange) -> list[ColumnElement[bool]]:
    if len(numbers) == 1:
        return [number == numbers[0]]
    after, upto = numbers
    return [
        *([number > after] if after is not None else []),
        *([number <= upto] if upto is not None else []),
    ]
