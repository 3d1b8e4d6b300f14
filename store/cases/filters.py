"""The SQL conditions of the filters of cases and tasks."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Table, and_, exists, or_, true, tuple_

from store.cases.records import CaseFilter, DueFilter, Reach, TaskFilter
from store.cases.tables import cases, comments, task_roles, tasks
from store.db.clock import utc_now

Condition: TypeAlias = ColumnElement[bool]


def case_conditions(case_filter: CaseFilter) -> list[Condition]:
    """Return what a case's row must fulfil."""
    return _conditions(case_filter, _OF_CASES)


def task_conditions(task_filter: TaskFilter) -> list[Condition]:
    """Return what a task's row must fulfil."""
    return _conditions(task_filter, _OF_TASKS)


def within_reach(table: Table, reach: Reach | None) -> Condition:
    """Return that a row of cases or tasks is one that its reader sees; None is for all."""
    if reach is None:
        return true()
    offered = tuple_(table.c.kind, table.c.state).in_(sorted(reach.states))
    return or_(table.c.assignee == reach.holder, and_(table.c.assignee.is_(None), offered))


def _conditions(
    row_filter: DueFilter, conditions: Mapping[str, Callable[[Any], Condition]]
) -> list[Condition]:
    """Return a condition per field that is set.

    Raises:
        KeyError: a field has no condition here.
    """
    fields = row_filter.model_dump(exclude={*DueFilter.model_fields}, exclude_none=True)
    if due_by := row_filter.due_by(utc_now()):
        fields["due_by"] = due_by
    return [conditions[name](value) for name, value in fields.items()]


def _equal(table: Table, *names: str) -> dict[str, Callable[[Any], Condition]]:
    """Return the conditions that the columns of these names have a value."""
    return {name: table.c[name].__eq__ for name in names}


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
    **_equal(cases, "kind", "state", "stage", "priority", "assignee", "team", "source"),
    **_equal(cases, "external_ref", "order", "parent", "customer", "channel", "outcome"),
    "open": lambda is_open: _null(cases.c.closed_at, is_open),
    "received_from": lambda moment: cases.c.received_at >= moment,
    "received_to": lambda moment: cases.c.received_at < moment,
    "due_by": lambda moment: cases.c.next_due <= moment,
    "on_hold": lambda on_hold: _null(cases.c.held_until, not on_hold),
}


def _task_on_hold(on_hold: bool) -> Condition:
    """Return that a task is on hold; or that it is not, or that its customer wrote since."""
    if on_hold:
        return tasks.c.held_until.is_not(None)
    unread = exists().where(
        comments.c.tenant == tasks.c.tenant, comments.c.number == tasks.c.number, comments.c.unread
    )
    return or_(tasks.c.held_until.is_(None), unread)


_OF_TASKS: Mapping[str, Callable[[Any], Condition]] = {
    **_equal(tasks, "kind", "stage", "state", "priority", "assignee"),
    "unassigned": lambda unassigned: _null(tasks.c.assignee, unassigned),
    "due_by": lambda moment: tasks.c.rank <= moment,
    "on_hold": _task_on_hold,
    "teams": tasks.c.team.in_,
    "roles": _offered_to,
}
