"""`/me/sessions` and `/me/password`."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from app.errors import AppError, NotFound
from app.password_rules import SHORTEST
from app.sessions import end_other_sessions, end_session, sessions_of, sign_out_everywhere
from app.sign_in import change_password
from app.texts import Texts
from web.http.posted import PostedForm
from web.http.session import forget_session, session_of
from web.http.troubles import SIGN_IN, trouble_of
from web.rendering.pages import page
from web.visitor import LoggedIn

SESSIONS, PASSWORD = "/me/sessions", "/me/password"

router = APIRouter()


@router.get(SESSIONS)
async def list_sessions(request: Request, visitor: LoggedIn) -> Response:
    """List in which browsers the visitor is signed in."""
    sessions = await sessions_of(request.app.state.services, visitor.caller)
    return page(
        request, "me/sessions.html", {"sessions": sessions, "current": session_of(request).id}
    )


@router.post(f"{SESSIONS}/{{id}}/end")
async def end_one(request: Request, visitor: LoggedIn, id: str) -> Response:
    """End a session; one that has ended meanwhile is as it was wanted."""
    with suppress(NotFound):
        await end_session(request.app.state.services, visitor.caller, id)
    return _signed_out() if id == session_of(request).id else _back_to(SESSIONS)


@router.post(f"{SESSIONS}/end-others")
async def end_others(request: Request, visitor: LoggedIn) -> Response:
    """End all sessions but this one."""
    await end_other_sessions(request.app.state.services, visitor.caller, session_of(request))
    return _back_to(SESSIONS)


@router.post(f"{SESSIONS}/end-all")
async def end_all(request: Request, visitor: LoggedIn) -> Response:
    """End all sessions, this one too."""
    await sign_out_everywhere(request.app.state.services, visitor.caller)
    return _signed_out()


@router.get(PASSWORD)
async def ask_password(request: Request, _: LoggedIn, changed: str = "") -> Response:
    """Ask for the old password and a new one; or say that it was changed."""
    return page(request, "me/password.html", _values(changed=bool(changed)))


@router.post(PASSWORD)
async def set_password(request: Request, visitor: LoggedIn, posted: PostedForm) -> Response:
    """Change the visitor's password; their other sessions end."""
    services = request.app.state.services
    old, new = posted.get("old", ""), posted.get("new", "")
    try:
        await change_password(services, visitor.caller, session_of(request), old, new)
    except AppError as error:
        texts: Texts = request.app.state.texts
        trouble = trouble_of(error, texts, visitor.locale)
        return page(request, "me/password.html", _values(trouble), status=trouble.status)
    return _back_to(f"{PASSWORD}?changed=1")


def _values(trouble: Any = None, *, changed: bool = False) -> dict[str, Any]:
    return {"trouble": trouble, "changed": changed, "shortest": SHORTEST}


def _back_to(path: str) -> Response:
    return RedirectResponse(path, status_code=303)


def _signed_out() -> Response:
    response = RedirectResponse(SIGN_IN, status_code=303)
    forget_session(response)
    return response
