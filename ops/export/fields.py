"""What a form holds, field by field: its type in event logs, and whether it may be personal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from domain.forms import PERSONAL

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
