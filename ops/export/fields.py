"""The attributes that event logs show of entries and forms, and which may be personal."""

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
from domain.language.values import PERSONAL, Code, Instant
from domain.mining.petri_net import COMPENSATION_ANSWERS, event_name
from domain.spreadsheets import Scalar
from ops.export.history import LogEvent


class AttributeType(StrEnum):
    """The types that OCEL has for attributes."""

    STRING = "string"
    TIME = "time"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"


TYPES: dict[type, AttributeType] = {
    bool: AttributeType.BOOLEAN,
    int: AttributeType.INTEGER,
    float: AttributeType.FLOAT,
    Decimal: AttributeType.FLOAT,
    datetime: AttributeType.TIME,
    AwareDatetime: AttributeType.TIME,
}
"""Any other type of a form's field becomes a string."""

BASE: Mapping[str, AttributeType] = {
    "seq": AttributeType.INTEGER,
    "type": AttributeType.STRING,
    "actor_kind": AttributeType.STRING,
    "actor": AttributeType.STRING,
    "roles": AttributeType.STRING,
    "on_behalf_of": AttributeType.STRING,
    "from_state": AttributeType.STRING,
    "to_state": AttributeType.STRING,
    "stage": AttributeType.STRING,
    "due_at": AttributeType.TIME,
    "detected_at": AttributeType.TIME,
}
"""The attributes of every event; an entry's request, key and hash are not exported."""


class MilestoneFields(BaseModel):
    """The exported fields of a clock's warning or breach; who was notified is left out."""

    clock: Code
    instance: int
    rungs: tuple[Code, ...]
    breach: Instant | None


class RetargetedFields(BaseModel):
    """The exported fields of a clock's new due time."""

    clock: Code
    instance: int
    old_due: Instant | None
    new_due: Instant | None


class RequestFields(BaseModel):
    """The exported fields of a request that became overdue, or lapsed."""

    request: int


class CompensationFields(BaseModel):
    """The exported fields of a compensation that was carried out, or refused."""

    n: int
    template: Code
    reference: Code | None = None
    reason: Code | None = None


FORMS: Mapping[EntryType, type[BaseModel]] = {
    **{type: form for form, type in TASK_ACTIONS.values()},
    **dict.fromkeys(MILESTONE_TYPES, MilestoneFields),
    **dict.fromkeys(COMPENSATION_ANSWERS, CompensationFields),
    EntryType.RETARGETED: RetargetedFields,
    EntryType.REQUEST_OVERDUE: RequestFields,
    EntryType.REQUEST_LAPSED: RequestFields,
}
"""The forms of entries that are no steps."""


@dataclass(frozen=True)
class Field:
    """One value of a form: its path in the form, its type, and whether it may be personal."""

    path: tuple[str, ...]
    type: AttributeType
    personal: bool

    @property
    def name(self) -> str:
        """The attribute's name in event logs."""
        return "_".join(("form", *self.path))

    def read(self, form: Mapping[str, Any]) -> Scalar | None:
        """Return the value in a form as an entry stores it; None if it was not submitted."""
        value: Any = form
        for part in self.path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None else _converted(value, self.type)


