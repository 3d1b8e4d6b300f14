"""Staff, teams and keys; every change of an administrator is written down with its reason."""

from collections.abc import Sequence

from app.authentication import Principal, check_administrator
from app.errors import AlreadyExists, NotFound, UnknownStaff, invalid
from app.services import Services
from cases.common.roles import STAFF_ROLES
from store import errors as store_errors
from store.customers.records import DESK
from store.errors import Taken, UnknownKey, UnknownTeam
from store.people.records import KeyInfo, KeyOwner, OwnerKind, Staff, Team


async def list_staff(services: Services, admin: Principal) -> list[Staff]:
    """List everybody, by id.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_administrator(admin)
    return await services.store.people.list(admin.tenant)


async def add_staff(
    services: Services,
    admin: Principal,
    id: str,
    name: str,
    roles: Sequence[str],
    teams: Sequence[str],
    reason: str,
) -> Staff:
    """Add a colleague with roles and teams.

    Raises:
        Forbidden: only an administrator may.
        AlreadyExists: the id is taken.
        Unacceptable: there is no such role or team.
        StoreDown
    """
    check_administrator(admin)
    _check_roles(roles)
    try:
        return await services.store.people.add_staff(
            admin.tenant, id, name, roles, teams, by=admin.by(reason)
        )
    except Taken:
        raise AlreadyExists(id) from None
    except UnknownTeam as error:
        raise invalid("/teams", "unknown_team", str(error)) from None


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

    It counts from the next request on. The keys of somebody who is not active open nothing.

    Raises:
        Forbidden: only an administrator may.
        NotFound: nobody has this id.
        Unacceptable: there is no such role or team.
        StoreDown
    """
    check_administrator(admin)
    _check_roles(roles or ())
    try:
        return await services.store.people.change(
            admin.tenant, id, active=active, roles=roles, team_ids=teams, by=admin.by(reason)
        )
    except store_errors.UnknownStaff:
        raise NotFound from None
    except UnknownTeam as error:
        raise invalid("/teams", "unknown_team", str(error)) from None


async def list_teams(services: Services, admin: Principal) -> Sequence[Team]:
    """List all teams, by id.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_administrator(admin)
    return await services.store.people.teams(admin.tenant)


async def add_team(services: Services, admin: Principal, id: str, name: str, reason: str) -> Team:
    """Add a team.

    Raises:
        Forbidden: only an administrator may.
        AlreadyExists: the id is taken.
        StoreDown
    """
    check_administrator(admin)
    try:
        return await services.store.people.add_team(admin.tenant, id, name, admin.by(reason))
    except Taken:
        raise AlreadyExists(id) from None


async def list_keys(services: Services, admin: Principal) -> Sequence[KeyInfo]:
    """List all keys, revoked ones too; the keys themselves are not kept.

    Raises:
        Forbidden: only an administrator may.
        StoreDown
    """
    check_administrator(admin)
    return await services.store.keys.list(admin.tenant)


async def add_key(
    services: Services, admin: Principal, owner: KeyOwner, reason: str
) -> tuple[str, str]:
    """Make a key for a system or a colleague; return its id and the key, which is not kept.

    Raises:
        Forbidden: only an administrator may.
        Unacceptable: the name is reserved for the staff's own cases.
        UnknownStaff: nobody has this id.
        StoreDown
    """
    check_administrator(admin)
    if owner == KeyOwner(OwnerKind.SYSTEM, DESK):
        raise invalid("/system", "reserved", f"'{DESK}' is the source of the staff's own cases.")
    try:
        return await services.store.keys.add(admin.tenant, owner, by=admin.by(reason))
    except store_errors.UnknownStaff:
        raise UnknownStaff(owner.id) from None


async def revoke_key(services: Services, admin: Principal, id: str, reason: str) -> None:
    """Revoke a key: it opens nothing any more; doing it again changes nothing.

    Raises:
        Forbidden: only an administrator may.
        NotFound: there is no such key.
        StoreDown
    """
    check_administrator(admin)
    try:
        await services.store.keys.revoke(admin.tenant, id, admin.by(reason))
    except UnknownKey:
        raise NotFound from None


def _check_roles(roles: Sequence[str]) -> None:
    if unknown := sorted(set(roles) - STAFF_ROLES.names):
        raise invalid("/roles", "unknown_role", f"{', '.join(unknown)}; there are {STAFF_ROLES}.")
