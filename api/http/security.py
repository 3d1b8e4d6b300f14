"""Who may call a route: FastAPI dependencies that turn the key of a request into its caller."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.http.dependencies import ServicesDep
from api.http.problems import problem
from app.authentication import Principal

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key of a system or of a member of the staff: `Authorization: Bearer bj_…`.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


async def caller(request: Request, services: ServicesDep, credentials: Credentials) -> Principal:
    """Return the owner of the key."""
    return await _authenticate(request, services, credentials, although_down=False)


async def stepper(request: Request, services: ServicesDep, credentials: Credentials) -> Principal:
    """Return the owner of the key, for a step.

    A step does not need the store: while it is down, a key that was seen lately is accepted.
    """
    return await _authenticate(request, services, credentials, although_down=True)


Caller = Annotated[Principal, Depends(caller)]
Stepper = Annotated[Principal, Depends(stepper)]


async def _authenticate(
    request: Request, services: ServicesDep, credentials: Credentials, *, although_down: bool
) -> Principal:
    if credentials is None or not credentials.credentials:
        raise problem("unauthenticated")
    principal = await services.authenticator.admit(
        credentials.credentials, although_down=although_down
    )
    if principal is None:
        raise problem("unauthenticated")
    request.state.caller = principal.client
    return principal
