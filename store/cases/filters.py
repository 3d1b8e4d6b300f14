"""The SQL conditions of the filters of cases and tasks."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Table, exists

from store.cases.records import CaseFilter, DueFilter, TaskFilter
from store.cases.tables import cases, task_roles, tasks
from store.db.clock import utc_now

Condition: TypeAlias = ColumnElement[bool]


def case_conditions(case_filter: CaseFilter) -> list[Condition]:
    """Return what a case's row must fulfil."""
    return _conditions(cases, case_filter, _OF_CASES)


def task_conditions(task_filter: TaskFilter) -> list[Condition]:
    """Return what a task's row must fulfil."""
    return _conditions(tasks, task_filter, _OF_TASKS)


def _conditions(
    table: Table, row_filter: DueFilter, special: Mapping[str, Callable[[Any], Condition]]
) -> list[Condition]:
    """Return a condition per field; a field without a special one is the column of its name."""
    fields = row_filter.model_dump(exclude={*DueFilter.model_fields}, exclude_none=True)
    if due_by := row_filter.due_by(utc_now()):
        fields["due_by"] = due_by
    return [
        special[name](value) if name in special else table.c[name] == value
        for name, value in fields.items()
    ]


def _null(column: ColumnElement[Any], is_null: bool) -> Condition:
    return column.is_(None) if is_null else column.is_not(None)


def _offered_to(roles: tuple[str, ...]) -> Condition:
    return exists().where(
        task_roles.c.tenant == tasks.c.tenant,
        task_roles.c.number == tasks.c.number,
        task_roles.c.seq == tasks.c.seq,
        task_roles.c.role.in_(roles),
    )


_OF_CASES: Mapping[str, Callable[[Any], Condition]] = {
    "open": lambda is_open: _null(cases.c.closed_at, is_open),
    "received_from": lambda moment: cases.c.received_at >= moment,
    "received_to": lambda moment: cases.c.received_at < moment,
    "due_by": lambda moment: cases.c.next_due <= moment,
    "on_hold": lambda on_hold: _null(cases.c.held_until, not on_hold),
}
_OF_TASKS: Mapping[str, Callable[[Any], Condition]] = {
    "unassigned": lambda unassigned: _null(tasks.c.assignee, unassigned),
    "due_by": lambda moment: tasks.c.rank <= moment,
    "on_hold": lambda on_hold: _null(tasks.c.held_until, not on_hold),
    "teams": tasks.c.team.in_,
    "roles": _offered_to,
}
