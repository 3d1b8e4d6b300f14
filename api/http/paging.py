"""Pages of long lists: how many rows, where to go on, and with which filters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.http.cursors import BadCursor, Cursors
from api.http.problems import problem
from api.http.schemas import Ref
from app.authentication import Principal
from domain.language.forms import Code
from store.cases.records import Cursor

MOST = 100
DUE = {"overdue", "due_within"}


class Scope(StrEnum):
    """Whose tasks: mine, my teams', nobody's that I may do, or all."""

    MINE = auto()
    TEAMS = auto()
    UNASSIGNED = auto()
    ALL = auto()


class PageQuery(BaseModel):
    """How long a page is, and where it begins. A word that we do not know is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MOST, description="How many at most.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next` of the page before, with the same filters."
    )


class Due(BaseModel):
    """Which promises: those that are overdue, or due within a time from now (ISO 8601)."""

    overdue: bool | None = Field(None, description="Only what is overdue.")
    due_within: timedelta | None = Field(
        None, ge=timedelta(), le=timedelta(days=366), description="ISO 8601: PT2H, P1D."
    )

    def due_by(self, now: datetime) -> datetime | None:
        """The moment by which it must be due."""
        if self.due_within is not None:
            return now + self.due_within
        return now if self.overdue else None


class CaseWhere(Due):
    """Which cases of a kind; all filters are optional, `received_to` itself is left out."""

    model_config = ConfigDict(extra="forbid")

    state: Code | None = None
    stage: Code | None = None
    priority: Code | None = None
    assignee: Code | None = None
    team: Code | None = None
    source: Code | None = None
    external_ref: Ref | None = None
    parent: Code | None = None
    customer: Code | None = None
    channel: Code | None = None
    outcome: Code | None = None
    open: bool | None = None
    received_from: AwareDatetime | None = None
    received_to: AwareDatetime | None = None
    on_hold: bool | None = Field(None, description="Only those whose task is on hold, or is not.")


class CaseQuery(PageQuery, CaseWhere):
    """Which cases."""

    kind: Code | None = None


class TaskQuery(PageQuery, Due):
    """Which open tasks."""

    scope: Scope = Scope.MINE
    kind: Code | None = None
    stage: Code | None = None
    state: Code | None = None
    priority: Code | None = None
    on_hold: bool | None = Field(
        None,
        description="Only those on hold, or only the others. If it is not said, what is on hold is "
        "left out, but not where it is asked what is overdue or due: that runs on.",
    )

    def on_hold_filter(self) -> bool | None:
        """Whether what is on hold is meant; None if it does not matter."""
        if self.on_hold is not None:
            return self.on_hold
        return None if self.overdue or self.due_within is not None else False


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
