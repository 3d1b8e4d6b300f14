"""Who may do what: one function for each object, asked by every way to it."""

from collections.abc import Mapping
from enum import StrEnum, auto
from functools import cache
from typing import Final

from app.authentication import Principal
from app.errors import Forbidden, NotFound
from cases import CURRENT, KINDS
from cases.common.figures import REOPEN_WINDOW, longest
from cases.common.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BATCH_ROLES,
    HANDLERS,
    LEAD,
    MANAGERS,
    OPS,
    POLICY_ROLES,
    STAFF_ROLES,
    STORE_MANAGER,
    VENDOR,
)
from domain.engine.messages import DEFAULT_TENANT
from domain.engine.side_task_checks import team_candidate
from domain.engine.task_actions import has_task
from domain.language.orders import Order
from domain.language.roles import Roles
from domain.read_models.projection import CaseView
from store.cases.records import CaseFilter, Reach
from store.changes.records import ChangeName, StoredChange
from store.comments import Visibility
from store.db.clock import utc_now
from store.outbox.mailbox import Reader
from store.saved_views import SavedView, ViewOwner, ViewOwnerKind

STAFF: Final = "staff"


class Right(StrEnum):
    """What needs a role, whichever object it is done to."""

    READ_ALL_CASES = auto()
    START_CASES = auto()
    COMMENT_PUBLICLY = auto()
    COMMENT_INTERNALLY = auto()
    CORRECT_CUSTOMERS = auto()
    MERGE_CUSTOMERS = auto()
    ACT_ON_MANY_CASES = auto()
    READ_BATCHES = auto()
    SET_POLICIES = auto()
    SEE_BOARD = auto()
    READ_OPERATIONS = auto()
    OPERATE = auto()
    ADMINISTER = auto()


# A vendor is another company: it sees what is offered to it or held by it. An auditor only reads.
# Public comments stand on the customer's record: they are for those who speak with customers.
RIGHTS: Final[Mapping[Right, Roles]] = {
    Right.READ_ALL_CASES: Roles(STAFF_ROLES.names - VENDOR.names),
    Right.START_CASES: Roles(STAFF_ROLES.names - VENDOR.names - AUDITOR.names),
    Right.COMMENT_PUBLICLY: HANDLERS | STORE_MANAGER,
    Right.COMMENT_INTERNALLY: Roles(STAFF_ROLES.names - AUDITOR.names),
    Right.CORRECT_CUSTOMERS: HANDLERS | STORE_MANAGER | ADMINISTRATOR,
    Right.MERGE_CUSTOMERS: LEAD | MANAGERS | ADMINISTRATOR,
    Right.ACT_ON_MANY_CASES: BATCH_ROLES,
    Right.SET_POLICIES: POLICY_ROLES,
    # Who has how much to do, and who held what was broken, is for those who lead.
    Right.SEE_BOARD: LEAD | MANAGERS | ADMINISTRATOR,
    Right.READ_BATCHES: BATCH_ROLES | OPS | AUDITOR,
    Right.READ_OPERATIONS: ADMINISTRATOR | OPS | AUDITOR,
    Right.OPERATE: ADMINISTRATOR | OPS,
    Right.ADMINISTER: ADMINISTRATOR,
}

SYSTEMS_RIGHTS: Final = frozenset({Right.START_CASES, Right.COMMENT_PUBLICLY})
"""What a system may do: it brings cases in, and says what their customers say."""

INTERNAL_FILTERS: Final = ("assignee", "team", "on_hold")
"""Filters of fields that only staff are shown: who filters by a field reads it."""


def has_right(caller: Principal, right: Right) -> bool:
    """Say whether the caller has a right."""
    if not caller.is_staff:
        return right in SYSTEMS_RIGHTS
    return bool(caller.actor().stands_for & RIGHTS[right])


def only_operates(caller: Principal) -> bool:
    """Say whether the caller operates or audits and does nothing else, so that no case waits."""
    roles = caller.actor().stands_for
    return caller.is_staff and bool(roles) and roles.names <= (OPS | AUDITOR).names


def check_right(caller: Principal, right: Right) -> None:
    """Check that the caller has a right.

    Raises:
        Forbidden
    """
    if not has_right(caller, right):
        raise Forbidden(list(RIGHTS[right]) if caller.is_staff else STAFF)


def check_staff(caller: Principal) -> None:
    """Check that the caller is one of our people.

    Raises:
        Forbidden
    """
    if not caller.is_staff:
        raise Forbidden(STAFF)


