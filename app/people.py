"""Staff, teams and keys; every change of an administrator is written down with its reason."""

from collections.abc import Iterable, Sequence

from app.authentication import Principal
from app.authorization import Right, check_right
from app.errors import (
    AlreadyExists,
    KeyReused,
    LastAdministrator,
    NotFound,
    ShownOnce,
    Unacceptable,
    UnknownStaff,
    invalid,
)
from app.leavers import return_cases
from app.services import Services
from cases.common.roles import ADMINISTRATOR, STAFF_ROLES
from domain.language.values import skeleton
from store import errors as store_errors
from store.customers.records import DESK
from store.db.request_keys import RequestKey
from store.errors import NobodyLeft, Repeated, Taken, UnknownKey, UnknownTeam
from store.people.records import KeyInfo, KeyOwner, OwnerKind, Staff, Team

(ADMINISTERS,) = ADMINISTRATOR


async def list_staff(services: Services, admin: Principal) -> list[Staff]:
    """List everybody, by id.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    return await services.store.people.list(admin.tenant)


async def add_staff(
    services: Services,
    admin: Principal,
    id: str,
    name: str,
    roles: Sequence[str],
    teams: Sequence[str],
    reason: str,
    key: str | None = None,
) -> tuple[Staff, bool]:
    """Add a colleague with roles and teams; return whether, under a key, it was done before.

    Raises:
        Forbidden: only an administrator may.
        AlreadyExists: the id is taken.
        KeyReused: the request's key came before, with another body.
        Unacceptable: there is no such role or team, or the id looks like another.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    _check_roles(roles)
    staff = await services.store.people.list(admin.tenant)
    _refuse_lookalike(id, (each.id for each in staff), "/id")
    try:
        person = await services.store.people.add_staff(
            admin.tenant, id, name, roles, teams, admin.by(reason), _request_key(admin, key)
        )
    except Repeated:
        return Staff(id, name, tuple(sorted({*roles})), True, tuple(sorted({*teams}))), True
    except Taken:
        raise AlreadyExists(id) from None
    except store_errors.KeyReused:
        raise KeyReused from None
    except UnknownTeam as error:
        raise await _unknown_team(services, admin, error) from None
    return person, False


async def change_staff(
    services: Services,
    admin: Principal,
    id: str,
    *,
    active: bool | None,
    roles: Sequence[str] | None,
    teams: Sequence[str] | None,
    reason: str,
) -> Staff:
    """Give a colleague other roles or teams, let them out or in again; None leaves it as it is.

    It counts from the next request on. The keys of somebody who is not active open nothing, their
    sessions end, and the cases that a person may no longer hold go back to their teams.

    Raises:
        Forbidden: only an administrator may.
        NotFound: nobody has this id.
        Unacceptable: there is no such role or team.
        LastAdministrator: nobody would be left who administers.
        StoreDown, EngineDown: the change may have been made; repeat it, and the cases go back.
    """
    check_right(admin, Right.ADMINISTER)
    _check_roles(roles or ())
    if active:
        # Nobody who is let in again finds a session that was not ended when they left.
        await services.store.staff_sessions.end_all(admin.tenant, id)
    try:
        person = await services.store.people.change(
            admin.tenant,
            id,
            active=active,
            roles=roles,
            team_ids=teams,
            by=admin.by(reason),
            keep=ADMINISTERS,
        )
    except store_errors.UnknownStaff:
        raise NotFound from None
    except NobodyLeft:
        raise LastAdministrator from None
    except UnknownTeam as error:
        raise await _unknown_team(services, admin, error) from None
    if active is False:
        await services.store.staff_sessions.end_all(admin.tenant, id)
    if active is False or roles is not None:
        await return_cases(services, admin, person)
    return person


