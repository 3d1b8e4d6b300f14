"""Reads a message catalogue (.po)."""

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po


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
