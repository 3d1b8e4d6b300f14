"""What codes are called on screen, and what a kind's refusals say: from the kinds' catalogues."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

from babel.messages.pofile import read_po

import cases
from cases.common.categories import titles_under
from domain.engine.kept_policy import KeptPolicy
from domain.language.categories import Term

LOCALES: Final = ("zh_CN", "en")
COMMON: Final = "common"


def label(name: str, locale: str, kind: str = "") -> str:
    """Return what `state.received` is called: by its kind, by all kinds, or else the bare code."""
    for folder in (kind, COMMON):
        if text := labels(folder, locale).get(name):
            return text
    return name.partition(".")[2]


def category_label(code: str, locale: str, kind: str, policy: KeptPolicy | None) -> str:
    """Return what a category is called under the policy of a case, or else by its kind."""
    return titles_under(policy, kind, code).get(locale) or label(f"category.{code}", locale, kind)


def term_label(sort: str, term: Term, locale: str, kind: str) -> str:
    """Return what a policy calls something, or else what the kind's catalogue does."""
    return term.titles.get(locale) or label(f"{sort}.{term.code}", locale, kind)


def refusal_text(name: str, locale: str, kind: str = "") -> str | None:
    """Return the sentence for a refusal, `refusal.<name>` in the catalogue of a kind."""
    return _sentence(f"refusal.{name}", locale, kind)


def fault_text(code: str, locale: str, kind: str = "") -> str | None:
    """Return the sentence for a fault of a kind's form, `fault.<code>` in its catalogue."""
    return _sentence(f"fault.{code}", locale, kind)


def _sentence(name: str, locale: str, kind: str) -> str | None:
    """Return a sentence; where the kind is not known, any kind that has it says it."""
    kinds = (kind, COMMON) if kind else _folders(tuple(cases.__path__))
    texts = (labels(folder, locale).get(name) for folder in kinds)
    return next((text for text in texts if text), None)


@cache
def _folders(roots: tuple[str, ...]) -> Sequence[str]:
    """Return the names of the folders of kinds, and of what they share."""
    return [each.name for each in iter_modules(roots) if each.ispkg]


@cache
def labels(folder: str, locale: str) -> Mapping[str, str]:
    """Return the catalogue of a kind's folder, or of `common`; empty if it has none."""
    if not folder.isidentifier():
        return {}
    files = (Path(root) / folder / "locale" / f"{locale}.po" for root in cases.__path__)
    return {name: text for file in files for name, text in read(file, locale).items()}


def read(path: Path, locale: str) -> Mapping[str, str]:
    """Return a catalogue's messages; empty if there is no such file.

    Raises:
        PoFileError: the file is no catalogue.
    """
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        messages = read_po(file, locale=locale, abort_invalid=True)
    return {str(message.id): str(message.string) for message in messages if message.id}
