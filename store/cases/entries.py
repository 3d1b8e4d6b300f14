"""Histories, line by line."""

import json
from collections.abc import Sequence

from sqlalchemy import String, select, type_coerce

from domain.language.entries import Entry, EntryType
from store.cases.tables import entries
from store.db.corrupt_rows import sound
from store.db.session import Sessions


class Entries:
    """Reads the entries; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(
        self, tenant: str, number: str, after: int = 0, limit: int | None = None
    ) -> list[Entry]:
        """The history of a case, oldest first, from the entry that follows seq `after`.

        Raises:
            Unreadable: a row was spoilt.
        """
        wanted = select(entries).where(
            entries.c.tenant == tenant, entries.c.number == number, entries.c.seq > after
        )
        async with self._sessions.reading() as connection:
            ordered = wanted.order_by(entries.c.seq).limit(limit)
            return await sound(connection, entries, ordered, Entry)

    async def words(self, tenant: str, numbers: Sequence[str]) -> dict[str, str]:
        """The customers' own words, by case; a case without any that can be read is left out."""
        wanted = select(entries.c.number, type_coerce(entries.c.form, String)).where(
            entries.c.tenant == tenant,
            entries.c.number.in_(numbers),
            entries.c.seq == 1,
            entries.c.type == EntryType.OPENED.value,
        )
        async with self._sessions.reading() as connection:
            openings = (await connection.execute(wanted)).all()
        said = ((number, _words(opening)) for number, opening in openings)
        return {number: words for number, words in said if isinstance(words, str)}


def _words(opening: str) -> object:
    try:
        return json.loads(opening)["form"]["words"]
    except (ValueError, LookupError, TypeError):
        return None
