"""Values as text in a language: moments, money, labels; and text made fit for paper."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from pydantic import AwareDatetime, JsonValue

from domain.language.values import BIDI_CONTROLS, Money
from i18n.labels import label, read
from i18n.times import day, moment

UNPRINTABLE = frozenset({"Cc", "Cs", "Cn", "Co"})


@dataclass(frozen=True)
class Texts:
    """Texts for one kind of case in one language; times are shown in the business zone."""

    locale: str
    kind: str
    zone: ZoneInfo

    def of_record(self, name: str) -> str:
        """Return a text of the record itself."""
        return record_texts(self.locale)[name]

    def label(self, name: str) -> str:
        """Return the label in the kind's catalogue."""
        return label(name, self.locale, self.kind)

    def moment(self, at: datetime) -> str:
        """Return a time to the minute."""
        return moment(at, self.zone, self.locale)

    def value(self, field: str, value: JsonValue, annotation: object = None) -> str:
        """Return a form's value: the label of a code that has one, else as it was written.

        `annotation` is the field's type in its form: what looks like a date, and is none, is text.
        """
        if isinstance(value, bool):
            return self.of_record("yes" if value else "no")
        if isinstance(value, dict):
            return self._money(value)
        text = str(value)
        if time := self._time(text, annotation):
            return time
        if field == "kind":
            return label(f"kind.{text}", self.locale, text)
        labelled = self.label(f"{field}.{text}")
        if labelled != text:
            return labelled
        return printable(text)

    def money(self, money: Money | None) -> str:
        """Return an amount; nothing for none."""
        return self._money(money.model_dump(mode="json")) if money else ""

    def part(self, part: JsonValue) -> str:
        """Return one of several parts of a form: what its fields say, in their order."""
        if not isinstance(part, dict):
            return printable(str(part))
        said = ((name, value) for name, value in part.items() if value not in (None, ""))
        return " · ".join(self.value(name, value) for name, value in said)

    def _time(self, text: str, annotation: object) -> str | None:
        if _is_of(annotation, datetime, AwareDatetime):
            return self.moment(datetime.fromisoformat(text))
        if _is_of(annotation, date):
            return day(date.fromisoformat(text), self.locale)
        return None

    def _money(self, value: Mapping[str, JsonValue]) -> str:
        amount, currency = Decimal(str(value["amount"])), str(value["currency"])
        return str(format_currency(amount, currency, locale=self.locale))


def _is_of(annotation: object, *types: object) -> bool:
    """Return whether a field's type is one of these, alone, optional or annotated."""
    return annotation in types or any(_is_of(part, *types) for part in get_args(annotation))


@cache
def record_texts(locale: str) -> Mapping[str, str]:
    """Return the record's own texts."""
    return read(Path(__file__).parent / "locale" / f"{locale}.po", locale)


def printable(text: str) -> str:
    """Return the text without what no paper shows: control characters, lone surrogates, etc."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    visible = (c for c in lines if c == "\n" or unicodedata.category(c) not in UNPRINTABLE)
    return "".join(c for c in visible if c not in BIDI_CONTROLS).strip("\n")
