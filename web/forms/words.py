"""What fields and choices are called, from the kinds' catalogues."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from i18n.labels import COMMON, labels

from .fields import ChoiceField, Field, GroupField, Path, walk

QUOTES: Final = {"zh_CN": "「{}」", "en": "“{}”"}
NAMES: Final = {
    "zh_CN": r" ?(?P<quote>'?)(?<!\w)(?P<name>{names})(?!\w)(?P=quote) ?",
    "en": r"'(?P<name>{names})'",
}
"""How sentences have the names of fields: bare in Chinese, in quotes in English."""


@dataclass(frozen=True)
class Words:
    """The labels of a kind's forms in a language.

    A field is looked up by its whole path first and by its name last: `field.customer.name`, then
    `field.name`. So is a choice: `contacts.kind.phone`, then `kind.phone`.
    """

    kind: str
    locale: str

    def label(self, path: Path) -> str:
        """Return the label of a field; its bare name if it has none."""
        return self._find("field", path, "") or (path[-1] if path else "")

    def choice(self, field: Field, code: str) -> str:
        """Return the label of a choice: the field's own for it, or the catalogues', or its code."""
        own = field.names.get(code, {}) if isinstance(field, ChoiceField) else {}
        path = field.path
        named = own.get(self.locale) or self._find("", path, code) or self._kind(path, code)
        return named or code

    def has_label(self, path: Path, code: str = "") -> bool:
        """Whether the catalogues name a field, or one of its choices."""
        if not code:
            return self._find("field", path, "") is not None
        return bool(self._find("", path, code) or self._kind(path, code))

    def in_sentence(self, sentence: str, form: GroupField) -> str:
        """Return a sentence about a form in which its fields have their labels, not their names.

        In Chinese a name of a field is known by its letters, in English by its quotes.
        """
        paths = {each.name: each.path for each in walk(form) if each.name}
        if not paths:
            return sentence
        names = "|".join(sorted(map(re.escape, paths), key=len, reverse=True))
        pattern, quotes = NAMES[self.locale].format(names=names), QUOTES[self.locale]

        def quoted(match: re.Match[str]) -> str:
            return quotes.format(self.label(paths[match["name"]]))

        return re.sub(pattern, quoted, sentence, flags=re.ASCII)

    def _find(self, sort: str, path: Path, code: str) -> str | None:
        texts = (self._text(name, self.kind) for name in names_of(sort, path, code))
        return next(filter(None, texts), None)

    def _kind(self, path: Path, code: str) -> str | None:
        """Return what a kind of case is called: its own catalogue says it."""
        return self._text(f"kind.{code}", code) if path[-1:] == ("kind",) else None

    def _text(self, name: str, kind: str) -> str | None:
        texts = (labels(folder, self.locale).get(name) for folder in (kind, COMMON))
        return next(filter(None, texts), None)


def names_of(sort: str, path: Path, code: str) -> Iterable[str]:
    """Yield the names in the catalogues that a field or a choice may have, the longest first."""
    for start in range(len(path)):
        yield ".".join(filter(None, (sort, *path[start:], code)))


def unnamed(form: Field, words: Words) -> Iterable[tuple[Path, str]]:
    """Yield what of a form has no label: a field, or a field's choice by its code."""
    for field in walk(form):
        if field.path and not words.has_label(field.path):
            yield field.path, ""
        for code in field.codes if isinstance(field, ChoiceField) else ():
            is_named = isinstance(field, ChoiceField) and code in field.names
            if not is_named and not words.has_label(field.path, code):
                yield field.path, code
