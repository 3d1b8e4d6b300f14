"""`/v1/me`, and for administrators `/v1/staff`, `/v1/teams` and `/v1/keys`."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Response, status

from api.http.dependencies import ServicesDep, TraceIdDep
from api.http.headers import IdempotencyKey, mark_replayed, read_key
from api.http.security import Caller
from api.people.schemas import (
    CreatedKey,
    CreatedLink,
    DutyChange,
    Invitation,
    Key,
    KeyList,
    Me,
    NewKey,
    NewStaff,
    NewTeam,
    ProfileChange,
    StaffChange,
    StaffList,
    StaffMember,
    StaffProfile,
    Team,
    TeamList,
)
from app import duty, people, sign_in
from app.authentication import Principal
from domain.language.values import Code, Note
from store.people.records import KeyOwner, OwnerKind

router = APIRouter(prefix="/v1", tags=["people"])
log = structlog.get_logger("banjie.admin")

Reason = Annotated[Note, Query(description="Why; it is written down.")]
CREATED = status.HTTP_201_CREATED


@router.get("/me", operation_id="get_me", summary="Whose key is this?")
async def get_me(caller: Caller) -> Me:
    """Return the caller, with today's roles and teams."""
    return Me.model_validate(caller)


@router.get("/staff", operation_id="list_staff", summary="List the staff")
async def list_staff(services: ServicesDep, admin: Caller) -> StaffList:
    """Return the whole staff, by id."""
    staff = await people.list_staff(services, admin)
    return StaffList(items=[StaffMember.model_validate(each) for each in staff])


@router.post("/staff", operation_id="add_staff", summary="Add to the staff", status_code=CREATED)
async def add_staff(
    response: Response,
    services: ServicesDep,
    trace_id: TraceIdDep,
    admin: Caller,
    new: NewStaff,
    idempotency_key: IdempotencyKey = None,
) -> StaffMember:
    """Add a colleague with roles and teams."""
    key = read_key(idempotency_key)
    person, replayed = await people.add_staff(
        services, admin, new.id, new.name, new.roles, new.teams, new.reason, key
    )
    mark_replayed(response, replayed)
    if not replayed:
        _log_admin_action(admin, trace_id, "staff.added", new.id)
    return StaffMember.model_validate(person)


@router.patch("/staff/{id}", operation_id="change_staff", summary="Change one of the staff")
async def change_staff(
    services: ServicesDep, trace_id: TraceIdDep, admin: Caller, id: Code, change: StaffChange
) -> StaffMember:
    """Give other roles or other teams, take out or in again; what is left out stays.

    It counts from the next request on. The keys of somebody who is not active open nothing, and
    their sessions end.
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
        _log_admin_action(admin, trace_id, f"staff.{field}", id)
    return StaffMember.model_validate(person)


@router.get("/staff/{id}/profile", operation_id="get_staff_profile", summary="What somebody can do")
async def get_staff_profile(services: ServicesDep, caller: Caller, id: Code) -> StaffProfile:
    """Return skills, capacity and duty: one's own, or as one who leads."""
    return StaffProfile.model_validate(await duty.read_profile(services, caller, id))


@router.patch(
    "/staff/{id}/profile", operation_id="set_staff_profile", summary="Say what somebody can do"
)
async def set_staff_profile(
    services: ServicesDep, trace_id: TraceIdDep, caller: Caller, id: Code, change: ProfileChange
) -> StaffProfile:
    """Set skills and capacity, by which cases are assigned by rule; what is left out stays."""
    profile = await duty.set_profile(
        services,
        caller,
        id,
        skills=change.skills,
        capacity=change.capacity,
        reason=change.reason,
    )
    _log_admin_action(caller, trace_id, "staff.profile", id)
    return StaffProfile.model_validate(profile)


