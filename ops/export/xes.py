"""Histories as XES (IEEE 1849): a trace for each case, an event for each entry."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TextIO
from xml.sax.saxutils import quoteattr

from domain.language.entries import EntryType
from domain.mining.petri_net import activity
from ops.export.csv import FACTS, OF_CASE, instant
from ops.export.fields import Catalogue, Scalar
from ops.export.history import History, Moment

# XML 1.0 has no way to write these down, not even as references.
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def readable(text: str) -> str:
    """The text with a replacement character for each that XML has no way to hold."""
    return UNWRITABLE.sub("\ufffd", text)


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
OF_TRACE: Final = (*OF_CASE, *FACTS, "state", "outcome", "closed_at")
LIFECYCLE: Final = {
    EntryType.CLAIMED: "assign",
    EntryType.HELD: "suspend",
    EntryType.RESUMED: "resume",
    EntryType.RELEASED: "unknown",
}
"""The standard transactional model's word for what is done with a task; the rest are complete."""

HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
"""


class Traces:
    """Writes a log to a text file."""

    def __init__(self, file: TextIO, catalogue: Catalogue) -> None:
        self._file, self._catalogue = file, catalogue
        file.write(HEAD)
        file.writelines(_head())

    def add(self, history: History) -> None:
        """A trace of a case."""
        row, write = history.row, self._file.write
        write("<trace>\n")
        write(element("concept:name", row.number))
        told = ((name, getattr(row, name)) for name in OF_TRACE)
        self._file.writelines(element(name, value) for name, value in told if value is not None)
        held = False
        for moment in history.moments():
            write("<event>\n")
            self._file.writelines(self._event(history, moment, held))
            write("</event>\n")
            held = moment.case.holder is not None
        write("</trace>\n")

    def finish(self) -> dict[str, int]:
        """The end of the log."""
        self._file.write("</log>\n")
        return {}

    def _event(self, history: History, moment: Moment, held: bool) -> Iterator[str]:
        entry = moment.entry
        yield element("concept:name", activity(entry))
        yield element("time:timestamp", entry.at)
        yield element("lifecycle:transition", _transition(entry.type, held))
        yield element("org:resource", entry.actor.id)
        yield element("org:role", entry.actor.roles[0] if entry.actor.roles else entry.actor.kind)
        yield element("org:group", moment.case.team)
        for name, value in self._catalogue.values(history.process, moment).items():
            yield element(name, value)


def element(key: str, value: Scalar) -> str:
    """An attribute in the element of its type."""
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
            tag, text = "string", readable(str(value))
    return f'<{tag} key="{key}" value={quoteattr(text)}/>\n'


def _head() -> Iterator[str]:
    for name, prefix in EXTENSIONS.items():
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    # What a classifier goes by must be there in every event, and is declared so.
    yield '<global scope="trace">\n' + element("concept:name", "") + "</global>\n"
    names = ("concept:name", "lifecycle:transition", "org:resource", "to_state")
    yield '<global scope="event">\n' + "".join(element(name, "") for name in names)
    yield element("time:timestamp", datetime.fromisoformat("1970-01-01T00:00:00Z")) + "</global>\n"
    for name, keys in CLASSIFIERS.items():
        yield f'<classifier name="{name}" scope="event" keys="{keys}"/>\n'
    yield element("lifecycle:model", "standard")


def _transition(type: EntryType, held: bool) -> str:
    if type is EntryType.ASSIGNED:
        return "reassign" if held else "assign"
    return LIFECYCLE.get(type, "complete")
