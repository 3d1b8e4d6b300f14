"""The fields of a form: what each takes, how it is written and read, without a word of HTML."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, TypeAlias

from pydantic import JsonValue

from domain.json_values import NotJson, read_json

from .times import LOCAL

Path: TypeAlias = tuple[str, ...]
"""The names from the root of a form to a field; the places in a list are left out."""

NO_DEFAULT: Final[Sequence[JsonValue]] = (None, "", [])
"""The defaults that mean the same as nothing: a field that is left empty has them."""
LINE: Final = 200
"""The longest text that is written on one line."""
FEW: Final = 5
"""So many choices are shown at once; more are in a list that opens."""
CURRENCY: Final = "^[A-Z]{3}$"
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
_NUMBER_LIKE: Final = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Control(StrEnum):
    """How a field is filled in."""

    GROUP = auto()
    MONEY = auto()
    LIST = auto()
    LINE = auto()
    AREA = auto()
    RADIO = auto()
    SELECT = auto()
    YES_NO = auto()
    INTEGER = auto()
    DECIMAL = auto()
    DAY = auto()
    MOMENT = auto()


def half_width(text: str) -> str:
    """Return what was typed with the digits and marks of a number as a Chinese input method has."""
    return text.translate(_HALF_WIDTH)


@dataclass(frozen=True)
class Field:
    """A part of a form.

    `required`: it may not be left out. `nullable`: it may be left open, which is an answer of its
    own for a yes or no. `default` is what counts if it is left out.
    """

    path: Path
    required: bool
    nullable: bool = False
    default: JsonValue = None

    @property
    def name(self) -> str:
        """The name of the field in its form; empty for the form itself."""
        return self.path[-1] if self.path else ""

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing typed means that it is left out, and nothing else takes its place."""
        return not self.required and self.default in NO_DEFAULT

    @property
    def takes_empty(self) -> bool:
        """Whether empty text is a value of its own."""
        return not self.required and not self.may_be_empty

    def read(self, text: str) -> JsonValue:
        """Return what was typed as JSON; what is no value of the field stays text."""
        return text

    def write(self, value: JsonValue) -> str:
        """Return a value as it is typed; nothing for null."""
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def control(self, _text: str) -> Control:
        """Return how it is filled in; only a control that can show what was typed."""
        return Control.LINE


