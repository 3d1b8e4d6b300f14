"""`/v1/me`, and for administrators `/v1/staff`, `/v1/teams` and `/v1/keys`."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, status

from api.http.dependencies import ServicesDep
from api.http.request_log import trace
from api.http.security import Administrator, Caller
from api.people.schemas import (
    KeyAnswer,
    KeyList,
    KeyMade,
    Me,
    NewKey,
    NewStaff,
    NewTeam,
    StaffAnswer,
    StaffChange,
    StaffList,
    TeamAnswer,
    TeamList,
)
from app import people
from app.authentication import Principal
from domain.language.forms import Code, Note
from store.people.records import KeyOwner, OwnerKind

router = APIRouter(prefix="/v1", tags=["people"])
log = structlog.get_logger("banjie.admin")

Reason = Annotated[Note, Query(description="Why; it is written down.")]
CREATED = status.HTTP_201_CREATED


@router.get("/me", operation_id="get_me", summary="Whose key is this?")
async def get_me(caller: Caller) -> Me:
    """Who the caller is, with today's roles and teams."""
    return Me.model_validate(caller)


@router.get("/staff", operation_id="list_staff", summary="List the staff")
async def list_staff(services: ServicesDep, admin: Administrator) -> StaffList:
    """Everybody, by id."""
    staff = await people.list_staff(services, admin)
    return StaffList(items=[StaffAnswer.model_validate(each) for each in staff])


@router.post("/staff", operation_id="add_staff", summary="Add to the staff", status_code=CREATED)
async def add_staff(
    request: Request, services: ServicesDep, admin: Administrator, new: NewStaff
) -> StaffAnswer:
    """A new colleague with roles and teams."""
    person = await people.add_staff(
        services, admin, new.id, new.name, new.roles, new.teams, new.reason
    )
    _log(request, admin, "staff.added", new.id)
    return StaffAnswer.model_validate(person)


@router.patch("/staff/{id}", operation_id="change_staff", summary="Change one of the staff")
async def change_staff(
    request: Request, services: ServicesDep, admin: Administrator, id: Code, change: StaffChange
) -> StaffAnswer:
    """Other roles, other teams, out or in again; what is left out stays.

    It counts from the next request on. The keys of somebody who is not active open nothing.
    """
    person = await people.change_staff(
        services,
        admin,
        id,
        active=change.active,
        roles=change.roles,
        teams=change.teams,
        reason=change.reason,
    )
    for field in sorted(change.model_fields_set - {"reason"}):
        _log(request, admin, f"staff.{field}", id)
    return StaffAnswer.model_validate(person)


@router.get("/teams", operation_id="list_teams", summary="List the teams")
async def list_teams(services: ServicesDep, admin: Administrator) -> TeamList:
    """All teams, by id."""
    teams = await people.list_teams(services, admin)
    return TeamList(items=[TeamAnswer.model_validate(each) for each in teams])


@router.post("/teams", operation_id="add_team", summary="Add a team", status_code=CREATED)
async def add_team(
    request: Request, services: ServicesDep, admin: Administrator, new: NewTeam
) -> TeamAnswer:
    """A new team."""
    team = await people.add_team(services, admin, new.id, new.name, new.reason)
    _log(request, admin, "team.added", new.id)
    return TeamAnswer.model_validate(team)


@router.get("/keys", operation_id="list_keys", summary="List the keys")
async def list_keys(services: ServicesDep, admin: Administrator) -> KeyList:
    """All keys, revoked ones too; the keys themselves are not kept."""
    keys = await people.list_keys(services, admin)
    return KeyList(items=[KeyAnswer.model_validate(each) for each in keys])


@router.post("/keys", operation_id="add_key", summary="Make a key", status_code=CREATED)
async def add_key(
    request: Request, services: ServicesDep, admin: Administrator, new: NewKey
) -> KeyMade:
    """A key for a system or for one of the staff. It is shown this once."""
    kind = OwnerKind.SYSTEM if new.system else OwnerKind.STAFF
    owner = KeyOwner(kind, new.system or new.staff or "")
    id, key = await people.add_key(services, admin, owner, new.reason)
    _log(request, admin, "key.added", id)
    return KeyMade(id=id, key=key)


@router.delete(
    "/keys/{id}",
    operation_id="revoke_key",
    summary="Revoke a key",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def revoke_key(
    request: Request, services: ServicesDep, admin: Administrator, id: Code, reason: Reason = ""
) -> None:
    """The key opens nothing any more; doing it again changes nothing."""
    await people.revoke_key(services, admin, id, reason)
    _log(request, admin, "key.revoked", id)


def _log(request: Request, admin: Principal, what: str, subject: str) -> None:
    log.info("admin", what=what, subject=subject, by=admin.client, trace=trace(request))