@router.patch("/staff/{id}/duty", operation_id="set_duty", summary="Come on duty, or go off")
async def set_duty(
    services: ServicesDep, trace_id: TraceIdDep, caller: Caller, id: Code, change: DutyChange
) -> StaffProfile:
    """Put oneself on duty or off, or somebody else as one who leads.

    Whoever comes is given what waits and fits. What somebody was given and did not begin goes back
    when they go.
    """
    profile = await duty.set_duty(
        services, caller, id, on_duty=change.on_duty, reason=change.reason
    )
    _log_admin_action(caller, trace_id, "staff.duty", id)
    return StaffProfile.model_validate(profile)


@router.post(
    "/staff/{id}/invite",
    operation_id="invite_staff",
    summary="Let one of the staff choose a password",
    status_code=CREATED,
)
async def invite_staff(
    services: ServicesDep,
    trace_id: TraceIdDep,
    admin: Caller,
    id: Code,
    invitation: Invitation,
    idempotency_key: IdempotencyKey = None,
) -> CreatedLink:
    """Make a one-time link, by which a person chooses the password for the pages. It is shown once.

    It is good for a day; an earlier one is good for nothing any more. The same request again, under
    its `Idempotency-Key`, makes no second one: it is answered 409 with the id of the first.
    """
    key = read_key(idempotency_key)
    link = await sign_in.invite(services, admin, id, invitation.reason, key)
    _log_admin_action(admin, trace_id, "staff.invited", id)
    return CreatedLink(id=link.id, path=sign_in.path_of(link), expires_at=link.expires_at)


@router.get("/teams", operation_id="list_teams", summary="List the teams")
async def list_teams(services: ServicesDep, admin: Caller) -> TeamList:
    """Return all teams, by id."""
    teams = await people.list_teams(services, admin)
    return TeamList(items=[Team.model_validate(each) for each in teams])


@router.post("/teams", operation_id="add_team", summary="Add a team", status_code=CREATED)
async def add_team(
    response: Response,
    services: ServicesDep,
    trace_id: TraceIdDep,
    admin: Caller,
    new: NewTeam,
    idempotency_key: IdempotencyKey = None,
) -> Team:
    """Add a team."""
    key = read_key(idempotency_key)
    team, replayed = await people.add_team(services, admin, new.id, new.name, new.reason, key)
    mark_replayed(response, replayed)
    if not replayed:
        _log_admin_action(admin, trace_id, "team.added", new.id)
    return Team.model_validate(team)


@router.get("/keys", operation_id="list_keys", summary="List the keys")
async def list_keys(services: ServicesDep, admin: Caller) -> KeyList:
    """Return all keys, revoked ones too; their secrets are not kept."""
    keys = await people.list_keys(services, admin)
    return KeyList(items=[Key.model_validate(each) for each in keys])


@router.post("/keys", operation_id="add_key", summary="Make a key", status_code=CREATED)
async def add_key(
    services: ServicesDep,
    trace_id: TraceIdDep,
    admin: Caller,
    new: NewKey,
    idempotency_key: IdempotencyKey = None,
) -> CreatedKey:
    """Make a key for a system or for one of the staff. It is shown this once.

    The same request again, under its `Idempotency-Key`, makes no second one: it is answered 409
    with the id of the first.
    """
    kind = OwnerKind.SYSTEM if new.system else OwnerKind.STAFF
    owner = KeyOwner(kind, new.system or new.staff or "")
    id, key = await people.add_key(services, admin, owner, new.reason, read_key(idempotency_key))
    _log_admin_action(admin, trace_id, "key.added", id)
    return CreatedKey(id=id, key=key)


@router.delete(
    "/keys/{id}",
    operation_id="revoke_key",
    summary="Revoke a key",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def revoke_key(
    services: ServicesDep, trace_id: TraceIdDep, admin: Caller, id: Code, reason: Reason = ""
) -> None:
    """Let the key open nothing any more; doing it again changes nothing."""
    await people.revoke_key(services, admin, id, reason)
    _log_admin_action(admin, trace_id, "key.revoked", id)


def _log_admin_action(admin: Principal, trace_id: str, what: str, subject: str) -> None:
    log.info("admin", what=what, subject=subject, by=admin.client, trace=trace_id)
