"""Rows that were spoilt: each logged once, however often a list is read that should have it."""

from collections.abc import Iterable

import structlog

log = structlog.get_logger("banjie.api")


class CorruptRows:
    """Which damaged rows this process has met."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def note(self, table: str, numbers: Iterable[str]) -> list[str]:
        """Log what is new; all of it comes back, each number once."""
        found = list(dict.fromkeys(numbers))
        for number in found:
            if (table, number) not in self._known:
                self._known.add((table, number))
                log.error("row_damaged", table=table, number=number)
        return found
