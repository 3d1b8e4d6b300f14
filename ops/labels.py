"""What things are called on screen: the kinds' catalogues, each language read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import cases
from ops.catalogues import read

LOCALES: Final = ("zh_CN", "en")
COMMON: Final = "common"


def label(name: str, locale: str, kind: str = "") -> str:
    """What `state.received` is called: by its kind, else by all kinds, else the bare code."""
    for folder in (kind, COMMON):
        if found := labels(folder, locale).get(name):
            return found
    return name.partition(".")[2]


@cache
def labels(folder: str, locale: str) -> Mapping[str, str]:
    """The catalogue of a kind's folder, or of `common`; empty if it has none."""
    if not folder.isidentifier():
        return {}
    places = (Path(root) / folder / "locale" / f"{locale}.po" for root in cases.__path__)
    return {name: text for path in places for name, text in read(path, locale).items()}
