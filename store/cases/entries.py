"""The entries of cases: whole histories, opening words, and moves between states."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, String, or_, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.engine.case import BACK
from domain.language.entries import MOVES, Entry, EntryType
from domain.mining.flow import Move
from store.cases.tables import cases, entries
from store.db.corrupt_rows import read_rows
from store.db.pages import is_beyond
from store.db.session import Sessions

CASES_PER_READ = 500
"""How many cases one statement covers; it bounds the statement and the memory."""

CLAIMING = (EntryType.CLAIMED.value, EntryType.STEPPED.value)
"""What a claim becomes: while a case waits to be assigned, it is the step that assigns it."""
MOVE_TYPES = sorted(type.value for type in MOVES)


@dataclass(frozen=True)
class MeasureEntry:
    """An entry that records an improvement measure, or its effect."""

    seq: int
    step: str
    at: datetime
    form: Mapping[str, Any]


class Entries:
    """Reads the entries; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(
        self, tenant: str, number: str, after: int = 0, limit: int | None = None
    ) -> list[Entry]:
        """Return the history of a case, oldest first, from the entry that follows seq `after`.

        Raises:
            CorruptRow
        """
        query = select(entries).where(
            entries.c.tenant == tenant, entries.c.number == number, entries.c.seq > after
        )
        async with self._sessions.reading() as connection:
            ordered = query.order_by(entries.c.seq).limit(limit)
            return await read_rows(connection, entries, ordered, Entry)

    async def claimed(self, tenant: str, person: str, request: str) -> str | None:
        """Return the open case that a person holds and claimed by this request."""
        query = select(entries.c.number, entries.c.cause).where(
            entries.c.tenant == tenant,
            entries.c.number == cases.c.number,
            entries.c.type.in_(CLAIMING),
            cases.c.tenant == tenant,
            cases.c.assignee == person,
            cases.c.closed_at.is_(None),
        )
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        return next((number for number, cause in rows if cause.get("request") == request), None)

    async def opening_words(self, tenant: str, numbers: Sequence[str]) -> dict[str, str]:
        """Return the customers' own words by case; cases without readable words are left out."""
        async with self._sessions.reading() as connection:
            return await words_of(connection, tenant, numbers)

    async def forms(
        self, tenant: str, keys: Sequence[tuple[str, int]]
    ) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the forms of entries by number and seq; what is not readable is left out."""
        if not keys:
            return {}
        query = select(entries.c.number, entries.c.seq, type_coerce(entries.c.form, String)).where(
            entries.c.tenant == tenant, tuple_(entries.c.number, entries.c.seq).in_(keys)
        )
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        forms = {(number, seq): _parsed(form) for number, seq, form in rows}
        return {key: form for key, form in forms.items() if isinstance(form, dict)}

    async def of_measures(
        self, tenant: str, numbers: Sequence[str], steps: Sequence[str]
    ) -> dict[str, list[MeasureEntry]]:
        """Return what records the improvement measures of cases and their effect, in order.

        What is not readable is left out. `steps` are the names of the steps that record it.
        """
        columns = (entries.c.number, entries.c.seq, entries.c.step, entries.c.at)
        query = select(*columns, type_coerce(entries.c.form, String)).where(
            entries.c.tenant == tenant, entries.c.number.in_(numbers), entries.c.step.in_(steps)
        )
        async with self._sessions.reading() as connection:
            ordered = query.order_by(entries.c.number, entries.c.seq)
            rows = (await connection.execute(ordered)).all()
        found: dict[str, list[MeasureEntry]] = defaultdict(list)
        for number, seq, step, at, written in rows:
            if isinstance(form := _parsed(written), dict):
                found[number].append(MeasureEntry(seq, step, at, form))
        return dict(found)

    async def taken_back(self, tenant: str, numbers: Sequence[str]) -> dict[str, dict[int, object]]:
        """Return to which entry cases were taken back, by case and by the entry that did it."""
        back = [type.value for type in BACK]
        query = select(entries.c.number, entries.c.seq, type_coerce(entries.c.form, String)).where(
            entries.c.tenant == tenant, entries.c.number.in_(numbers), entries.c.type.in_(back)
        )
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all() if numbers else ()
        found: dict[str, dict[int, object]] = defaultdict(dict)
        for number, seq, written in rows:
            if isinstance(form := _parsed(written), dict):
                found[number][seq] = form.get("to")
        return dict(found)

    async def moves(
        self,
        tenant: str,
        kind: str,
        version: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[list[Move]]:
        """Yield the moves of each case that may have moved between `since` and `until`."""
        after = ""
        while True:
            query = _numbers(tenant, kind, version, since, until).where(cases.c.number > after)
            query = query.order_by(cases.c.number).limit(CASES_PER_READ)
            async with self._sessions.reading() as connection:
                found = (await connection.execute(query)).scalars()
                numbers = [number for number in found if is_beyond(number, after)]
                rows = (await connection.execute(_moves(tenant, numbers))).all() if numbers else ()
            for _, case_rows in groupby(rows, key=lambda row: row[0]):
                yield [Move(*row[1:]) for row in case_rows]
            if len(numbers) < CASES_PER_READ:
                return
            after = numbers[-1]


async def words_of(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, str]:
    """Return the customers' own words by case; cases without readable words are left out."""
    query = select(entries.c.number, type_coerce(entries.c.form, String)).where(
        entries.c.tenant == tenant,
        entries.c.number.in_(numbers),
        entries.c.seq == 1,
        entries.c.type == EntryType.OPENED.value,
    )
    openings = (await connection.execute(query)).all()
    words = ((number, _words(opening)) for number, opening in openings)
    return {number: text for number, text in words if isinstance(text, str)}


def _words(opening: str) -> object:
    try:
        return json.loads(opening)["form"]["words"]
    except (ValueError, LookupError, TypeError):
        return None


def _parsed(form: str) -> object:
    try:
        return json.loads(form)
    except ValueError:
        return None


def _numbers(
    tenant: str, kind: str, version: int, since: datetime | None, until: datetime | None
) -> Select[Any]:
    query = select(cases.c.number).where(
        cases.c.tenant == tenant, cases.c.kind == kind, cases.c.process_version == version
    )
    if since is not None:
        # A closed case has not moved since it was closed: reopening clears `closed_at`.
        query = query.where(or_(cases.c.closed_at.is_(None), cases.c.closed_at >= since))
    return query if until is None else query.where(cases.c.opened_at < until)


def _moves(tenant: str, numbers: Sequence[str]) -> Select[Any]:
    columns = (entries.c.seq, entries.c.step, entries.c.type, entries.c.at, entries.c.led_to)
    return (
        select(entries.c.number, *columns)
        .where(
            entries.c.tenant == tenant,
            entries.c.number.in_(numbers),
            entries.c.type.in_(MOVE_TYPES),
        )
        .order_by(entries.c.number, entries.c.seq)
    )
