"""The command's own words in the language of the terminal, and the codes by what they are called.

In English codes are shown as they are, since they are what one types; in Chinese by their label.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rich.cells import cell_len

CHINESE, ENGLISH = "zh_CN", "en"


def language() -> str:
    """The language to ask the server for: BANJIE_LANG, or what the terminal is set to."""
    named = os.environ.get("BANJIE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    tag = named.partition(".")[0].replace("_", "-")
    return tag if tag and tag not in {"C", "POSIX"} else "en"


def locale() -> str:
    """Chinese where the terminal is; English everywhere else."""
    return CHINESE if language().lower().startswith("zh") else ENGLISH


def say(name: str, /, **params: object) -> str:
    """A text of ours."""
    return catalogue(locale())[name] % params


def called(sort: str, code: str, kind: str = "") -> str:
    """What `state` `received` is called."""
    if not code or locale() == ENGLISH:
        return code
    from i18n.labels import label

    return label(f"{sort}.{code}", CHINESE, kind)


def padded(text: str, width: int) -> str:
    """As wide as so many Latin letters; a Chinese character is as wide as two."""
    return text + " " * (width - cell_len(text))


@cache
def catalogue(of: str) -> Mapping[str, str]:
    """All texts of a language."""
    from i18n.labels import read

    return read(Path(__file__).parent / "locale" / f"{of}.po", of)
