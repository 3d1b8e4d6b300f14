"""The kinds of cases, one folder each; a new folder with a `process.py` is a new kind."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import MappingProxyType

from cases.common.money_record import MoneyLine, MoneyOf, money_lines, no_money
from cases.common.record import SHARED, Record
from domain.engine.case import Case
from domain.engine.process import Process
from domain.errors import WrongTable
from domain.stories import Story


def find_kinds(path: list[str], package: str) -> Mapping[tuple[str, int], Process]:
    """Return the process versions of a package: `process.py` is the newest, `process_v1.py` older.

    Raises:
        WrongTable: a folder holds no table, or another kind's, two tables claim the same kind and
            version, or two kinds the same prefix.
    """
    kinds: dict[tuple[str, int], Process] = {}
    prefixes: dict[str, str] = {}
    for folder, process in _tables(path, package):
        if process.kind != folder:
            raise WrongTable(f"the folder {folder} holds the table of {process.kind}")
        if (process.kind, process.version) in kinds:
            raise WrongTable(f"{process.kind} has two tables of version {process.version}")
        if prefixes.setdefault(process.prefix, process.kind) != process.kind:
            raise WrongTable(
                f"{prefixes[process.prefix]} and {process.kind} both have the prefix "
                f"{process.prefix}; choose another"
            )
        kinds[process.kind, process.version] = process
    return MappingProxyType(kinds)


def newest(kinds: Mapping[tuple[str, int], Process]) -> Mapping[str, Process]:
    """Return the table that new cases of each kind are opened with."""
    latest: dict[str, Process] = {}
    for (kind, _), process in sorted(kinds.items()):
        latest[kind] = process
    return MappingProxyType(latest)


def stories_of(kind: str, package: str = __name__) -> Sequence[Story]:
    """Return the worked examples of a kind, from its `stories.py`."""
    stories: Sequence[Story] = import_module(f"{package}.{kind}.stories").STORIES
    return stories


def record_of(kind: str, package: str = __name__) -> Record:
    """Return what a customer may read of a case of this kind, and nothing else.

    A folder without `record.py` adds nothing to what all kinds show.
    """
    module = f"{package}.{kind}.record"
    own: Record = import_module(module).RECORD if find_spec(module) else {}
    return {**SHARED, **own}


def money_of(process: Process, case: Case, package: str = __name__) -> list[MoneyLine]:
    """Return what became of the money of a case, the oldest first; `record.py` has the kind's own.

    Whoever shows them to a customer leaves out those that are `ours`.
    """
    module = f"{package}.{process.kind}.record"
    found = import_module(module) if find_spec(module) else None
    own: MoneyOf = getattr(found, "money", no_money)
    return money_lines(own, process, case)


def _tables(path: list[str], package: str) -> Iterator[tuple[str, Process]]:
    for folder in sorted(m.name for m in iter_modules(path) if m.ispkg and m.name != "common"):
        kind = import_module(f"{package}.{folder}")
        tables = [m.name for m in iter_modules(kind.__path__) if m.name.startswith("process")]
        if "process" not in tables:
            raise WrongTable(f"the folder {folder} has no process.py, which holds a kind's table")
        for module in sorted(tables):
            yield folder, import_module(f"{package}.{folder}.{module}").PROCESS


KINDS = find_kinds(list(__path__), __name__)
CURRENT = newest(KINDS)
