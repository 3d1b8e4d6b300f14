"""The inbox: the standard views as data, their lines in the order of `next`, and live counts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum, auto
from typing import Final

from app.authentication import Principal
from app.authorization import candidates_of, check_staff, reach_of
from app.errors import invalid
from app.filters import KnownNames
from app.inbox_rows import InboxRow, inbox_rows
from app.results import Listed
from app.services import Services
from cases.common.roles import ACCOUNT_MANAGER, LEAD, MANAGEMENT, SERVICE_MANAGER
from domain.language.roles import Roles
from domain.language.table import WaitsOn
from domain.language.values import read_instant
from store.cases.records import CaseFilter, InboxFilter, RequestsFor
from store.db.clock import utc_now
from store.db.pages import Cursor

SOON: Final = timedelta(minutes=15)
BETWEEN: Final = "~"
"""Stands between the parts of a place in a list, and in neither of them."""


class View(StrEnum):
    """The standard views of the inbox."""

    MINE = auto()
    TEAMS = auto()
    UNASSIGNED = auto()
    ESCALATED = auto()
    DUE = auto()
    ON_HOLD = auto()
    WAITING = auto()
    UNREAD = auto()
    REQUESTS = auto()
    ALL = auto()


# What is on hold is not work to do, unless its customer wrote since; but it goes on being due.
# Customers also write when a case is closed, so unread messages are looked for there, too, and what
# waits for an answer to one is somebody's work.
VIEWS: Final[Mapping[View, Callable[[Principal], InboxFilter]]] = {
    View.MINE: lambda caller: InboxFilter(in_hand=True, to_do=True, assignee=caller.id),
    View.TEAMS: lambda caller: InboxFilter(in_hand=True, to_do=True, teams=caller.teams),
    View.UNASSIGNED: lambda caller: InboxFilter(
        in_hand=True, to_do=True, unassigned=True, roles=caller.roles
    ),
    View.ESCALATED: lambda _: InboxFilter(open=True, escalated=True),
    View.DUE: lambda _: InboxFilter(open=True, due_within=SOON),
    View.ON_HOLD: lambda _: InboxFilter(open=True, on_hold=True),
    View.WAITING: lambda _: InboxFilter(open=True, waits_on=WaitsOn.CUSTOMER.value),
    View.UNREAD: lambda _: InboxFilter(unread=True),
    View.REQUESTS: lambda caller: InboxFilter(
        open=True, requests=RequestsFor(caller.id, candidates_of(caller))
    ),
    View.ALL: lambda _: InboxFilter(open=True),
}

FIRST_VIEWS: Final[Sequence[tuple[Roles, View]]] = (
    (MANAGEMENT, View.ESCALATED),
    (LEAD | SERVICE_MANAGER | ACCOUNT_MANAGER, View.TEAMS),
)
"""What those in a role see first, the first that fits; everybody else sees what is theirs."""


class InboxQuery(KnownNames, CaseFilter):
    """A list of the inbox, as its address names it: a standard view, and what narrows it."""

    view: View = View.MINE

    def where(self, caller: Principal) -> list[CaseFilter]:
        """Return the filters that a case must match."""
        fields = {name: getattr(self, name) for name in CaseFilter.model_fields}
        return [VIEWS[self.view](caller), CaseFilter.model_construct(**fields)]


def first_view(caller: Principal) -> View:
    """Return the view that the caller sees first."""
    own = caller.actor().stands_for
    return next((view for roles, view in FIRST_VIEWS if own & roles), View.MINE)


async def list_inbox(
    services: Services, caller: Principal, query: InboxQuery, after: Cursor | None, limit: int
) -> Listed[InboxRow]:
    """List the cases of a view, what is due soonest first, less its head start.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    page = await services.store.inbox.page(
        caller.tenant, query.where(caller), after, limit, reach_of(caller)
    )
    rows = inbox_rows(caller, page.items, utc_now())
    return Listed(rows, page.next, services.corrupt_rows.note("cases", page.corrupt))


async def read_rows(
    services: Services, caller: Principal, numbers: Sequence[str]
) -> dict[str, InboxRow]:
    """Return the lines of these cases by number; those that the caller does not see are left out.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    page = await services.store.inbox.of(caller.tenant, numbers, reach_of(caller))
    services.corrupt_rows.note("cases", page.corrupt)
    return {row.number: row for row in inbox_rows(caller, page.items, utc_now())}


async def count_views(
    services: Services, caller: Principal, narrowed: InboxQuery | None = None
) -> dict[View, int]:
    """Count what each standard view has, all at once; `narrowed` gives the filters of each.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    narrowed = narrowed or InboxQuery()
    queries = [narrowed.model_copy(update={"view": view}) for view in View]
    return dict(zip(View, await count_queries(services, caller, queries), strict=True))


async def count_queries(
    services: Services, caller: Principal, queries: Sequence[InboxQuery]
) -> list[int]:
    """Count what each list has, all at once.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    where = [query.where(caller) for query in queries]
    return await services.store.inbox.count(caller.tenant, where, reach_of(caller))


def write_place(after: Cursor | None) -> str | None:
    """Return where a list goes on as text for an address; None at its end."""
    return None if after is None else BETWEEN.join(after)


def read_place(text: str | None, pointer: str = "/after") -> Cursor | None:
    """Read where a list goes on; None for its beginning.

    Raises:
        Unacceptable: `write_place` never wrote this.
    """
    if text is None:
        return None
    moment, _, number = text.partition(BETWEEN)
    try:
        moment = read_instant(moment).isoformat()
    except ValueError:
        number = ""
    if not (number.isascii() and number.isalnum()):
        raise invalid(pointer, "wrong_place", "No list goes on there.")
    return (moment, number)
