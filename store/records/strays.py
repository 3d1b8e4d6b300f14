"""Rows that hang in the air: they name a case that is not there."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Stray:
    """The number of a case that has no row, and how many rows each table has of it."""

    tenant: str
    number: str
    rows: Mapping[str, int]

    @property
    def told(self) -> str:
        """What there is, in words."""
        there = ", ".join(f"{name} ({n})" for name, n in self.rows.items())
        return f"there is no such case, but rows of it in {there}"
