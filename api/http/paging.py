"""Pages of long lists: how many rows, where to go on, and with which filters."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.http.cursors import BadCursor, Cursors
from api.http.problems import problem
from app.authentication import Principal
from app.read_tasks import TaskScope
from store.cases.records import CaseFilter, Cursor, TaskWhere

MOST = 100


class PageQuery(BaseModel):
    """How long a page is, and where it begins. A word that we do not know is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MOST, description="How many at most.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next` of the page before, with the same filters."
    )

    def filters(self) -> dict[str, Any]:
        """Return what a cursor is good for: all but the place and the length of the page."""
        return self.model_dump(mode="json", exclude={*PageQuery.model_fields})


class CaseQuery(PageQuery, CaseFilter):
    """Which cases."""

    def case_filter(self) -> CaseFilter:
        """Return the filter alone."""
        return CaseFilter(**self.model_dump(include={*CaseFilter.model_fields}))


class TaskQuery(PageQuery, TaskWhere):
    """Which open tasks."""

    scope: TaskScope = TaskScope.MINE

    def task_filter(self) -> TaskWhere:
        """Return the filter alone."""
        return TaskWhere(**self.model_dump(include={*TaskWhere.model_fields}))


def read_cursor(
    cursors: Cursors, caller: Principal, cursor: str | None, filters: Mapping[str, Any]
) -> Cursor | None:
    """Where the page before ended."""
    if cursor is None:
        return None
    try:
        return cursors.read(cursor, _scope(caller, filters))
    except BadCursor:
        raise problem("bad_cursor") from None


def write_cursor(
    cursors: Cursors, caller: Principal, place: Cursor | None, filters: Mapping[str, Any]
) -> str | None:
    """The cursor of the next page, if there is one."""
    return None if place is None else cursors.write(place, _scope(caller, filters))


def _scope(caller: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    return {"tenant": caller.tenant, "client": caller.client, **filters}
