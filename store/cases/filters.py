"""The SQL conditions of the filters of cases and tasks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    exists,
    false,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from domain.language.spellings import plain_code, spellings
from domain.language.table import Stage, WaitsOn
from store.cases.records import CaseFilter, DueFilter, Reach, TaskFilter
from store.cases.tables import OURS, case_goods, cases, comments, task_roles, tasks
from store.cases.unread import counts_for
from store.customers.persons import references_of
from store.db.clock import utc_now

Condition: TypeAlias = ColumnElement[bool]

HEARD: Condition = and_(cases.c.closed_at.is_not(None), cases.c.waits_on == literal_column(OURS))
"""A closed case whose customer wrote since; the words are those of its index, in which SQLite
finds no parameter."""

IN_HAND: Condition = or_(cases.c.closed_at.is_(None), HEARD)


def case_conditions(tenant: str, case_filter: CaseFilter) -> list[Condition]:
    """Return what a case's row must fulfil."""
    return _conditions(case_filter, {**_OF_CASES, **_of_tenant(tenant)})


def task_conditions(task_filter: TaskFilter) -> list[Condition]:
    """Return what a task's row must fulfil."""
    return _conditions(task_filter, _OF_TASKS)


def inbox_conditions(tenant: str, case_filter: CaseFilter) -> list[Condition]:
    """Return what a case's row must fulfil to be in a view of the inbox."""
    return _conditions(case_filter, {**_OF_CASES, **_of_tenant(tenant), **_of_inbox(tenant)})


def within_reach(table: Table, reach: Reach | None) -> Condition:
    """Return that a row of cases or tasks is one that its reader sees; None is for all."""
    if reach is None:
        return true()
    offered = tuple_(table.c.kind, table.c.state).in_(sorted(reach.states))
    return or_(table.c.assignee == reach.holder, and_(table.c.assignee.is_(None), offered))


def seen(reach: Reach | None) -> Condition:
    """Return that a row of cases is within reach, or one that its reader has worked on."""
    return or_(within_reach(cases, reach), _worked_on(reach)) if reach else true()


def worked_by(person: str) -> Condition:
    """Return that a task is one that this person did at what the case is about."""
    done = tasks.c.done_by == person
    return and_(done, tasks.c.request.is_(None), tasks.c.stage == Stage.RESOLVE)


def _worked_on(reach: Reach) -> Condition:
    """Return that a case is one that its reader worked on, and is not over for long."""
    is_over = cases.c.closed_at <= reach.worked_since if reach.worked_since else true()
    done = exists().where(
        tasks.c.tenant == cases.c.tenant,
        tasks.c.number == cases.c.number,
        worked_by(reach.holder),
    )
    return and_(or_(cases.c.closed_at.is_(None), not_(is_over)), done)


def _conditions(
    row_filter: DueFilter, conditions: Mapping[str, Callable[[Any], Condition]]
) -> list[Condition]:
    """Return a condition per field that is set.

    Raises:
        KeyError: a field has no condition here.
    """
    fields = row_filter.model_dump(exclude={*DueFilter.model_fields}, exclude_none=True)
    now = utc_now()
    if due_by := row_filter.due_by(now):
        fields["due_by"] = due_by
    if row_filter.overdue is False:
        fields["not_due_by"] = now
    return [conditions[name](value) for name, value in fields.items()]


def _equal(table: Table, *names: str) -> dict[str, Callable[[Any], Condition]]:
    """Return the conditions that the columns of these names have a value."""
    return {name: table.c[name].__eq__ for name in names}


def _due_by(rank: ColumnElement[Any], due: ColumnElement[Any], moment: datetime) -> Condition:
    return and_(rank <= moment, due <= moment)


def _not_due_by(due: ColumnElement[Any], moment: datetime) -> Condition:
    """Return that something is due later, or never."""
    return or_(due > moment, due.is_(None))


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
    **_equal(cases, "external_ref", "order", "parent", "channel", "outcome"),
    "open": lambda is_open: _null(cases.c.closed_at, is_open),
    "received_from": lambda moment: cases.c.received_at >= moment,
    "received_to": lambda moment: cases.c.received_at < moment,
    "due_by": lambda moment: cases.c.next_due <= moment,
    "not_due_by": lambda moment: _not_due_by(cases.c.next_due, moment),
    "on_hold": lambda on_hold: _null(cases.c.held_until, not on_hold),
    "chased": lambda chased: (cases.c.chases > 0) == chased,
}


