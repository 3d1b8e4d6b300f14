"""Who may do what: one function for each object, asked by every way to it."""

from collections.abc import Mapping
from enum import StrEnum, auto
from functools import cache
from typing import Final

from app.authentication import Principal
from app.errors import Forbidden, NotFound
from cases import KINDS
from cases.common.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BATCH_ROLES,
    HANDLERS,
    LEAD,
    MANAGERS,
    STAFF_ROLES,
    STORE_MANAGER,
    VENDOR,
)
from domain.engine.task_actions import has_task
from domain.language.roles import Roles
from domain.read_models.projection import CaseView
from store.cases.records import CaseFilter, Reach
from store.comments import Visibility
from store.outbox.mailbox import Reader

STAFF: Final = "staff"


class Right(StrEnum):
    """What needs a role, whichever object it is done to."""

    READ_ALL_CASES = auto()
    START_CASES = auto()
    COMMENT_PUBLICLY = auto()
    COMMENT_INTERNALLY = auto()
    ACT_ON_MANY_CASES = auto()
    ADMINISTER = auto()


# A vendor is another company: it sees what is offered to it or held by it. An auditor only reads.
# Public comments stand on the customer's record: they are for those who speak with customers.
RIGHTS: Final[Mapping[Right, Roles]] = {
    Right.READ_ALL_CASES: Roles(STAFF_ROLES.names - VENDOR.names),
    Right.START_CASES: Roles(STAFF_ROLES.names - VENDOR.names - AUDITOR.names),
    Right.COMMENT_PUBLICLY: HANDLERS | STORE_MANAGER,
    Right.COMMENT_INTERNALLY: Roles(STAFF_ROLES.names - AUDITOR.names),
    Right.ACT_ON_MANY_CASES: BATCH_ROLES,
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


def reads_inside(caller: Principal) -> bool:
    """Say whether the caller is shown what we write for ourselves of a case that it sees.

    Systems and vendors are other companies: `app.outside` says what they are shown.
    """
    return caller.is_staff and has_right(caller, Right.READ_ALL_CASES)


def sees_case(caller: Principal, case_row: CaseView) -> bool:
    """Say whether the caller sees a case.

    A system sees those that it brought in. Staff see all of their tenant; a vendor those that it
    holds, and those that wait for anybody of its trade.
    """
    if not caller.is_staff:
        return case_row.source == caller.id
    reach = reach_of(caller)
    return reach is None or reach.covers(case_row)


def check_case(caller: Principal, case_row: CaseView | None) -> CaseView:
    """Return the case's row, if the caller sees the case.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
    """
    if case_row is None or not sees_case(caller, case_row):
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
    return Reach(caller.id, _states_for(caller.roles))


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


def check_comment(caller: Principal, visibility: Visibility | None) -> Visibility:
    """Return how visible the caller's comment is; staff comment internally unless they say so.

    Raises:
        Forbidden: a system's comment cannot be internal, and not everybody may write each.
    """
    default = Visibility.INTERNAL if caller.is_staff else Visibility.PUBLIC
    visibility = visibility or default
    if visibility is Visibility.INTERNAL and not caller.is_staff:
        raise Forbidden(STAFF)
    is_public = visibility is Visibility.PUBLIC
    check_right(caller, Right.COMMENT_PUBLICLY if is_public else Right.COMMENT_INTERNALLY)
    return visibility


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
