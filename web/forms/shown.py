"""What a form says, as people read it: labels and texts of what was handed in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from domain.language.forms import Form
from i18n.times import day, moment
from web.rendering.amounts import money
from web.rendering.texts import translate

from .fields import (
    BooleanField,
    ChoiceField,
    DayField,
    Field,
    GroupField,
    ListField,
    MomentField,
    TextField,
)
from .words import Words

Name: TypeAlias = Callable[[str], str]
"""Return what the person, or the team, with an id is called."""


@dataclass(frozen=True)
class ShownField:
    """A field of a form that was handed in: its name, what it is called, what it says."""

    name: str
    label: str
    text: str
    is_long: bool


@dataclass(frozen=True)
class Shower:
    """Shows the forms of one kind of case in a language; times are of the business zone.

    `name` says what somebody of the staff is called, `team` what a team is.
    """

    words: Words
    zone: ZoneInfo
    name: Name
    team: Name

    def fields(
        self, form: GroupField, data: Mapping[str, JsonValue], aliases: Mapping[str, str]
    ) -> list[ShownField]:
        """Return what was said, in the form's order; `aliases` are names in `data` that differ."""
        said = {aliases.get(name, name): value for name, value in data.items()}
        known = (each for each in form.fields if said.get(each.name) not in (None, "", []))
        return [
            ShownField(
                each.name,
                self.words.label(each.path),
                self._text(each, said[each.name]),
                isinstance(each, TextField) and each.is_long,
            )
            for each in known
        ]

    def _text(self, field: Field, value: JsonValue) -> str:
        if isinstance(field, GroupField) and isinstance(value, dict):
            return self._group(field, value)
        if isinstance(field, ListField) and isinstance(value, list):
            parts = (self._text(field.item, item) for item in value)
            return translate("; ", self.words.locale).join(parts)
        if isinstance(field, BooleanField):
            return translate("Yes" if value else "No", self.words.locale)
        text = value if isinstance(value, str) else field.write(value)
        return self._code(field, text) or self._time(field, text)

    def _code(self, field: Field, text: str) -> str | None:
        """Return what a code is called; None if the field is for something else."""
        if isinstance(field, TextField) and field.refers_to in {"staff", "vendor"}:
            return self.name(text)
        if isinstance(field, TextField) and field.refers_to == "team":
            return self.team(text)
        if isinstance(field, TextField) and field.refers_to == "owner":
            return self.team(self.name(text))
        is_code = isinstance(field, TextField) and field.pattern is not None
        return self.words.choice(field, text) if is_code or isinstance(field, ChoiceField) else None

    def _group(self, field: GroupField, value: Mapping[str, Any]) -> str:
        if field.is_money:
            return money(value.get("amount"), value.get("currency"), self.words.locale)
        return translate(", ", self.words.locale).join(
            f"{each.label} {each.text}" for each in self.fields(field, value, {})
        )

    def _time(self, field: Field, text: str) -> str:
        try:
            if isinstance(field, MomentField):
                return moment(datetime.fromisoformat(text), self.zone, self.words.locale)
            if isinstance(field, DayField):
                return day(date.fromisoformat(text), self.words.locale)
        except ValueError:
            return text
        return text


def aliases_of(form: type[Form]) -> Mapping[str, str]:
    """Return the names that histories have for the fields of a form, where they differ."""
    fields: Iterator[tuple[str, Any]] = iter(form.model_fields.items())
    return {
        field.serialization_alias: name
        for name, field in fields
        if field.serialization_alias not in (None, name)
    }
