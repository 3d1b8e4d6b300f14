"""Writes histories as CSV (RFC 4180): a row for each entry, safe to open in a spreadsheet."""

import csv
from typing import Final, TextIO

from domain.mining.petri_net import activity
from domain.spreadsheets import BOM, cell
from ops.export.fields import BASE, AttributeCatalogue
from ops.export.history import CaseHistory, LogEvent

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
        holder, facts = event.case.holder, history.process.shown_facts(event.case)
        values = {
            "activity": activity(event.entry),
            "at": event.at,
            "team": event.case.team,
            "assignee": holder.id if holder else None,
            **{name: getattr(facts, name) for name in FACTS},
            **self._catalogue.values(history.process, event),
        }
        return {name: cell(value) for name, value in values.items()}
