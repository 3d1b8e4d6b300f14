"""What a case is in each table of the projection: by table, by key, by column."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Table

from domain.read_models.projection import NoticeView, ProjectionUpdate, TaskView
from store.cases.recorder import FAR, entry_row
from store.cases.tables import cases, clocks, entries, task_roles, tasks
from store.outbox.tables import outbox

Key = tuple[Any, ...]
Row = dict[str, Any]
Rows = dict[str, dict[Key, Row]]
"""The rows of one case; neither keys nor rows say which case it is."""

WHICH = ("tenant", "number")
PROJECTED: Final[tuple[Table, ...]] = (cases, entries, tasks, task_roles, clocks)
TABLES: Final[Mapping[str, Table]] = {table.name: table for table in (*PROJECTED, outbox)}
"""In the order in which rows must be written."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(column.name for column in table.primary_key if column.name not in WHICH)
    for name, table in TABLES.items()
}
SAID = ("template", "to", "at", "params")
"""What the projection knows of a row of the outbox; the rest is what became of it."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    name: SAID
    if table is outbox
    else tuple(c.name for c in table.columns if c.name not in {*WHICH, *KEYS[name]})
    for name, table in TABLES.items()
}


COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    **COLUMNS,
    # When an errand was first tried is known to its row alone.
    outbox.name: tuple(name for name in SAID if name != "at"),
}


def rows_of(batch: ProjectionUpdate) -> Rows:
    """The rows that a batch with all entries of a case makes."""
    return {
        "cases": _by_key("cases", [dict(batch.case)]),
        "entries": _by_key("entries", [entry_row(entry) for entry in batch.entries]),
        "tasks": _by_key("tasks", [_task(task) for task in batch.tasks]),
        "task_roles": _by_key("task_roles", [r for task in batch.tasks for r in _roles(task)]),
        "clocks": _by_key("clocks", [_plain(dict(clock)) for clock in batch.clocks]),
        "outbox": _by_key("outbox", [_notice(notice) for notice in batch.notices]),
    }


def none() -> Rows:
    """A case of which there is nothing."""
    return {name: {} for name in TABLES}


def alike(table: str, one: Row, other: Row) -> bool:
    """Whether two rows say the same."""
    if table != outbox.name:
        return one == other
    return all(one[name] == other.get(name) for name in COMPARED[table])


def same(one: Rows, other: Rows) -> bool:
    """Whether two versions of a case are alike, row by row."""
    return all(
        one[name].keys() == other[name].keys()
        and all(alike(name, row, other[name][key]) for key, row in one[name].items())
        for name in TABLES
    )


def keyed(table: str, row: Mapping[str, Any]) -> tuple[Key, Row]:
    """A row as it is held here: its key, and its columns."""
    return (
        tuple(row[name] for name in KEYS[table]),
        {name: row[name] for name in COLUMNS[table]},
    )


def whole(table: str, which: tuple[str, str], rows: Mapping[Key, Row]) -> Iterator[Row]:
    """The rows as the table has them; `which` are tenant and number."""
    for key, row in rows.items():
        yield {
            **dict(zip(WHICH, which, strict=True)),
            **dict(zip(KEYS[table], key, strict=True)),
            **row,
        }


def _by_key(table: str, rows: list[dict[str, Any]]) -> dict[Key, Row]:
    return dict(keyed(table, row) for row in rows)


def _task(task: TaskView) -> Row:
    return _plain({**dict(task), "rank": task.due_at or FAR})


def _roles(task: TaskView) -> Iterator[Row]:
    if task.done_at is None:
        for role in sorted({*task.candidates, *task.leads}):
            yield {"role": role, "seq": task.seq}


def _notice(notice: NoticeView) -> Row:
    return notice.model_dump(exclude={"schema_version", *WHICH})


def _plain(row: Row) -> Row:
    """As it comes back from a database: JSON knows lists only."""
    return {name: [*value] if isinstance(value, tuple) else value for name, value in row.items()}
