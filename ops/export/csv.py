"""Writes histories as CSV (RFC 4180): a row for each entry, safe to open in a spreadsheet."""

import csv
import unicodedata
from datetime import UTC, datetime
from typing import Final, TextIO

from domain.language.values import without_invisible
from domain.mining.petri_net import activity
from ops.export.fields import BASE, AttributeCatalogue, Scalar
from ops.export.history import CaseHistory, LogEvent

BOM: Final = "\ufeff"
CASE_COLUMNS: Final = (
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
ASSIGNMENT: Final = ("team", "assignee")
FACTS: Final = ("category", "priority", "severity", "hardness")
FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula; in full width, too, in some countries."""
LEADS_TO_FORMULA: Final = ("\t", "\r", "\n")


class CsvWriter:
    """Writes rows to a text file that was opened with `newline=""`."""

    def __init__(self, file: TextIO, catalogue: AttributeCatalogue, *, bom: bool = False) -> None:
        self._catalogue = catalogue
        columns = ["case", *CASE_COLUMNS, "activity", "at", *BASE, *ASSIGNMENT, *FACTS]
        columns += sorted(catalogue.columns)
        if bom:
            file.write(BOM)
        self._rows = csv.DictWriter(file, columns, restval="", lineterminator="\r\n")
        self._rows.writeheader()

    def add(self, history: CaseHistory) -> None:
        """Write a row for each entry."""
        case = {"case": history.row.number}
        case |= {name: cell(getattr(history.row, name)) for name in CASE_COLUMNS}
        for event in history.events():
            self._rows.writerow({**case, **self._event_cells(history, event)})

    def finish(self) -> dict[str, int]:
        """Do nothing: a table has no end."""
        return {}

    def _event_cells(self, history: CaseHistory, event: LogEvent) -> dict[str, str]:
        holder, facts = event.case.holder, history.process.facts(event.case)
        values = {
            "activity": activity(event.entry),
            "at": event.at,
            "team": event.case.team,
            "assignee": holder.id if holder else None,
            **{name: getattr(facts, name) for name in FACTS},
            **self._catalogue.values(history.process, event),
        }
        return {name: cell(value) for name, value in values.items()}


def cell(value: Scalar | None) -> str:
    """Return a value as text; what a spreadsheet would compute gets a quote before it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return instant(value)
        case str():
            return f"'{value}" if _is_computed(value) else value
    return str(value)


def _is_computed(text: str) -> bool:
    """Whether a spreadsheet may compute the text; what it leaves out in front is left out here."""
    plain = without_invisible(unicodedata.normalize("NFKC", text)).lstrip()
    return plain.startswith(FORMULA) or text.startswith(LEADS_TO_FORMULA)


def instant(at: datetime) -> str:
    """Return a moment in UTC as ISO 8601, to the microsecond: readers expect one spelling."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
