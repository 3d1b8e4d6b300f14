"""Histories as CSV (RFC 4180): a row for each entry, safe to open in a spreadsheet."""

import csv
from datetime import UTC, datetime
from typing import Final, TextIO

from domain.mining.petri_net import activity
from ops.export.fields import BASE, Catalogue, Scalar
from ops.export.history import History, Moment

BOM: Final = "\ufeff"
OF_CASE: Final = (
    "kind",
    "process_version",
    "source",
    "channel",
    "customer",
    "order",
    "product",
    "parent",
    "received_at",
)
AFTERWARDS: Final = ("team", "assignee")
FACTS: Final = ("category", "priority", "severity", "hardness")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula, or for what leads to one."""


class Table:
    """Writes rows to a text file that was opened with `newline=""`."""

    def __init__(self, file: TextIO, catalogue: Catalogue, *, bom: bool = False) -> None:
        self._catalogue = catalogue
        columns = ["case", *OF_CASE, "activity", "at", *BASE, *AFTERWARDS, *FACTS]
        columns += sorted(catalogue.columns)
        if bom:
            file.write(BOM)
        self._rows = csv.DictWriter(file, columns, restval="", lineterminator="\r\n")
        self._rows.writeheader()

    def add(self, history: History) -> None:
        """A row for each entry."""
        case = {"case": history.row.number}
        case |= {name: cell(getattr(history.row, name)) for name in OF_CASE}
        for moment in history.moments():
            self._rows.writerow({**case, **self._told(history, moment)})

    def finish(self) -> dict[str, int]:
        """There is nothing at the end of a table."""
        return {}

    def _told(self, history: History, moment: Moment) -> dict[str, str]:
        holder, facts = moment.case.holder, history.process.facts(moment.case)
        found = {
            "activity": activity(moment.entry),
            "at": moment.entry.at,
            "team": moment.case.team,
            "assignee": holder.id if holder else None,
            **{name: getattr(facts, name) for name in FACTS},
            **self._catalogue.values(history.process, moment),
        }
        return {name: cell(value) for name, value in found.items()}


def cell(value: Scalar | None) -> str:
    """A value as text; what a spreadsheet would compute gets a quote before it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return instant(value)
        case str():
            return f"'{value}" if value.startswith(FORMULA) else value
    return str(value)


def instant(at: datetime) -> str:
    """A moment in UTC as ISO 8601 has it, in one spelling."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
