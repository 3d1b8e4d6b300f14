"""Sentences for operators in their language: a catalogue has them by their English text."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from runtime.message import Message, filled

ENGLISH: Final = "en"
SEPARATORS: Final = {"zh_CN": "、"}


def in_language(message: Message, locale: str) -> str:
    """Return a message in a language; messages among its parameters, too."""
    if locale == ENGLISH:
        return message.english
    pattern = messages(locale).get(message.pattern, message.pattern)
    return filled(pattern, message.params, partial(_shown, locale=locale))


def _shown(value: Any, locale: str) -> Any:
    if isinstance(value, Message):
        return in_language(value, locale)
    if isinstance(value, list | tuple):
        return SEPARATORS.get(locale, ", ").join(str(_shown(each, locale)) for each in value)
    return value


@cache
def messages(locale: str) -> Mapping[str, str]:
    """Return the sentences of a language by their English text."""
    from i18n.labels import read  # noqa: PLC0415 — English, which most use, reads no catalogue

    return read(Path(__file__).parent / "locale" / f"{locale}.po", locale)
