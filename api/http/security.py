"""What a route asks of its caller: a key, a key even while the store is down, staff, an admin."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.http.dependencies import ServicesDep
from api.http.problems import problem
from app.authentication import ADMINISTRATOR, Principal
from app.errors import Forbidden

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key of a system or of a member of the staff: `Authorization: Bearer bj_…`.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


async def caller(request: Request, services: ServicesDep, given: Credentials) -> Principal:
    """Whoever owns the key."""
    return await _admit(request, services, given, although_down=False)


async def stepper(request: Request, services: ServicesDep, given: Credentials) -> Principal:
    """The same; a step does not need the store, so a key seen lately is good while it is down."""
    return await _admit(request, services, given, although_down=True)


async def staff(principal: Annotated[Principal, Depends(caller)]) -> Principal:
    """One of our people."""
    if not principal.is_staff:
        raise Forbidden("staff")
    return principal


async def administrator(principal: Annotated[Principal, Depends(caller)]) -> Principal:
    """One of our people who may administer."""
    if not (principal.is_staff and ADMINISTRATOR in principal.roles):
        raise Forbidden(ADMINISTRATOR)
    return principal


async def _admit(
    request: Request,
    services: ServicesDep,
    given: HTTPAuthorizationCredentials | None,
    *,
    although_down: bool,
) -> Principal:
    token = given.credentials if given else ""
    admitted = (
        await services.authenticator.admit(token, although_down=although_down) if token else None
    )
    if admitted is None:
        raise problem("unauthenticated")
    request.state.caller = admitted.client
    return admitted


Caller = Annotated[Principal, Depends(caller)]
Stepper = Annotated[Principal, Depends(stepper)]
Colleague = Annotated[Principal, Depends(staff)]
Administrator = Annotated[Principal, Depends(administrator)]
