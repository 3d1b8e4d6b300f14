"""The session of a request, by its cookie; and the cookies that a sign-in sets."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from app.authentication import Principal
from app.services import Services
from app.sessions import Browser
from app.sign_in import SignedIn
from app.subscription import WhoReads
from store.sign_in.records import Session
from web.visitor import SignedOut

COOKIE: Final = "__Host-session"
BROWSER_COOKIE: Final = "__Host-browser"
"""By it a browser is known again in which somebody signed in before; it signs nobody in."""
BROWSER_COOKIE_SECONDS: Final = 90 * 24 * 3600
UNATTENDED: Final = "unattended"
"""The header of what a page asks for by itself, which is no use of the session by the person."""


async def admit(request: Request, although_down: bool) -> Principal | None:
    """Return who is signed in by the request's session; None if nobody is."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    services: Services = request.app.state.services
    admitted = await services.authenticator.admit_session(
        token, although_down=although_down, in_use=UNATTENDED not in request.headers
    )
    if admitted is None:
        return None
    request.state.session = admitted[1]
    return admitted[0]


def reader_of(request: Request) -> WhoReads:
    """Return what asks who is signed in by the request's session, again and again.

    It may raise `StoreDown`. That a page stays open is no use of the session by the person.
    """
    token = request.cookies.get(COOKIE)
    services: Services = request.app.state.services

    async def who() -> Principal | None:
        return await services.authenticator.read_session(token) if token else None

    return who


def session_of(request: Request) -> Session:
    """Return the session by which the visitor was admitted.

    Raises:
        SignedOut: nobody was.
    """
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        raise SignedOut
    return session


def browser_of(request: Request) -> Browser:
    """Return what is known of the browser that signs in."""
    cookies = request.cookies
    agent = request.headers.get("user-agent", "")
    return Browser(agent, cookies.get(BROWSER_COOKIE) or None, cookies.get(COOKIE) or None)


def set_cookies(response: Response, signed_in: SignedIn) -> None:
    """Let the browser keep the session until it is closed, and be known again for longer."""
    _set(response, COOKIE, signed_in.token, None)
    _set(response, BROWSER_COOKIE, signed_in.browser_token, BROWSER_COOKIE_SECONDS)


def forget_session(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")


def _set(response: Response, name: str, value: str, seconds: int | None) -> None:
    # A `__Host-` cookie is taken with these only, and no other site or subdomain can set it.
    response.set_cookie(name, value, seconds, secure=True, httponly=True, samesite="lax")
