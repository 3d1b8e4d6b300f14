"""Reads the feed of changes as it grows, and misses none that becomes visible late.

PostgreSQL gives ids in the order in which rows are written, and shows rows in the order in which
their transactions end. An id that is skipped may so be one that is still to come: it is asked for
until it comes, or until no transaction can be as old.
"""

import time
from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select

from store.changes.records import StoredChange
from store.changes.tables import changes
from store.db.session import Sessions

COLUMNS: Final = tuple(changes.c[name] for name in StoredChange._fields)
ROWS_AT_ONCE: Final = 1000
LOOK_BACK: Final = 1000
"""Among how many of the newest ids a reader that begins looks for skipped ones."""
GAP_SECONDS: Final = 60.0
"""How long a skipped id may still come: a statement ends after ten seconds, a transaction has few.

An id that was skipped for longer belongs to a transaction that was rolled back.
"""
MOST_GAPS: Final = 500


class ChangeReader:
    """Reads all tenants' changes from where it begins; made by `Changes.reader`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._high: int | None = None
        self._gaps: dict[int, float] = {}

    @property
    def settled(self) -> int:
        """The id up to which all is read, and nothing can come any more."""
        return min(self._gaps, default=(self._high or 0) + 1) - 1

    async def begin(self) -> None:
        """Begin behind the newest row, whatever was read before.

        Raises:
            StoreDown
        """
        newest = select(changes.c.id).order_by(changes.c.id.desc()).limit(LOOK_BACK)
        async with self._sessions.reading() as connection:
            ids = sorted((await connection.scalars(newest)).all())
        self._gaps, self._high = {}, ids[0] if ids else 0
        self._note(ids)

    async def read(self) -> list[StoredChange]:
        """Return what became visible since the last call, of all tenants, in the order of ids.

        Raises:
            StoreDown
        """
        if self._high is None:
            await self.begin()
        query = select(*COLUMNS).where(self._is_new()).order_by(changes.c.id).limit(ROWS_AT_ONCE)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        self._note(row.id for row in rows)
        return [StoredChange(*row) for row in rows]

    def _is_new(self) -> ColumnElement[bool]:
        is_higher = changes.c.id > self._high
        if not self._gaps:
            return is_higher
        # The lower bound is for SQLite, which would read the whole feed otherwise.
        is_possible = changes.c.id >= min(self._gaps)
        return and_(is_possible, or_(is_higher, changes.c.id.in_(sorted(self._gaps))))

    def _note(self, ids: Iterable[int]) -> None:
        """Note which ids came, and which were skipped."""
        now, high = time.monotonic(), self._high or 0
        for id in ids:
            self._gaps.pop(id, None)
            # After a crash, PostgreSQL skips some that nobody has.
            skipped = range(max(high + 1, id - MOST_GAPS), id)
            self._gaps.update(dict.fromkeys(skipped, now + GAP_SECONDS))
            high = max(high, id)
        kept = sorted(id for id, until in self._gaps.items() if until > now)[-MOST_GAPS:]
        self._gaps, self._high = {id: self._gaps[id] for id in kept}, high
