"""Histories as verification reads them: a stretch of cases at a time, hashed straight from rows."""

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

from store.audit.records import Hashed, LeafKind, Part
from store.audit.tables import audit, audit_waiting
from store.cases.tables import cases, entries
from store.db.session import Sessions

UNREADABLE = ""
"""The hash of a row that is no entry; no entry has it."""

SCANNER = make_scanner(json.JSONDecoder())  # type: ignore[arg-type]  # the stub means itself
DEFAULTS = ('"deed":null,', '"digest":null,', '"entry":null,', ',"request":null', '"request":null')

# As text, as the database has it: reading JSON and times into objects would take most of the time.
RAW = ("actor", "at", "due_at", "detected_at", "cause", "form")
NAMES = (
    "number", "seq", "prev", "schema_version", "type", "step", "led_to", *RAW
)  # fmt: skip
COLUMNS = [
    type_coerce(entries.c[name], String).label(name) if name in RAW else entries.c[name]
    for name in NAMES
]


def row_hash(row: Sequence[Any]) -> str:
    """The hash of a row that was read by `COLUMNS`.

    No two rows make the same text, or one could stand for the other. From the front each part ends
    where it says so itself: an actor, a time, a cause. From the back each text ends at its first
    quotation mark, since those within are escaped. What is left between them is the form, all of
    it, so that the form need not be read as JSON.
    """
    _, seq, prev, version, type, step, led_to, actor, at, due_at, detected_at, cause, form = row
    try:
        said = f'{{"actor":{_actor(actor)},"at":{_time(at)}{_cause(cause)}'
        if detected_at is not None:
            said += f',"detected_at":{_time(detected_at)}'
        if due_at is not None:
            said += f',"due_at":{_time(due_at)}'
        if form != "{}":
            said += f',"form":{form}'
        return sha256(f"{said},{_end(led_to, prev, version, seq, step, type)}".encode()).hexdigest()
    except (ValueError, TypeError, AttributeError, StopIteration, RecursionError):
        return UNREADABLE


def _end(led_to: str, prev: str | None, version: int, seq: int, step: str | None, type: str) -> str:
    before = f',"prev":{quoted(prev)}' if prev is not None else ""
    by = f',"step":{quoted(step)}' if step is not None else ""
    return (
        f'"led_to":{quoted(led_to)}{before},"schema_version":{version:d},"seq":{seq:d}{by},'
        f'"type":{quoted(type)}}}'
    )


@lru_cache(4096)
def _actor(text: str) -> str:
    """The actor without what has its default."""
    said = json.loads(text)
    told = {
        name: value
        for name, value in said.items()
        if not (name == "roles" and value == []) and not (name == "on_behalf_of" and value is None)
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cause(text: str) -> str:
    """The cause without what has its default; nothing, if that is all."""
    # All of it must be one value, or it could stand in for the next column as well.
    if SCANNER(text, 0)[1] != len(text):
        raise ValueError("more than one value")
    if "null" in text:
        # Within a text of JSON these cannot stand: there a quotation mark is escaped.
        for default in DEFAULTS:
            text = text.replace(default, "")
    return "" if text == "{}" else f',"cause":{text}'


def _time(at: str | datetime) -> str:
    """A moment as pydantic spells it; SQLite gives text, PostgreSQL moments in UTC."""
    if isinstance(at, str):
        return quoted(f"{at.replace(' ', 'T', 1).removesuffix('.000000')}Z")
    return f'"{at.isoformat()[:-6]}Z"'


ENTRY = LeafKind.ENTRY.value
Stretch = tuple[str | None, str | None] | tuple[str]
"""From the case behind this number to that one; None is the beginning, or the end. Or one case."""


class EntryHashes:
    """Reads what must hang together: entries, rows of cases, and the ledger's hashes of both."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def stretches(self, tenant: str, size: int) -> list[tuple[Stretch, int]]:
        """All cases in stretches of so many entries or a little more, each with their number.

        Whatever its number is, every entry lies in one of them.
        """
        wanted = select(cases.c.number, cases.c.last_seq).where(cases.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(wanted.order_by(cases.c.number))).all()
        found: list[tuple[Stretch, int]] = []
        begin, count = None, 0
        for number, last in rows:
            count += last if isinstance(last, int) else 1  # SQLite keeps anything in any column
            if count >= size:
                found.append(((begin, number), count))
                begin, count = number, 0
        return [*found, ((begin, None), count)]

    async def of(self, tenant: str, number: str) -> Part:
        """The same of one case."""
        return await self.part(tenant, (number,))

    async def part(self, tenant: str, stretch: Stretch) -> Part:
        """All there is of these cases, at one moment."""
        async with self._sessions.reading() as connection:
            return Part(
                entries=await _entries(connection, tenant, stretch),
                last=await _last(connection, tenant, stretch),
                sealed=await _hashes(connection, audit, tenant, stretch),
                waiting=await _hashes(connection, audit_waiting, tenant, stretch),
            )


async def _entries(connection: AsyncConnection, tenant: str, stretch: Stretch) -> list[Hashed]:
    wanted = select(*COLUMNS).where(entries.c.tenant == tenant, *within(entries.c.number, stretch))
    rows = await connection.execute(wanted.order_by(entries.c.number, entries.c.seq))
    return [Hashed(row[0], row[1], row[2], row_hash(row)) for row in rows.all()]


def within(number: ColumnElement[str], stretch: Stretch) -> Sequence[ColumnElement[bool]]:
    """Whether a case's number is in the stretch."""
    if len(stretch) == 1:
        return [number == stretch[0]]
    after, upto = stretch
    return [
        *([number > after] if after is not None else []),
        *([number <= upto] if upto is not None else []),
    ]


async def _last(connection: AsyncConnection, tenant: str, stretch: Stretch) -> dict[str, int]:
    wanted = select(cases.c.number, cases.c.last_seq).where(
        cases.c.tenant == tenant, *within(cases.c.number, stretch)
    )
    return {row[0]: row[1] for row in await connection.execute(wanted)}


async def _hashes(
    connection: AsyncConnection, table: Table, tenant: str, stretch: Stretch
) -> dict[str, dict[int, str]]:
    wanted = select(table.c.id, table.c.seq, table.c.hash).where(
        table.c.tenant == tenant, table.c.kind == ENTRY, *within(table.c.id, stretch)
    )
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for number, seq, digest in (await connection.execute(wanted)).all():
        found[number][seq] = digest
    return found
