"""Every kind of case is one folder here; a new folder with a `process.py` is a new kind."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import MappingProxyType

from cases.common.record import SHARED, Record
from domain.engine.process import Process
from domain.errors import WrongTable
from domain.stories import Story


def find_kinds(path: list[str], package: str) -> Mapping[tuple[str, int], Process]:
    """All process versions under a package: `process.py` is the newest, `process_v1.py` is older.

    Raises:
        WrongTable: a folder holds another kind's table, two tables claim the same kind and
            version, or two kinds the same prefix.
    """
    found: dict[tuple[str, int], Process] = {}
    letters: dict[str, str] = {}
    for folder, process in _tables(path, package):
        if process.kind != folder:
            raise WrongTable(f"the folder {folder} holds the table of {process.kind}")
        if (process.kind, process.version) in found:
            raise WrongTable(f"{process.kind} has two tables of version {process.version}")
        if letters.setdefault(process.prefix, process.kind) != process.kind:
            raise WrongTable(
                f"{process.kind} and {letters[process.prefix]}: prefix {process.prefix}"
            )
        found[process.kind, process.version] = process
    return MappingProxyType(found)


def newest(kinds: Mapping[tuple[str, int], Process]) -> Mapping[str, Process]:
    """The table that new cases of each kind are opened with."""
    latest: dict[str, Process] = {}
    for (kind, _), process in sorted(kinds.items()):
        latest[kind] = process
    return MappingProxyType(latest)


def stories_of(kind: str, package: str = __name__) -> Sequence[Story]:
    """The worked examples of a kind; its folder has them in `stories.py`."""
    stories: Sequence[Story] = import_module(f"{package}.{kind}.stories").STORIES
    return stories


def record_of(kind: str, package: str = __name__) -> Record:
    """What a customer may read of a case of this kind; a folder without `record.py` adds nothing.

    What is not named is not told.
    """
    place = f"{package}.{kind}.record"
    own: Record = import_module(place).RECORD if find_spec(place) else {}
    return {**SHARED, **own}


def _tables(path: list[str], package: str) -> Iterator[tuple[str, Process]]:
    for folder in sorted(m.name for m in iter_modules(path) if m.ispkg and m.name != "common"):
        kind = import_module(f"{package}.{folder}")
        modules = (m.name for m in iter_modules(kind.__path__) if m.name.startswith("process"))
        for module in sorted(modules):
            yield folder, import_module(f"{package}.{folder}.{module}").PROCESS


KINDS = find_kinds(list(__path__), __name__)
CURRENT = newest(KINDS)