@dataclass(frozen=True)
class TextField(Field):
    """Text; `refers_to` says of what it is the id, such as `staff` or `team`."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    refers_to: str | None = None

    @property
    def takes_empty(self) -> bool:
        """Whether empty text is a value of its own; what may not be empty is called missing."""
        return self.min_length == 0 if self.required else super().takes_empty

    @property
    def is_long(self) -> bool:
        """Whether it takes more than a line."""
        return self.max_length is None or self.max_length > LINE

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.AREA if self.is_long else Control.LINE


@dataclass(frozen=True)
class IntegerField(Field):
    """A whole number; `refers_to` says of what it is the number, such as an `offer`."""

    minimum: int | None = None
    maximum: int | None = None
    refers_to: str | None = None

    def read(self, text: str) -> JsonValue:
        """Return the number, in digits of either width; anything else stays text."""
        return _json(half_width(text)) if _INTEGER.fullmatch(half_width(text)) else text

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.INTEGER


@dataclass(frozen=True)
class NumberField(Field):
    """A number that may have decimals."""

    def read(self, text: str) -> JsonValue:
        """Return the number, in digits of either width; anything else stays text."""
        return _json(half_width(text)) if _NUMBER.fullmatch(half_width(text)) else text

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.DECIMAL


@dataclass(frozen=True)
class DecimalField(Field):
    """A number that is kept as it is written, digit by digit."""

    def read(self, text: str) -> JsonValue:
        """Return the number as it is written, in digits of either width."""
        return half_width(text) if _NUMBER_LIKE.fullmatch(half_width(text)) else text

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.DECIMAL


@dataclass(frozen=True)
class BooleanField(Field):
    """Yes or no."""

    def read(self, text: str) -> JsonValue:
        """Return yes or no as a truth value; anything else stays text."""
        return {"true": True, "false": False}.get(text, text)

    def control(self, text: str) -> Control:
        """Return how it is filled in."""
        return Control.YES_NO if text in ("", "true", "false") else Control.LINE


@dataclass(frozen=True)
class ChoiceField(Field):
    """One of some values, each with the text that stands for it in a form.

    `names` is what some of them are called, by language; the others are in the catalogues.
    """

    choices: tuple[tuple[str, JsonValue], ...] = ()
    names: Mapping[str, Mapping[str, str]] = dataclass_field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """The texts that stand for the values."""
        return tuple(code for code, _ in self.choices)

    def read(self, text: str) -> JsonValue:
        """Return the value that the text stands for; anything else stays text."""
        return dict(self.choices).get(text, text)

    def control(self, text: str) -> Control:
        """Return how it is filled in."""
        is_plain = len(self.choices) <= FEW and text in ("", *self.codes)
        return Control.RADIO if is_plain else Control.SELECT


@dataclass(frozen=True)
class DayField(Field):
    """A date."""

    def control(self, text: str) -> Control:
        """Return how it is filled in."""
        is_day = bool(_DAY.fullmatch(text)) and _is_date(text)
        return Control.DAY if is_day or not text else Control.LINE


@dataclass(frozen=True)
class MomentField(Field):
    """A moment; people write it in the business zone."""

    def control(self, text: str) -> Control:
        """Return how it is filled in."""
        is_moment = bool(LOCAL.fullmatch(text)) and _is_date(text)
        return Control.MOMENT if is_moment or not text else Control.LINE


@dataclass(frozen=True)
class JsonField(Field):
    """A part that no other field describes; it is written as JSON."""

    def read(self, text: str) -> JsonValue:
        """Return what the text means as JSON; what is none stays text."""
        return _json(text)

    def write(self, value: JsonValue) -> str:
        """Return the value as JSON; nothing for null."""
        return "" if value is None else json.dumps(value, ensure_ascii=False)

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.AREA


@dataclass(frozen=True)
class GroupField(Field):
    """Fields that belong together; the form itself is one."""

    fields: tuple[Field, ...] = ()

    @property
    def is_money(self) -> bool:
        """Whether it is an amount with its currency."""
        match self.fields:
            case (DecimalField(), TextField(pattern=pattern)):
                return pattern == CURRENCY
        return False

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.MONEY if self.is_money else Control.GROUP

    def field(self, name: str) -> Field | None:
        """Return the field of this name."""
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True)
class ListField(Field):
    """Any number of the same field, or of the same group of fields."""

    item: Field = Field((), required=True)
    min_items: int = 0
    max_items: int | None = None

    def control(self, _text: str) -> Control:
        """Return how it is filled in."""
        return Control.LIST


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _json(text: str) -> JsonValue:
    try:
        return read_json(text)
    except NotJson:
        return text


def walk(field: Field) -> Iterator[Field]:
    """Yield a field and all that are in it."""
    yield field
    parts: Sequence[Field] = ()
    if isinstance(field, GroupField):
        parts = field.fields
    elif isinstance(field, ListField):
        parts = (field.item,)
    for part in parts:
        yield from walk(part)


# JSON pointers (RFC 6901)

_PLACE = re.compile(r"0|[1-9][0-9]{0,5}")


def pointer(parent: str, part: str | int) -> str:
    """Return the pointer to a part of what is at another pointer."""
    return f"{parent}/{str(part).replace('~', '~0').replace('/', '~1')}"


def unescaped(part: str) -> str:
    """Return a part of a pointer as the name that it stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def place_in_list(part: str) -> int | None:
    """Return the place in a list that a part of a pointer stands for, if it is one."""
    return int(part) if _PLACE.fullmatch(part) else None


def find_field(form: Field, at: str) -> Field | None:
    """Return the field at a pointer, seen from a form; None if there is none."""
    here: Field | None = form
    for part in at.split("/")[1:]:
        if isinstance(here, GroupField):
            here = here.field(unescaped(part))
        elif isinstance(here, ListField):
            here = here.item if place_in_list(part) is not None else None
        else:
            return None
    return here if at.startswith("/") else None