async def list_teams(services: Services, admin: Principal) -> Sequence[Team]:
    """List all teams, by id.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    return await services.store.people.teams(admin.tenant)


async def add_team(
    services: Services,
    admin: Principal,
    id: str,
    name: str,
    reason: str,
    key: str | None = None,
) -> tuple[Team, bool]:
    """Add a team; return whether, under a key, it was done before.

    Raises:
        Forbidden: only an administrator may.
        AlreadyExists: the id is taken.
        KeyReused: the request's key came before, with another body.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    teams = await services.store.people.teams(admin.tenant)
    _refuse_lookalike(id, (each.id for each in teams), "/id")
    try:
        team = await services.store.people.add_team(
            admin.tenant, id, name, admin.by(reason), _request_key(admin, key)
        )
    except Repeated:
        return Team(id, name), True
    except Taken:
        raise AlreadyExists(id) from None
    except store_errors.KeyReused:
        raise KeyReused from None
    return team, False


async def list_keys(services: Services, admin: Principal) -> Sequence[KeyInfo]:
    """List all keys, revoked ones too; the keys themselves are not kept.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    return await services.store.keys.list(admin.tenant)


async def add_key(
    services: Services, admin: Principal, owner: KeyOwner, reason: str, key: str | None = None
) -> tuple[str, str]:
    """Make a key for a system or a colleague; return its id and the key, which is not kept.

    Raises:
        ShownOnce: the same request made it before.
        KeyReused: the request's key came before, for another owner.
        Forbidden: only an administrator may.
        Unacceptable: the name is reserved for the staff's own cases.
        UnknownStaff: nobody has this id.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    if owner == KeyOwner(OwnerKind.SYSTEM, DESK):
        raise invalid("/system", "reserved", f"'{DESK}' is the source of the staff's own cases.")
    if owner.kind is OwnerKind.SYSTEM:
        keys = await services.store.keys.list(admin.tenant)
        systems = (key.owner.id for key in keys if key.owner.kind is OwnerKind.SYSTEM)
        _refuse_lookalike(owner.id, [DESK, *systems], "/system")
    try:
        request_key = _request_key(admin, key)
        return await services.store.keys.add(admin.tenant, owner, admin.by(reason), request_key)
    except Taken as error:
        raise ShownOnce(str(error)) from None
    except store_errors.KeyReused:
        raise KeyReused from None
    except store_errors.UnknownStaff:
        raise UnknownStaff(owner.id) from None


async def revoke_key(services: Services, admin: Principal, id: str, reason: str) -> None:
    """Revoke a key: it opens nothing any more; doing it again changes nothing.

    Raises:
        Forbidden: only an administrator may.
        NotFound: there is no such key.
        LastAdministrator: nobody would be left who administers; make another key first.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    try:
        await services.store.keys.revoke(admin.tenant, id, admin.by(reason), keep=ADMINISTERS)
    except UnknownKey:
        raise NotFound from None
    except NobodyLeft:
        raise LastAdministrator from None


def _request_key(admin: Principal, key: str | None) -> RequestKey | None:
    return RequestKey(admin.client, key) if key else None


def _check_roles(roles: Sequence[str]) -> None:
    if unknown := sorted(set(roles) - STAFF_ROLES.names):
        roles_there_are = sorted(STAFF_ROLES.names)
        detail = f"{', '.join(unknown)}; there are {STAFF_ROLES}."
        raise invalid("/roles", "unknown_role", detail, roles=roles_there_are)


async def _unknown_team(services: Services, admin: Principal, error: UnknownTeam) -> Unacceptable:
    teams = sorted(each.id for each in await services.store.people.teams(admin.tenant))
    return invalid("/teams", "unknown_team", str(error), teams=teams)


def _refuse_lookalike(id: str, others: Iterable[str], pointer: str) -> None:
    """Refuse a new id that people would take for one there is.

    Raises:
        Unacceptable
    """
    other = next((each for each in others if each != id and skeleton(each) == skeleton(id)), None)
    if other is not None:
        raise invalid(pointer, "looks_alike", f"It looks like {other}.", other=other)