class AttributeCatalogue:
    """The activities of some processes with their attributes; `texts` adds personal ones.

    `types` has the form's attributes of each activity; every activity has those of `BASE` too.
    """

    def __init__(self, processes: Iterable[Process], *, texts: bool = False) -> None:
        self._texts = texts
        self.types: dict[str, dict[str, AttributeType]] = {
            event_name(type): {} for type in EntryType
        }
        self.types.pop(event_name(EntryType.STEPPED))
        for type, form in FORMS.items():
            self._add(event_name(type), form)
        for process in processes:
            self._add(event_name(EntryType.OPENED), process.opens_with)
            for step, form in process.forms.items():
                self._add(step, form)

    @property
    def columns(self) -> dict[str, AttributeType]:
        """The attributes of all forms together."""
        return {
            name: type for attributes in self.types.values() for name, type in attributes.items()
        }

    def values(self, process: Process, event: LogEvent) -> dict[str, Scalar]:
        """Return the attributes of an event, without those that are empty."""
        form_type, form = _form(process, event.entry)
        of_form = {field.name: field.read(form) for field in self._exported(form_type)}
        values = {**_base(process, event), **of_form}
        return {name: value for name, value in values.items() if value is not None and value != ""}

    def _add(self, activity: str, form: type[BaseModel]) -> None:
        attributes = self.types.setdefault(activity, {})
        for field in self._exported(form):
            # Two kinds may give the same name different types; a string can hold either.
            same = attributes.get(field.name, field.type) is field.type
            attributes[field.name] = field.type if same else AttributeType.STRING

    def _exported(self, form: type[BaseModel] | None) -> list[Field]:
        fields = fields_of(form) if form else ()
        return [field for field in fields if self._texts or not field.personal]


@cache
def fields_of(form: type[BaseModel]) -> tuple[Field, ...]:
    """Return every value that a form may hold; nested forms are flattened."""
    return tuple(_fields(form, ()))


def _converted(value: Any, type: AttributeType) -> Scalar:
    """Return a JSON value in this type; of a list its items, joined.

    Raises:
        ValueError: it is no value of the type.
    """
    match type:
        case AttributeType.TIME:
            return datetime.fromisoformat(value)
        case AttributeType.INTEGER:
            return int(value)
        case AttributeType.FLOAT:
            return float(value)
        case AttributeType.BOOLEAN:
            return bool(value)
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _form(process: Process, entry: Entry) -> tuple[type[BaseModel] | None, Mapping[str, Any]]:
    """Return the type of an entry's form, and what it holds."""
    if entry.type is EntryType.OPENED:
        inner = entry.form.get("form")
        return process.opens_with, inner if isinstance(inner, dict) else {}
    form_type = process.forms.get(entry.step) if entry.step else FORMS.get(entry.type)
    return form_type, entry.form


def _base(process: Process, event: LogEvent) -> dict[str, Scalar | None]:
    entry, actor = event.entry, event.entry.actor
    return {
        "seq": entry.seq,
        "type": entry.type.value,
        "actor_kind": actor.kind.value,
        "actor": actor.id,
        "roles": ",".join(actor.roles),
        "on_behalf_of": actor.on_behalf_of.id if actor.on_behalf_of else None,
        "from_state": event.before,
        "to_state": entry.led_to,
        "stage": process.state(entry.led_to).stage.value,
        "due_at": entry.due_at,
        "detected_at": entry.detected_at,
    }


def _fields(form: type[BaseModel], path: tuple[str, ...]) -> Iterator[Field]:
    for name, info in form.model_fields.items():
        plain = _plain(info.annotation)
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            yield from _fields(plain, (*path, name))
        else:
            marks = [*info.metadata, *_marks(info.annotation)]
            personal = PERSONAL in marks or not _is_harmless(plain, marks)
            yield Field((*path, name), TYPES.get(plain, AttributeType.STRING), personal)


def _plain(annotation: Any) -> Any:
    """Return the type itself, without None and without metadata."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = [each for each in get_args(annotation) if each is not type(None)]
        return _plain(members[0]) if len(members) == 1 else annotation
    return annotation


def _marks(annotation: Any) -> Iterator[Any]:
    for each in get_args(annotation):
        yield from each.metadata if isinstance(each, FieldInfo) else (each,)
        yield from _marks(each)


def _is_harmless(plain: Any, marks: list[Any]) -> bool:
    """Whether a value cannot be personal: text that is no short code may be, marked or not."""
    if plain is str:
        return any(hasattr(mark, "pattern") for mark in marks)
    if get_origin(plain) is tuple:
        items = [each for each in get_args(plain) if each is not Ellipsis]
        return all(_is_harmless(_plain(each), [*_marks(each)]) for each in items)
    return plain in TYPES or (isinstance(plain, type) and issubclass(plain, Enum | date))
