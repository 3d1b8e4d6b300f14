"""A form as it is shown: its fields with what was typed into each and what is wrong with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from app.errors import FieldFault

from .fields import Control, Field, GroupField, ListField, pointer
from .typed import Pairs, Typed

NOWHERE: Final = "-"
"""The place of a row that was left blank: nothing comes of it, so no fault is about it."""


@dataclass(frozen=True)
class Filled:
    """A field as it is shown.

    `pointer` names it among what is posted, `place` is where it is in the JSON that comes of it:
    they differ behind a row of a list that was left blank. `faults` are about this field alone.
    """

    field: Field
    pointer: str
    place: str
    text: str = ""
    faults: tuple[FieldFault, ...] = ()
    parts: tuple["Filled", ...] = ()

    @property
    def control(self) -> Control:
        """How it is filled in."""
        return self.field.control(self.text)

    @property
    def has_faults(self) -> bool:
        """Whether something is wrong in it or in a part of it."""
        return bool(self.faults) or any(part.has_faults for part in self.parts)


def fill(
    form: GroupField, pairs: Pairs, zone: ZoneInfo, faults: Sequence[FieldFault] = ()
) -> Filled:
    """Return a form with what was typed, byte for byte, and with the faults of each field.

    A fault without a field is one of the form itself, which is what is returned.
    """
    # Of a name that came twice the last text is shown.
    typed = Typed(dict(pairs), zone)
    shown = _Filler(typed, {}).filled(form, "", "")
    return _Filler(typed, _by_field(shown, faults)).filled(form, "", "")


def _by_field(form: Filled, faults: Iterable[FieldFault]) -> Mapping[str, tuple[FieldFault, ...]]:
    """Return the faults by the place of the nearest field that is shown."""
    places = {each.place for each in walk(form)}
    found: defaultdict[str, tuple[FieldFault, ...]] = defaultdict(tuple)
    for fault in faults:
        place = fault.pointer
        while place and place not in places:
            place = place.rpartition("/")[0]
        found[place] += (fault,)
    return found


def walk(form: Filled) -> Iterator[Filled]:
    """Yield a field and all that are in it."""
    yield form
    for part in form.parts:
        yield from walk(part)


@dataclass(frozen=True)
class _Filler:
    typed: Typed
    faults: Mapping[str, tuple[FieldFault, ...]]

    def filled(self, field: Field, at: str, place: str) -> Filled:
        text = self.typed.texts.get(at, "")
        return Filled(
            field, at, place, text, self.faults.get(place, ()), tuple(self._parts(field, at, place))
        )

    def _parts(self, field: Field, at: str, place: str) -> Iterator[Filled]:
        if isinstance(field, GroupField):
            for each in field.fields:
                yield self.filled(each, pointer(at, each.name), pointer(place, each.name))
        elif isinstance(field, ListField):
            count = 0
            for row in self.typed.rows(at):
                here = pointer(at, row)
                is_blank = self.typed.is_blank(field.item, here)
                yield self.filled(field.item, here, NOWHERE if is_blank else pointer(place, count))
                count += not is_blank
