"""What a form that was not sent says, in a line: what somebody wrote, or else what they chose."""

import re
from collections.abc import Callable

from web.rendering.texts import translate

from .fields import BooleanField, ChoiceField, Field, GroupField, TextField, find_field
from .typed import Pairs
from .words import Words


def gist(form: GroupField | None, pairs: Pairs, words: Words, name: Callable[[str], str]) -> str:
    """Return what tells most of a form: its longest text, else all that was chosen, by its labels.

    `form` is None where all that is typed is text; `name` is what somebody with an id is called.
    """
    typed = [(form and find_field(form, at), text.strip()) for at, text in pairs if text.strip()]
    long = [text for field, text in typed if form is None or (_is_words(field) and _is_long(field))]
    short = [text for field, text in typed if _is_words(field)]
    if texts := long or short:
        return max(texts, key=len)
    said = [_shown(field, text, words, name) for field, text in typed]
    return translate("; ", words.locale).join(said)


def _is_words(field: Field | None) -> bool:
    """Say whether people write into a field what they like, and no code."""
    if not isinstance(field, TextField) or field.refers_to is not None:
        return False
    return re.search(field.pattern or "", "a b") is not None


def _is_long(field: Field | None) -> bool:
    return isinstance(field, TextField) and field.is_long


def _shown(field: Field | None, text: str, words: Words, name: Callable[[str], str]) -> str:
    if isinstance(field, BooleanField):
        answer = translate({"true": "Yes", "false": "No"}.get(text, text), words.locale)
        return f"{words.label(field.path)}{translate(': ', words.locale)}{answer}"
    if isinstance(field, TextField) and field.refers_to in {"staff", "owner"}:
        return name(text)
    return words.choice(field, text) if isinstance(field, TextField | ChoiceField) else text
