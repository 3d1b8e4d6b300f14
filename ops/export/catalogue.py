"""What event logs say of an entry: the attributes of each activity, known before any is read."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from domain.acts import ACTS
from domain.entries import Entry, EntryType
from domain.forms import Code, Instant
from domain.petri import ANSWERS, event_name
from domain.process import Process
from domain.turning import RUNG_TYPES
from ops.export.fields import Field, Scalar, Sort, fields_of
from ops.export.history import Moment

BASE: Mapping[str, Sort] = {
    "seq": Sort.INTEGER,
    "type": Sort.STRING,
    "actor_kind": Sort.STRING,
    "actor": Sort.STRING,
    "roles": Sort.STRING,
    "on_behalf_of": Sort.STRING,
    "from_state": Sort.STRING,
    "to_state": Sort.STRING,
    "stage": Sort.STRING,
    "due_at": Sort.TIME,
    "detected_at": Sort.TIME,
}
"""What every event says; the request behind it, its key and its hash stay here."""


class Rung(BaseModel):
    """What is told of a clock's warning or breach; whom it told is left out."""

    clock: Code
    instance: int
    rungs: tuple[Code, ...]
    breach: Instant | None


class Retargeted(BaseModel):
    """What is told of a clock's new due."""

    clock: Code
    instance: int
    old_due: Instant | None
    new_due: Instant | None


class Answered(BaseModel):
    """What is told of a compensation that was carried out, or refused."""

    n: int
    template: Code
    reference: Code | None = None
    reason: Code | None = None


ACTED: Mapping[EntryType, type[BaseModel]] = {
    **{type: form for form, type in ACTS.values()},
    **dict.fromkeys(RUNG_TYPES, Rung),
    **dict.fromkeys(ANSWERS, Answered),
    EntryType.RETARGETED: Retargeted,
}


class Catalogue:
    """The activities of some processes with their attributes; `texts` adds what may be personal.

    `types` has the form's attributes of each activity; every activity has those of `BASE` as well.
    """

    def __init__(self, processes: Iterable[Process], *, texts: bool = False) -> None:
        self._texts = texts
        self.types: dict[str, dict[str, Sort]] = {event_name(type): {} for type in EntryType}
        self.types.pop(event_name(EntryType.STEPPED))
        for type, form in ACTED.items():
            self._learn(event_name(type), form)
        for process in processes:
            self._learn(event_name(EntryType.OPENED), process.opens_with)
            for step, form in process.forms.items():
                self._learn(step, form)

    @property
    def columns(self) -> dict[str, Sort]:
        """The attributes of all forms together."""
        return {name: sort for found in self.types.values() for name, sort in found.items()}

    def values(self, process: Process, moment: Moment) -> dict[str, Scalar]:
        """What is said of an entry; what it does not have is left out."""
        entry = moment.entry
        shape, form = _form(process, entry)
        read = {field.name: field.read(form) for field in self._told(shape)}
        found = {**_base(process, moment), **read}
        return {name: value for name, value in found.items() if value is not None and value != ""}

    def _learn(self, activity: str, form: type[BaseModel]) -> None:
        known = self.types.setdefault(activity, {})
        for field in self._told(form):
            # Two kinds may call different things alike; text can hold either.
            same = known.get(field.name, field.sort) is field.sort
            known[field.name] = field.sort if same else Sort.STRING

    def _told(self, form: type[BaseModel] | None) -> list[Field]:
        found = fields_of(form) if form else ()
        return [field for field in found if self._texts or not field.personal]


def _form(process: Process, entry: Entry) -> tuple[type[BaseModel] | None, Mapping[str, Any]]:
    """The form of an entry: its shape, and what it holds."""
    if entry.type is EntryType.OPENED:
        inner = entry.form.get("form")
        return process.opens_with, inner if isinstance(inner, dict) else {}
    shape = process.forms.get(entry.step) if entry.step else ACTED.get(entry.type)
    return shape, entry.form


def _base(process: Process, moment: Moment) -> dict[str, Scalar | None]:
    entry, actor = moment.entry, moment.entry.actor
    return {
        "seq": entry.seq,
        "type": entry.type.value,
        "actor_kind": actor.kind.value,
        "actor": actor.id,
        "roles": ",".join(actor.roles),
        "on_behalf_of": actor.on_behalf_of.id if actor.on_behalf_of else None,
        "from_state": moment.before,
        "to_state": entry.led_to,
        "stage": process.state(entry.led_to).stage.value,
        "due_at": entry.due_at,
        "detected_at": entry.detected_at,
    }
