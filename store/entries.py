"""Histories, line by line."""

from collections.abc import Sequence

from sqlalchemy import select

from domain.entries import Entry, EntryType
from store.errors import Unreadable
from store.session import Sessions
from store.tables.projection import entries


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
            try:
                rows = await connection.execute(wanted.order_by(entries.c.seq).limit(limit))
                return [Entry.model_validate(row) for row in rows.mappings()]
            except ValueError as error:  # no JSON, or none of an entry
                raise Unreadable("entries", number) from error

    async def words(self, tenant: str, numbers: Sequence[str]) -> dict[str, str]:
        """The customers' own words, by case; a case without any is left out."""
        wanted = select(entries.c.number, entries.c.form).where(
            entries.c.tenant == tenant,
            entries.c.number.in_(numbers),
            entries.c.seq == 1,
            entries.c.type == EntryType.OPENED.value,
        )
        async with self._sessions.reading() as connection:
            openings = (await connection.execute(wanted)).all()
        said = ((number, opening.get("form", {}).get("words")) for number, opening in openings)
        return {number: words for number, words in said if isinstance(words, str)}
