"""What a form holds, field by field: its type in event logs, and whether it may be personal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from domain.engine.clock_events import MILESTONE_TYPES
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS
from domain.language.entries import Entry, EntryType
from domain.language.forms import PERSONAL, Code, Instant
from domain.mining.petri_net import ANSWERS, event_name
from ops.export.history import Moment

Scalar = str | int | float | bool | datetime


class Sort(StrEnum):
    """The types that OCEL has for attributes."""

    STRING = "string"
    TIME = "time"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"


SORTS: dict[type, Sort] = {
    bool: Sort.BOOLEAN,
    int: Sort.INTEGER,
    float: Sort.FLOAT,
    Decimal: Sort.FLOAT,
    datetime: Sort.TIME,
    AwareDatetime: Sort.TIME,
}


@dataclass(frozen=True)
class Field:
    """One value of a form: where it is, and what."""

    path: tuple[str, ...]
    sort: Sort
    personal: bool

    @property
    def name(self) -> str:
        """The attribute's name in event logs."""
        return "_".join(("form", *self.path))

    def read(self, form: Mapping[str, Any]) -> Scalar | None:
        """The value in a form as history keeps it; None if it was not handed in."""
        value: Any = form
        for part in self.path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None else converted(value, self.sort)


def converted(value: Any, sort: Sort) -> Scalar:
    """A JSON value as one of the sort; of lists the items, joined.

    Raises:
        ValueError: it is none.
    """
    match sort:
        case Sort.TIME:
            return datetime.fromisoformat(value)
        case Sort.INTEGER:
            return int(value)
        case Sort.FLOAT:
            return float(value)
        case Sort.BOOLEAN:
            return bool(value)
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@cache
def fields_of(form: type[BaseModel]) -> tuple[Field, ...]:
    """Every value a form may hold; a form within it is taken apart."""
    return tuple(_fields(form, ()))


def _fields(form: type[BaseModel], before: tuple[str, ...]) -> Iterator[Field]:
    for name, info in form.model_fields.items():
        path, plain = (*before, name), _plain(info.annotation)
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            yield from _fields(plain, path)
        else:
            marks = [*info.metadata, *_marks(info.annotation)]
            personal = PERSONAL in marks or not _harmless(plain, marks)
            yield Field(path, SORTS.get(plain, Sort.STRING), personal)


def _plain(annotation: Any) -> Any:
    """The type itself, without what may be left out and what is said about it."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        given = [each for each in get_args(annotation) if each is not type(None)]
        return _plain(given[0]) if len(given) == 1 else annotation
    return annotation


def _marks(annotation: Any) -> Iterator[Any]:
    for each in get_args(annotation):
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)
        yield from _marks(each)


def _harmless(plain: Any, marks: list[Any]) -> bool:
    """Denied unless allowed: text that is no short code counts as personal, marked or not."""
    if plain is str:
        return any(hasattr(mark, "pattern") for mark in marks)
    if get_origin(plain) is tuple:
        items = [each for each in get_args(plain) if each is not Ellipsis]
        return all(_harmless(_plain(each), [*_marks(each)]) for each in items)
    return plain in SORTS or (isinstance(plain, type) and issubclass(plain, Enum | date))


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


class Milestone(BaseModel):
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
    **{type: form for form, type in TASK_ACTIONS.values()},
    **dict.fromkeys(MILESTONE_TYPES, Milestone),
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
