"""Writes histories as XES (IEEE 1849): a trace for each case, an event for each entry."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TextIO
from xml.sax.saxutils import quoteattr

from domain.language.entries import EntryType
from domain.mining.petri_net import activity
from domain.spreadsheets import Scalar, instant
from ops.export.csv import CASE_COLUMNS, FACTS
from ops.export.fields import AttributeCatalogue
from ops.export.history import CaseHistory, LogEvent

HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
"""
EXTENSIONS: Final = {
    "Concept": "concept",
    "Lifecycle": "lifecycle",
    "Organizational": "org",
    "Time": "time",
}
CLASSIFIERS: Final = {
    "Activity": "concept:name",
    "ActivityAndResult": "concept:name to_state",
    "ActivityAndLifecycle": "concept:name lifecycle:transition",
}
TRACE_ATTRIBUTES: Final = (*CASE_COLUMNS, *FACTS, "state", "outcome", "closed_at")
LIFECYCLE: Final = {
    EntryType.CLAIMED: "assign",
    EntryType.HELD: "suspend",
    EntryType.RESUMED: "resume",
    EntryType.RELEASED: "unknown",
}
"""The transitions of the standard transactional model; all other entries complete a task."""
UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even as references."""


class XesWriter:
    """Writes a log to a text file."""

    def __init__(self, file: TextIO, catalogue: AttributeCatalogue) -> None:
        self._file, self._catalogue = file, catalogue
        file.write(HEAD)
        file.writelines(_declarations())

    def add(self, history: CaseHistory) -> None:
        """Write the trace of a case."""
        row, write = history.row, self._file.write
        write("<trace>\n")
        write(element("concept:name", row.number))
        values = ((name, getattr(row, name)) for name in TRACE_ATTRIBUTES)
        self._file.writelines(element(name, value) for name, value in values if value is not None)
        assigned = False
        for event in history.events():
            write("<event>\n")
            self._file.writelines(self._event(history, event, assigned))
            write("</event>\n")
            assigned = event.case.holder is not None
        write("</trace>\n")

    def finish(self) -> dict[str, int]:
        """Write the end of the log."""
        self._file.write("</log>\n")
        return {}

    def _event(self, history: CaseHistory, event: LogEvent, assigned: bool) -> Iterator[str]:
        entry = event.entry
        yield element("concept:name", activity(entry))
        yield element("time:timestamp", event.at)
        yield element("lifecycle:transition", _transition(entry.type, assigned))
        yield element("org:resource", entry.actor.id)
        yield element("org:role", entry.actor.roles[0] if entry.actor.roles else entry.actor.kind)
        yield element("org:group", event.case.team)
        for name, value in self._catalogue.values(history.process, event).items():
            yield element(name, value)


def element(key: str, value: Scalar) -> str:
    """Return an attribute as the XML element of its type."""
    match value:
        case bool():
            tag, text = "boolean", str(value).lower()
        case int():
            tag, text = "int", str(value)
        case float():
            tag, text = "float", repr(value)
        case datetime():
            tag, text = "date", instant(value)
        case _:
            tag, text = "string", UNWRITABLE.sub("\ufffd", str(value))
    return f'<{tag} key="{key}" value={quoteattr(text)}/>\n'


def _declarations() -> Iterator[str]:
    for name, prefix in EXTENSIONS.items():
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    # A classifier may only use attributes that every event has, and that are declared so.
    yield '<global scope="trace">\n' + element("concept:name", "") + "</global>\n"
    names = ("concept:name", "lifecycle:transition", "org:resource", "to_state")
    yield '<global scope="event">\n' + "".join(element(name, "") for name in names)
    yield element("time:timestamp", datetime.fromisoformat("1970-01-01T00:00:00Z")) + "</global>\n"
    for name, keys in CLASSIFIERS.items():
        yield f'<classifier name="{name}" scope="event" keys="{keys}"/>\n'
    yield element("lifecycle:model", "standard")


def _transition(type: EntryType, assigned: bool) -> str:
    if type is EntryType.ASSIGNED:
        return "reassign" if assigned else "assign"
    return LIFECYCLE.get(type, "complete")