def check_installation(caller: Principal, right: Right = Right.READ_OPERATIONS) -> None:
    """Check that the caller may look at the installation, or with `OPERATE` act on it.

    Engine, schedules and disks serve all tenants: they are for staff of the one who runs them.

    Raises:
        Forbidden
        NotFound: the caller is of another tenant.
    """
    check_right(caller, right)
    if not sees_installation(caller):
        raise NotFound


def sees_installation(caller: Principal) -> bool:
    """Say whether the caller is of the tenant that runs the installation for all."""
    return caller.tenant == DEFAULT_TENANT


def reads_inside(caller: Principal) -> bool:
    """Say whether the caller is shown what we write for ourselves of a case that it sees.

    Systems and vendors are other companies: `app.outside` says what they are shown.
    """
    return caller.is_staff and has_right(caller, Right.READ_ALL_CASES)


def sees_case(caller: Principal, case_row: CaseView, *, worked: bool = False) -> bool:
    """Say whether the caller sees a case; `worked`: the caller has worked on it.

    A system sees those that it brought in. Staff see all; a vendor those that it holds, that wait
    for its trade, and that it worked on, as long as they could go on: bills come after the work.
    """
    if not caller.is_staff:
        return case_row.source == caller.id
    reach = reach_of(caller)
    return reach is None or reach.covers(case_row, worked=worked)


def check_case(caller: Principal, case_row: CaseView | None, *, worked: bool = False) -> CaseView:
    """Return the case's row, if the caller sees the case; `worked` as for `sees_case`.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
    """
    if case_row is None or not sees_case(caller, case_row, worked=worked):
        raise NotFound
    return case_row


def check_lost_case(caller: Principal) -> None:
    """Check that the caller sees also a case of which the store has no row.

    Raises:
        NotFound
    """
    if not reads_inside(caller):
        raise NotFound


def narrow_cases(caller: Principal, case_filter: CaseFilter) -> CaseFilter:
    """Return the filter for the cases that the caller sees; `reach_of` narrows a vendor's further.

    Raises:
        Forbidden: a system asks for another source's cases, or by what only staff are shown.
    """
    if caller.is_staff:
        return case_filter
    internal = any(getattr(case_filter, name) is not None for name in INTERNAL_FILTERS)
    if internal or case_filter.source not in {None, caller.id}:
        raise Forbidden(STAFF)
    return case_filter.model_copy(update={"source": caller.id})


def reach_of(caller: Principal) -> Reach | None:
    """Return which cases and tasks one of the staff sees; None for all."""
    if not caller.is_staff or has_right(caller, Right.READ_ALL_CASES):
        return None
    return Reach(caller.id, _states_for(caller.roles), utc_now() - longest(REOPEN_WINDOW))


def check_put_orders(caller: Principal) -> None:
    """Check that the caller may hand in orders: a system, or one who administers.

    Raises:
        Forbidden
    """
    if caller.is_staff:
        check_right(caller, Right.ADMINISTER)


def sees_order(caller: Principal, order: Order, *, named: bool) -> bool:
    """Say whether the caller sees an order; `named`: by a case that the caller sees.

    A system sees those that it handed in, staff all, a vendor those that its cases name.
    """
    if not caller.is_staff:
        return order.source == caller.source
    return named or reach_of(caller) is None


def check_order(caller: Principal, order: Order | None, *, named: bool) -> Order:
    """Return the order, if the caller sees it; `named` as for `sees_order`.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
    """
    if order is None or not sees_order(caller, order, named=named):
        raise NotFound
    return order


def candidates_of(caller: Principal) -> tuple[str, ...]:
    """Return under which names tasks are offered to one of the staff: their roles and teams."""
    return (*caller.roles, *map(team_candidate, caller.teams))


def may_claim_new(caller: Principal, kind: str) -> bool:
    """Say whether the caller may claim a case of this kind that was just started."""
    first = CURRENT[kind].states[0]
    return caller.is_staff and has_task(first) and bool(caller.actor().stands_for & first.staff)


def sees_customer(caller: Principal, case_row: CaseView) -> bool:
    """Say whether the caller is shown the customer of a case that it sees.

    Who does not see all cases is shown the customers of those that it holds.
    """
    return reach_of(caller) is None or case_row.assignee == caller.id


def mailbox_reader(caller: Principal) -> Reader | None:
    """Return whose messages of the local mailbox the caller reads; None for all.

    Raises:
        Forbidden: they are for staff.
    """
    check_staff(caller)
    if has_right(caller, Right.ADMINISTER):
        return None
    return Reader(
        caller.id,
        caller.roles,
        caller.teams,
        all_teams=bool(caller.actor().stands_for & (LEAD | MANAGERS)),
        states=_idle_states_for(caller.roles) if reach_of(caller) is None else frozenset(),
    )


