"""One list of filters: the store, the API and the command line know the same, and all are used."""

import inspect
from datetime import timedelta
from typing import Any

import pytest

from api.http.paging import CaseQuery, TaskQuery
from app.new_batch import NewBatch
from cli import batch, task
from cli.case import commands
from cli.core.forms import parse_filters
from store.cases.filters import case_conditions, inbox_conditions, task_conditions
from store.cases.records import (
    CaseFilter,
    CaseWhere,
    InboxFilter,
    RequestsFor,
    TaskFilter,
    TaskWhere,
)

SAMPLES: dict[str, Any] = {
    "overdue": True,
    "due_within": timedelta(hours=2),
    "open": True,
    "on_hold": True,
    "received_from": "2026-03-02T12:00:00+08:00",
    "received_to": "2026-03-02T12:00:00+08:00",
    "unassigned": True,
    "teams": ("complaints",),
    "roles": ("agent",),
    "to_do": True,
    "in_hand": True,
    "heard_closed": True,
    "escalated": True,
    "unread": True,
    "chased": True,
    "request": "approval",
    "requests": RequestsFor("zhou.hang", ("management",)),
}
"""A value for each filter that is no word."""


@pytest.mark.parametrize("name", CaseFilter.model_fields)
def test_every_filter_of_cases_is_a_condition(name: str) -> None:
    case_filter = CaseFilter.model_validate({name: SAMPLES.get(name, "x")})
    assert len(case_conditions("a brand", case_filter)) == 1


@pytest.mark.parametrize("name", InboxFilter.model_fields)
def test_every_filter_of_the_inbox_is_a_condition(name: str) -> None:
    view = InboxFilter.model_validate({name: SAMPLES.get(name, "x")})
    assert len(inbox_conditions("brand", view)) == 1


@pytest.mark.parametrize("name", TaskFilter.model_fields)
def test_every_filter_of_tasks_is_a_condition(name: str) -> None:
    task_filter = TaskFilter.model_validate({name: SAMPLES.get(name, "x")})
    assert len(task_conditions(task_filter)) == 1


def test_the_api_takes_every_filter() -> None:
    assert issubclass(CaseQuery, CaseFilter)
    assert issubclass(TaskQuery, TaskWhere)
    assert NewBatch.model_fields["where"].annotation is CaseWhere


def test_the_command_line_takes_every_filter() -> None:
    case_options = {name.rstrip("_") for name in inspect.signature(commands.list_cases).parameters}
    assert case_options >= commands.OWN_OPTIONS
    assert inspect.signature(batch.start).parameters.keys() >= {"kind", "closed"}
    assert {"kind", "open"} == batch.OWN_OPTIONS
    assert inspect.signature(task.list_tasks).parameters.keys() >= TaskWhere.model_fields.keys()


@pytest.mark.parametrize("excluded", [commands.OWN_OPTIONS, batch.OWN_OPTIONS])
def test_where_takes_every_other_filter(excluded: frozenset[str]) -> None:
    names = CaseFilter.model_fields.keys() - excluded
    filters = parse_filters([f"{name}=2026-03-02T12:00" for name in names], excluded=excluded)
    times = {name for name, value in filters.items() if value.endswith(":00+08:00")}
    assert filters.keys() == names
    assert times == {"received_from", "received_to"}
