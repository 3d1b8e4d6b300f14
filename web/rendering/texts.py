"""The sentences of the pages: English in templates and code, Chinese by the catalogue."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from i18n.labels import LOCALES, read

FOLDER: Final = Path(__file__).parent.parent / "locale"
DEFAULT: Final = LOCALES[0]
ENGLISH: Final = "en"


class Sentence(str):
    """A sentence in English that is said in the visitor's language where it is shown."""

    __slots__ = ()


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Return the translations of the pages; English needs none."""
    return {} if locale == ENGLISH else read(FOLDER / f"{locale}.po", locale)


def translate(sentence: str, locale: str, **values: Any) -> str:
    """Return a sentence in a language, filled in with the values."""
    text = catalogue(locale).get(sentence, sentence)
    return text % values if values else text
