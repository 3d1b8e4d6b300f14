"""What was typed into a form, as pairs of a JSON pointer and a text: from JSON and back to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from app.errors import FieldFault, Malformed, Unacceptable

from .fields import (
    NO_DEFAULT,
    Field,
    GroupField,
    ListField,
    MomentField,
    find_field,
    place_in_list,
    pointer,
)
from .times import instant_text, local_text

Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Names and texts as a form posts them; a field's name is its JSON pointer."""


class _Absent:
    """Stands for a part that is left out."""


ABSENT: Final = _Absent()
Part: TypeAlias = "JsonValue | _Absent"


def read_form(form: GroupField, pairs: Pairs, zone: ZoneInfo) -> dict[str, JsonValue]:
    """Return the JSON that was typed, as a caller of the API would send it.

    An optional field that is left empty is left out. What is no value of its field, such as a
    word for a number, stays the text that it is: whoever takes the form refuses it.

    Raises:
        Unacceptable: a name is none of the form's fields, or comes twice.
        Malformed: a text holds a NUL.
    """
    if any("\0" in text for _, text in pairs):
        raise Malformed("nul")
    if faults := [*_wrong_names(form, pairs)]:
        raise Unacceptable(*faults)
    typed = Typed(dict(pairs), zone)
    parts = ((each.name, typed.value(each, pointer("", each.name))) for each in form.fields)
    return {name: part for name, part in parts if not isinstance(part, _Absent)}


def _wrong_names(form: GroupField, pairs: Pairs) -> Iterator[FieldFault]:
    seen: set[str] = set()
    for name, _ in pairs:
        field = find_field(form, name)
        if field is None or isinstance(field, GroupField | ListField):
            yield FieldFault(name, "extra_forbidden", "There is no such field.")
        elif name in seen:
            yield FieldFault(name, "given_twice", "This is given twice.")
        seen.add(name)


@dataclass(frozen=True)
class Typed:
    """What was typed, by the pointers of the fields."""

    texts: Mapping[str, str]
    zone: ZoneInfo

    def value(self, field: Field, at: str) -> Part:
        """Return the JSON of a field; absent if nothing was typed and nothing is needed."""
        if isinstance(field, GroupField):
            return self._group(field, at)
        if isinstance(field, ListField):
            return self._list(field, at)
        text = self.texts.get(at)
        if text is None or (not text and not field.takes_empty):
            return ABSENT
        # Only of moments it matters where people are.
        return field.read(instant_text(text, self.zone) if isinstance(field, MomentField) else text)

    def rows(self, at: str) -> list[int]:
        """Return the places of a list's rows, blank ones included, in their order."""
        prefix = f"{at}/"
        parts = (
            name[len(prefix) :].split("/")[0] for name in self.texts if name.startswith(prefix)
        )
        places = (place_in_list(part) for part in parts)
        return sorted({place for place in places if place is not None})

    def is_blank(self, field: Field, at: str) -> bool:
        """Whether nothing was typed here, or only what stands there by itself."""
        if isinstance(field, GroupField):
            return all(self.is_blank(each, pointer(at, each.name)) for each in field.fields)
        if isinstance(field, ListField):
            return all(self.is_blank(field.item, pointer(at, row)) for row in self.rows(at))
        return self.texts.get(at, "") in ("", _text(field, field.default, self.zone))

    def _group(self, field: GroupField, at: str) -> Part:
        was_posted = any(name.startswith(f"{at}/") for name in self.texts)
        is_left_out = not was_posted or (field.may_be_empty and self.is_blank(field, at))
        if is_left_out and not field.required:
            return ABSENT
        parts = ((each.name, self.value(each, pointer(at, each.name))) for each in field.fields)
        return {name: part for name, part in parts if not isinstance(part, _Absent)}

    def _list(self, field: ListField, at: str) -> Part:
        rows = (pointer(at, row) for row in self.rows(at))
        parts = [self.value(field.item, row) for row in rows if not self.is_blank(field.item, row)]
        items = [part for part in parts if not isinstance(part, _Absent)]
        return items if items or not field.may_be_empty else ABSENT


# From JSON to what is typed


def pairs_of(form: Field, value: JsonValue, zone: ZoneInfo, at: str = "") -> list[tuple[str, str]]:
    """Return what has to be typed so that a form comes out as this value."""
    if isinstance(form, GroupField) and isinstance(value, dict):
        given = ((each, each.name) for each in form.fields if each.name in value)
        parts = [(each, name, value[name]) for each, name in given]
    elif isinstance(form, ListField) and isinstance(value, list):
        parts = [(form.item, str(row), item) for row, item in enumerate(value)]
    elif isinstance(form, GroupField | ListField):
        return []
    else:
        return [(at, _text(form, value, zone))]
    return [
        pair
        for field, name, part in parts
        for pair in pairs_of(field, part, zone, pointer(at, name))
    ]


def _text(field: Field, value: JsonValue, zone: ZoneInfo) -> str:
    text = field.write(value)
    return local_text(text, zone) if isinstance(field, MomentField) else text


def default_pairs(form: GroupField, zone: ZoneInfo, value: JsonValue = None) -> Pairs:
    """Return what a new form shows: the defaults of its fields, and over them what is known."""
    pairs = dict([*_defaults(form, "", zone)])
    pairs.update(pairs_of(form, value, zone))
    return [*pairs.items()]


def _defaults(field: Field, at: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    if isinstance(field, GroupField | ListField) and field.default not in NO_DEFAULT:
        yield from pairs_of(field, field.default, zone, at)
    elif isinstance(field, GroupField):
        for each in field.fields:
            yield from _defaults(each, pointer(at, each.name), zone)
    elif isinstance(field, ListField):
        for row in range(field.min_items):
            yield from _defaults(field.item, pointer(at, row), zone)
    else:
        yield at, _text(field, field.default, zone)


# Rows

ADD: Final = "_add"
REMOVE: Final = "_remove"


def with_changed_rows(
    form: GroupField, posted: Mapping[str, str], pairs: Pairs, zone: ZoneInfo
) -> tuple[Pairs, str] | None:
    """Return what was typed with a row more or less, as a button of the form asked for.

    Also return the pointer of the row, or of the list, that gets the focus. None if the form is to
    be taken, not changed.
    """
    if ADD in posted:
        return with_row(form, pairs, posted[ADD], zone)
    if REMOVE in posted:
        at = posted[REMOVE]
        return without_row(pairs, at), at.rpartition("/")[0]
    return None


def with_row(form: GroupField, pairs: Pairs, at: str, zone: ZoneInfo) -> tuple[Pairs, str]:
    """Return what was typed with one more row in the list at this pointer, and where that is."""
    field = find_field(form, at)
    if not isinstance(field, ListField):
        return pairs, at
    rows = Typed(dict(pairs), zone).rows(at)
    new = pointer(at, rows[-1] + 1 if rows else 0)
    return [*pairs, *_defaults(field.item, new, zone)], new


def without_row(pairs: Pairs, at: str) -> Pairs:
    """Return what was typed without the row at this pointer."""
    return [pair for pair in pairs if pair[0] != at and not pair[0].startswith(f"{at}/")]
