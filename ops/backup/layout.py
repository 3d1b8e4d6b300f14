"""What of a data folder goes into a backup, and what of it is a secret."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ENGINE, STORE = "temporal.db", "banjie.db"
DATABASES = (ENGINE, STORE)
"""In the order in which they are copied; the store stands still meanwhile."""

TREES = ("archive", "checkpoints")
CLIENT = "client.json"
MANIFEST = "manifest.json"

PUBLIC = re.compile(r"[\w.-]+\.pub(\.pem)?")
SECRET = re.compile(r"secret|[\w.-]+\.(key|pem)")
STAGED = re.compile(r"#\d+$")
"""A file that the archive is just writing; it gets its name when it is whole."""


def is_secret(name: str) -> bool:
    """Whether it is a private key; `client.json` is one by what it holds."""
    return PUBLIC.fullmatch(name) is None and SECRET.fullmatch(name) is not None


def belongs(path: PurePosixPath) -> bool:
    """Whether a member of a backup has a place in a data folder: nothing else is ever unpacked."""
    first, *more = path.parts or ("",)
    if path.is_absolute() or any(part in ("..", ".", "") for part in path.parts):
        return False
    if first in TREES:
        return bool(more)
    known = first in (*DATABASES, CLIENT) or PUBLIC.fullmatch(first) or SECRET.fullmatch(first)
    return bool(known) and not more


def keys(folder: Path) -> Iterator[str]:
    """The keys that lie in a folder, public ones and secret ones."""
    for path in sorted(folder.iterdir()):
        named = PUBLIC.fullmatch(path.name) or SECRET.fullmatch(path.name)
        if named and path.is_file() and not path.is_symlink():
            yield path.name


def trees(folder: Path) -> Iterator[str]:
    """The files of the archive and of the checkpoints, as they are just now."""
    for tree in TREES:
        for path in sorted((folder / tree).rglob("*")):
            if path.is_file() and not path.is_symlink() and not STAGED.search(path.name):
                yield path.relative_to(folder).as_posix()
