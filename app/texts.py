"""Texts for people: the sentence of a code in the catalogues, and the choice of a language."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from i18n.labels import LOCALES, fault_text, label, read, refusal_text
from i18n.messages import ENGLISH
from i18n.times import day, moment

DEFAULT: Final = LOCALES[0]
SEPARATORS = {"zh_CN": "、", "en": ", "}
LABELLED = {
    "kind": "kind",
    "state": "state",
    "step": "step",
    "takes": "role",
    "checks": "check",
}
"""The parameters whose values are codes with a label, each with the prefix of the label."""
MOMENTS = {"at", "since", "opened_at", "limit", "due", "until", "starts_at", "ends_at"}
"""The parameters that may be a moment, or a day."""

Catalogue = Mapping[str, str]


class _Params(dict[str, str]):
    """Shows a dash for a parameter that is missing."""

    def __missing__(self, key: str) -> str:
        return "–"


class Texts:
    """The texts of codes in a language. Times are shown in the business zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def title(self, code: str, locale: str, kind: str = "") -> str:
        """Return the few words over a problem."""
        own = refusal_text(f"{code}.title", locale, kind)
        return own or self.text(f"title.{code}", locale) or code

    def text(self, name: str, locale: str) -> str | None:
        """Return the text of a code that belongs to no kind; None if there is none."""
        return catalogue(locale).get(name)

    def say(
        self, code: str, params: Mapping[str, Any], locale: str, *, kind: str = "", otherwise: str
    ) -> str:
        """Return the sentence for a code: of the API's own catalogue, or of the kind's.

        Its variant `<code>.by` is taken when somebody is named, `<code>.<why>` when there is one.
        """
        variants = [*(["by"] if "by" in params else []), str(params.get("why"))]
        names = [*(f"{code}.{variant}" for variant in variants), code]
        patterns = (self.text(n, locale) or refusal_text(n, locale, kind) for n in names)
        pattern = next((each for each in patterns if each), None)
        if pattern is None:
            return otherwise
        return pattern % _Params(
            {name: self._shown(name, value, locale, kind) for name, value in params.items()}
        )

    def fault(
        self,
        code: str,
        detail: str,
        locale: str,
        params: Mapping[str, Any] | None = None,
        *,
        kind: str = "",
    ) -> str:
        """Return the sentence for a fault of a field, of our own catalogue or of the kind's.

        Every code that there is has one; `detail` is for those of libraries to come.
        """
        pattern = self.text(f"field.{code}", locale) or fault_text(code, locale, kind)
        if pattern is None:
            return detail
        return pattern % _Params(
            {name: _listed(value, locale) for name, value in (params or {}).items()}
        )

    def kept(self, code: str, sentence: str, locale: str) -> str:
        """Return a sentence that is kept in English; elsewhere the few words for its code."""
        if locale == ENGLISH:
            return sentence
        title = self.title(code, locale)
        return self.title("internal", locale) if title == code else title

    def _shown(self, name: str, value: Any, locale: str, kind: str) -> str:
        if isinstance(value, list):
            return SEPARATORS[locale].join(self._shown(name, each, locale, kind) for each in value)
        if name in LABELLED:
            return label(f"{LABELLED[name]}.{value}", locale, kind)
        if name in MOMENTS and isinstance(value, str):
            with suppress(ValueError):
                return self._time(value, locale)
        return str(value)

    def _time(self, text: str, locale: str) -> str:
        """Return a day, or a moment in the business zone; ValueError if it is neither."""
        with suppress(ValueError):
            return day(date.fromisoformat(text), locale)
        return moment(datetime.fromisoformat(text), self._zone, locale)


def negotiate(accepted: str | None) -> str:
    """Return the best of our languages for an Accept-Language header; Chinese if none is wanted."""
    locales = {locale.partition("_")[0]: locale for locale in LOCALES}
    by_weight = sorted(_weights(accepted or ""), key=lambda each: -each[1])
    languages = (name.partition("-")[0].lower() for name, _ in by_weight)
    return next((locales[each] for each in languages if each in locales), DEFAULT)


def tag(locale: str) -> str:
    """Return the locale as HTTP writes it."""
    return locale.replace("_", "-")


@cache
def catalogue(locale: str) -> Catalogue:
    """Return the texts that belong to no kind."""
    return read(Path(__file__).parent / "locale" / f"{locale}.po", locale)


def _listed(value: Any, locale: str) -> str:
    return SEPARATORS[locale].join(map(str, value)) if isinstance(value, list) else str(value)


def _weights(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(",")[:20]:
        name, _, quality = part.strip().partition(";q=")
        with suppress(ValueError):
            weight = float(quality or "1")
            if name and weight > 0:
                yield name, weight
