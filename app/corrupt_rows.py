"""Corrupt rows: each is logged once, however often a list that should have it is read."""

from collections.abc import Iterable

import structlog

log = structlog.get_logger("banjie.app")


class CorruptRows:
    """The corrupt rows that this process has met."""

    def __init__(self) -> None:
        self._logged: set[tuple[str, str]] = set()

    def note(self, table: str, numbers: Iterable[str]) -> list[str]:
        """Log the rows that are new; return all numbers, each once."""
        unique = list(dict.fromkeys(numbers))
        for number in unique:
            if (table, number) not in self._logged:
                self._logged.add((table, number))
                log.error("row_damaged", table=table, number=number)
        return unique