def may_change_view(caller: Principal, owner: ViewOwner) -> bool:
    """Say whether the caller may save, change and remove views of this owner.

    Everybody may change their own, leads and managers those of their teams.
    """
    if owner.kind is ViewOwnerKind.PERSON:
        return caller.is_staff and owner.id == caller.id
    leads = bool(caller.actor().stands_for & (LEAD | MANAGERS)) and owner.id in caller.teams
    return leads or has_right(caller, Right.ADMINISTER)


def check_view(caller: Principal, view: SavedView | None) -> SavedView:
    """Return a saved view that the caller may change.

    Raises:
        NotFound: there is none, or the caller does not see it.
        Forbidden: it is a team's, and the caller does not lead the team.
    """
    if view is None or view.owner not in view_owners(caller):
        raise NotFound
    check_view_owner(caller, view.owner)
    return view


def check_view_owner(caller: Principal, owner: ViewOwner) -> None:
    """Check that the caller may save and change views of this owner.

    Raises:
        Forbidden
    """
    if not may_change_view(caller, owner):
        raise Forbidden(list(LEAD | MANAGERS))


def view_owners(caller: Principal) -> list[ViewOwner]:
    """Return whose saved views the caller sees: their own and those of their teams."""
    teams = [ViewOwner(ViewOwnerKind.TEAM, team) for team in caller.teams]
    return [ViewOwner(ViewOwnerKind.PERSON, caller.id), *teams]


def check_comment(caller: Principal, visibility: Visibility | None) -> Visibility:
    """Return how visible the caller's comment is; staff comment internally unless they say so.

    Raises:
        Forbidden: a system's comment cannot be internal, and not everybody may write each.
    """
    visibility = visibility or (Visibility.INTERNAL if caller.is_staff else Visibility.PUBLIC)
    if visibility is Visibility.INTERNAL and not caller.is_staff:
        raise Forbidden(STAFF)
    is_public = visibility is Visibility.PUBLIC
    check_right(caller, Right.COMMENT_PUBLICLY if is_public else Right.COMMENT_INTERNALLY)
    return visibility


def may_read_comments(caller: Principal) -> bool:
    """Say whether the caller may mark what a customer said as read: as those may who answer."""
    return caller.is_staff and has_right(caller, Right.COMMENT_PUBLICLY)


def check_read_comments(caller: Principal) -> None:
    """Check that the caller may mark what a customer said as read.

    Raises:
        Forbidden
    """
    check_staff(caller)
    check_right(caller, Right.COMMENT_PUBLICLY)


def sees_change(
    caller: Principal, change: StoredChange, case_row: CaseView | None, *, worked: bool = False
) -> bool:
    """Say whether one of the staff is told of a change; `case_row` and `worked` are of its case.

    What is internal is told to those who read inside, and to whoever did it themselves.
    """
    is_own = change.person == caller.id
    sees_it = case_row is not None and sees_case(caller, case_row, worked=worked)
    match change.name:
        case ChangeName.CASE | ChangeName.COMMENT | ChangeName.PRESENCE:
            return sees_it
        case ChangeName.NOTE | ChangeName.MESSAGE:
            return is_own or (sees_it and reads_inside(caller))
        case ChangeName.DRAFT:
            return is_own
        case ChangeName.BATCH:
            return has_right(caller, Right.ACT_ON_MANY_CASES)
    return False


def check_call_back(caller: Principal, author: str, case_row: CaseView | None) -> None:
    """Check that the caller may call a message back: its author may, and leads who see the case.

    Raises:
        NotFound: there is none for this caller.
        Forbidden: they see it and are neither.
    """
    if caller.is_staff and caller.id == author:
        return
    check_staff(caller)
    check_case(caller, case_row)
    if not reads_inside(caller):
        raise NotFound
    if not caller.actor().stands_for & (LEAD | MANAGERS):
        raise Forbidden(list(LEAD | MANAGERS))


@cache
def _idle_states_for(roles: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Return the states without a task, each with its kind, of cases that these roles answer for.

    Those are whom its steps are for, or where there are none, whoever takes new cases in.
    """
    own = Roles(frozenset(roles))
    return frozenset(
        (process.kind, state.name.value)
        for process in KINDS.values()
        for state in process.states
        if not has_task(state) and own & (state.staff or process.states[0].staff)
    )


@cache
def _states_for(roles: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Return the states, each with its kind, whose work is for one of these roles."""
    own = Roles(frozenset(roles))
    return frozenset(
        (process.kind, state.name.value)
        for process in KINDS.values()
        for state in process.states
        if state.staff & own and not state.closed
    )
