"""The commands' own texts in the language of the terminal, and the labels of codes.

In English codes are shown as they are, since people type them; in Chinese by their label.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from rich.cells import cell_len

from i18n.messages import in_language
from runtime.message import Message

CHINESE, ENGLISH = "zh_CN", "en"


def language() -> str:
    """Return the language to ask the server for: BANJIE_LANG, or what the terminal is set to."""
    named = os.environ.get("BANJIE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    tag = named.partition(".")[0].replace("_", "-")
    return tag if tag and tag not in {"C", "POSIX"} else "en"


def locale() -> str:
    """Return the locale of our own texts: Chinese where the terminal is, else English."""
    return CHINESE if language().lower().startswith("zh") else ENGLISH


def translate(text: str, /, **params: object) -> str:
    """Return a sentence, or a message from below, in the language of the terminal."""
    message = text if isinstance(text, Message) else Message(text, **params)
    return in_language(message, locale())


def shown(text: str) -> str:
    """Return a text as it is, but a message from below in the language of the terminal."""
    return translate(text) if isinstance(text, Message) else text


def system_reason(error: OSError) -> str:
    """Return why the operating system refused."""
    return translate(error.strerror) if error.strerror else str(error)


def code_label(sort: str, code: str, kind: str = "") -> str:
    """Return the label of a code, e.g. of the `state` `received`."""
    if not code or locale() == ENGLISH:
        return code
    from i18n.labels import label

    return label(f"{sort}.{code}", CHINESE, kind)


def notice_words(notice: Mapping[str, Any], number: str, kind: str = "") -> str:
    """Return what a notice of a case says; in English the code of its text."""
    template = str(notice["template"])
    if locale() == ENGLISH:
        return template
    from i18n.notices import notice_sentence

    params = notice.get("params", {})
    return notice_sentence(template, number, params, kind=kind, locale=CHINESE) or template


def labels_of(case: Mapping[str, Any], *sorts: str) -> list[str]:
    """Return the labels of these codes of a case or a task."""
    return [code_label(sort, case[sort] or "", case["kind"]) for sort in sorts]


def listed(values: Iterable[object]) -> str:
    """Return values one after the other, as the language separates them."""
    return translate("%(values)s", values=list(values))


def in_brackets(text: str) -> str:
    """Return a text in the brackets of the language, with the blank before them that it takes."""
    return f"（{text}）" if locale() == CHINESE else f" ({text})"


def pad(text: str, width: int) -> str:
    """Return the text padded to so many Latin letters; a Chinese character is as wide as two."""
    return text + " " * (width - cell_len(text))