def has_product(tenant: str, product: str) -> Condition:
    """Return that a case is about a product, however it is spelt: by itself or among its goods."""
    own = cases.alias("own")
    by_itself = select(own.c.number).where(
        own.c.tenant == tenant, own.c.product.in_(spellings(product))
    )
    among_goods = _with_goods(tenant, case_goods.c.product == plain_code(product))
    # One list of numbers, since neither database looks up the sides of an OR by an index each.
    return cases.c.number.in_(union_all(by_itself, among_goods))


def has_serial(tenant: str, serial: str) -> Condition:
    """Return that a unit of a case's goods has this serial number, however it is spelt."""
    return cases.c.number.in_(_with_goods(tenant, case_goods.c.serial == plain_code(serial)))


def _with_goods(tenant: str, which: Condition) -> Select[tuple[str]]:
    return select(case_goods.c.number).where(case_goods.c.tenant == tenant, which)


def _of_tenant(tenant: str) -> Mapping[str, Callable[[Any], Condition]]:
    return {
        # Several references may be one person.
        "customer": lambda customer: cases.c.customer.in_(references_of(tenant, [customer])),
        "product": lambda product: has_product(tenant, product),
        "serial": lambda serial: has_serial(tenant, serial),
    }


@lru_cache(maxsize=256)  # a page counts many views, each of several filters
def _of_inbox(tenant: str) -> Mapping[str, Callable[[Any], Condition]]:
    """Return the conditions of a view; what they look for elsewhere is looked for only once.

    Nothing ranks later than it is due, so `due_by` bounds the rank, too: the index that gives the
    order of the inbox then serves it.
    """
    unread = cases.c.number.in_(
        select(counts_for()).where(comments.c.tenant == tenant, comments.c.unread)
    )

    def offered_to(roles: tuple[str, ...]) -> Condition:
        return exists().where(
            task_roles.c.tenant == cases.c.tenant,
            task_roles.c.number == cases.c.number,
            task_roles.c.role.in_(roles),
            task_roles.c.request.is_(false()),
        )

    has_task = cases.c.waits_on == WaitsOn.STAFF.value
    to_do = and_(has_task, or_(cases.c.held_until.is_(None), unread))
    return {
        "heard_closed": lambda is_so: HEARD if is_so else not_(HEARD),
        "in_hand": lambda is_so: IN_HAND if is_so else not_(IN_HAND),
        "waits_on": cases.c.waits_on.__eq__,
        "to_do": lambda is_so: to_do if is_so else not_(to_do),
        "unassigned": lambda unassigned: _null(cases.c.assignee, unassigned),
        "teams": cases.c.team.in_,
        "roles": offered_to,
        "escalated": lambda escalated: (cases.c.escalation_tier > 0) == escalated,
        "unread": lambda is_unread: unread if is_unread else not_(unread),
        "due_by": lambda moment: _due_by(cases.c.rank, cases.c.next_due, moment),
        "requests": lambda requests: cases.c.number.in_(_requests_for(tenant, requests)),
    }


def _requests_for(tenant: str, requests: Mapping[str, Any]) -> Select[tuple[str]]:
    """Return the cases with an open request that somebody took, or may take, and did not make."""
    person, candidates = requests["person"], requests["candidates"]
    is_free = and_(tasks.c.assignee.is_(None), _offered_to(candidates))
    return select(tasks.c.number).where(
        tasks.c.tenant == tenant,
        tasks.c.request.is_not(None),
        tasks.c.done_at.is_(None),
        tasks.c.asked_by != person,
        or_(tasks.c.assignee == person, is_free),
    )


def _task_on_hold(on_hold: bool) -> Condition:
    """Return that a task is on hold; or that it is not, or that its customer wrote since."""
    if on_hold:
        return tasks.c.held_until.is_not(None)
    unread = (comments.c.tenant == tasks.c.tenant, comments.c.unread)
    own = exists().where(*unread, comments.c.number == tasks.c.number)
    joined = exists().where(
        *unread,
        cases.c.tenant == tasks.c.tenant,
        cases.c.merged_into == tasks.c.number,
        comments.c.number == cases.c.number,
    )
    return or_(tasks.c.held_until.is_(None), own, joined)


_OF_TASKS: Mapping[str, Callable[[Any], Condition]] = {
    **_equal(tasks, "kind", "stage", "state", "priority", "assignee", "request"),
    "not_asked_by": lambda person: or_(tasks.c.asked_by.is_(None), tasks.c.asked_by != person),
    "unassigned": lambda unassigned: _null(tasks.c.assignee, unassigned),
    "due_by": lambda moment: _due_by(tasks.c.rank, tasks.c.due_at, moment),
    "not_due_by": lambda moment: _not_due_by(tasks.c.due_at, moment),
    "on_hold": _task_on_hold,
    "teams": tasks.c.team.in_,
    "roles": _offered_to,
}
