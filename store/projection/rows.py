"""A case as rows: by table, by key, by column."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Table

from domain.language.entries import Entry
from domain.read_models.projection import CaseView, NoticeView, ProjectionUpdate, TaskView
from store.attachments.rows import attachment_rows
from store.attachments.tables import attachments
from store.cases.goods import goods_rows
from store.cases.tables import (
    case_goods,
    case_words,
    cases,
    clocks,
    entries,
    rank_of,
    task_roles,
    tasks,
)
from store.cases.words import opening_words
from store.outbox.tables import outbox

Key = tuple[Any, ...]
Row = dict[str, Any]
Rows = dict[str, dict[Key, Row]]
"""The rows of one case, by table and key; neither keys nor rows contain the case's own key."""

CASE_KEY = ("tenant", "number")
PROJECTED: Final[tuple[Table, ...]] = (
    *(cases, entries, tasks, task_roles, clocks),
    *(case_words, case_goods, attachments),
)
TABLES: Final[Mapping[str, Table]] = {table.name: table for table in (*PROJECTED, outbox)}
"""In the order in which rows must be written."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(column.name for column in table.primary_key if column.name not in CASE_KEY)
    for name, table in TABLES.items()
}
MESSAGE_COLUMNS = ("template", "to", "at", "params")
"""What the projection knows of an outbox row; the other columns say what became of the message."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    name: MESSAGE_COLUMNS
    if table is outbox
    else tuple(c.name for c in table.columns if c.name not in {*CASE_KEY, *KEYS[name]})
    for name, table in TABLES.items()
}
COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    **COLUMNS,
    # Only the row of a call's message knows when the call was first tried.
    outbox.name: tuple(name for name in MESSAGE_COLUMNS if name != "at"),
}


def rows_of(update: ProjectionUpdate) -> Rows:
    """Return the rows of a case from an update that has all its entries."""
    roles = [row for task in update.tasks for row in _role_rows(task)]
    return {
        "cases": _by_key("cases", [case_row(update.case)]),
        "entries": _by_key("entries", [entry_row(entry) for entry in update.entries]),
        "tasks": _by_key("tasks", [_task_row(task) for task in update.tasks]),
        "task_roles": _by_key("task_roles", roles),
        "clocks": _by_key("clocks", [_with_lists(dict(clock)) for clock in update.clocks]),
        "case_words": _by_key("case_words", word_rows(update)),
        "case_goods": _by_key("case_goods", goods_rows(update.entries)),
        "attachments": _by_key("attachments", attachment_rows(update.entries)),
        "outbox": _by_key("outbox", [_message_row(notice) for notice in update.notices]),
    }


def case_row(case: CaseView) -> Row:
    """Return the row of a case."""
    return _with_lists({**dict(case), "rank": rank_of(case.next_due, case.head_start)})


def word_rows(update: ProjectionUpdate) -> list[Row]:
    """Return the row with the words that a case was opened with, if the update opens it."""
    words = (opening_words(entry) for entry in update.entries)
    received_at = update.case.received_at
    return [{"received_at": received_at, "words": text} for text in words if text is not None]


def entry_row(entry: Entry) -> Row:
    """Return the row of an entry, without its case."""
    as_json = entry.model_dump(mode="json", include={"actor", "cause", "form"})
    return {**dict(entry), **as_json}


def no_rows() -> Rows:
    """Return the rows of a case of which there are none."""
    return {name: {} for name in TABLES}


def same_rows(made: Rows, stored: Rows) -> bool:
    """Return whether the stored rows of a case are those that its entries make now.

    Not all columns are compared: `COMPARED` says which.
    """
    return all(
        made[table].keys() == stored[table].keys()
        and not any(
            differing_columns(table, row, stored[table][key]) for key, row in made[table].items()
        )
        for table in TABLES
    )


def differing_columns(table: str, made: Row, stored: Row) -> tuple[str, ...]:
    """Return the columns in which a stored row is not what the entries make now."""
    if made == stored:  # nearly always, and told at once
        return ()
    columns = (name for name in COMPARED[table] if made[name] != stored.get(name))
    return tuple(name for name in columns if not (name == "steps" and _fewer_steps(made, stored)))


def split_key(table: str, row: Mapping[str, Any]) -> tuple[Key, Row]:
    """Split a row into its key and its columns."""
    return (
        tuple(row[name] for name in KEYS[table]),
        {name: row[name] for name in COLUMNS[table]},
    )


def full_rows(table: str, case: tuple[str, str], rows: Mapping[Key, Row]) -> Iterator[Row]:
    """Yield the rows as the table has them; `case` is tenant and number."""
    for key, row in rows.items():
        yield {
            **dict(zip(CASE_KEY, case, strict=True)),
            **dict(zip(KEYS[table], key, strict=True)),
            **row,
        }


def _by_key(table: str, rows: list[Row]) -> dict[Key, Row]:
    return dict(split_key(table, row) for row in rows)


def _task_row(task: TaskView) -> Row:
    return _with_lists({**dict(task), "rank": rank_of(task.due_at, task.head_start)})


def _role_rows(task: TaskView) -> Iterator[Row]:
    if task.done_at is None:
        for role in sorted({*task.candidates, *task.leads}):
            yield {"role": role, "seq": task.seq, "request": task.request is not None}


def _message_row(notice: NoticeView) -> Row:
    return notice.model_dump(exclude={"schema_version", *CASE_KEY})


def _with_lists(row: Row) -> Row:
    """Return the row as a database gives it back: JSON has lists but no tuples."""
    return {name: [*value] if isinstance(value, tuple) else value for name, value in row.items()}


def _fewer_steps(made: Row, stored: Row) -> bool:
    """Return whether a task's row has some of the steps that its table has now.

    A table may gain a step within its version: the row keeps those of its day, and whoever acts is
    offered what the table has now.
    """
    steps = stored.get("steps")
    return isinstance(steps, list) and all(step in made["steps"] for step in steps)
