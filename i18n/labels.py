"""What things are called on screen: the kinds' catalogues, each language read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

import cases


def read(path: Path, locale: str) -> Mapping[str, str]:
    """A catalogue's messages; empty if there is no such file.

    Raises:
        PoFileError: the file is no catalogue.
    """
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=locale, abort_invalid=True)
    return {str(message.id): str(message.string) for message in found if message.id}


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
