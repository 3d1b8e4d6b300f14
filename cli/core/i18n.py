"""The commands' own texts in the language of the terminal, and the labels of codes.

In English codes are shown as they are, since people type them; in Chinese by their label.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rich.cells import cell_len

CHINESE, ENGLISH = "zh_CN", "en"


def language() -> str:
    """Return the language to ask the server for: BANJIE_LANG, or what the terminal is set to."""
    named = os.environ.get("BANJIE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    tag = named.partition(".")[0].replace("_", "-")
    return tag if tag and tag not in {"C", "POSIX"} else "en"


def locale() -> str:
    """Return the locale of our own texts: Chinese where the terminal is, else English."""
    return CHINESE if language().lower().startswith("zh") else ENGLISH


def translate(name: str, /, **params: object) -> str:
    """Return a text of ours in the language of the terminal."""
    return catalogue(locale())[name] % params


def code_label(sort: str, code: str, kind: str = "") -> str:
    """Return the label of a code, e.g. of the `state` `received`."""
    if not code or locale() == ENGLISH:
        return code
    from i18n.labels import label

    return label(f"{sort}.{code}", CHINESE, kind)


def pad(text: str, width: int) -> str:
    """Return the text padded to so many Latin letters; a Chinese character is as wide as two."""
    return text + " " * (width - cell_len(text))


@cache
def catalogue(of: str) -> Mapping[str, str]:
    """Return all texts of a language."""
    from i18n.labels import read

    return read(Path(__file__).parent / "locale" / f"{of}.po", of)
