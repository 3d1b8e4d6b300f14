"""`/sign-in` and `/sign-out`; signing in over a page, and by a one-time link."""

import json
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from app.authentication import Principal
from app.errors import AppError, LinkNotValid
from app.sessions import sign_out
from app.sign_in import LINK_PAGE, ByLink, ByPassword, Method, SignedIn, read_invite, sign_in
from app.texts import Texts
from domain.engine.messages import DEFAULT_TENANT
from web.http.local_paths import local_path
from web.http.posted import Posted, PostedForm
from web.http.session import admit, browser_of, forget_session, session_of, set_cookies
from web.http.troubles import SIGN_IN, Trouble, trouble_of
from web.rendering.navigation import home_of
from web.rendering.pages import page
from web.visitor import HTMX, AnyVisitor, LoggedIn, Visitor

AGAIN: Final = f"{SIGN_IN}/again"
LINK_OPENED: Final = f"{LINK_PAGE}/opened"
NO_CONTENT: Final = 204

router = APIRouter()


@router.get(SIGN_IN)
async def ask(request: Request, _: AnyVisitor, next: str = "") -> Response:  # noqa: A002
    """Ask for id and password; whoever is signed in goes on."""
    target = local_path(next, "")
    if (principal := await admit(request, False)) is not None:
        return RedirectResponse(target or home_of(principal), status_code=303)
    return page(request, "sign_in/form.html", _values(target))


@router.post(SIGN_IN)
async def enter(request: Request, visitor: AnyVisitor, posted: PostedForm) -> Response:
    """Sign somebody in and lead them where they were going, or say that it was wrong."""
    target = local_path(posted.get("next"), "")
    try:
        signed_in = await _sign_in(request, _by_password(posted))
    except AppError as error:
        trouble = _trouble(request, visitor, error)
        values = _values(target, trouble, posted.get("staff", ""))
        return page(request, "sign_in/form.html", values, status=trouble.status)
    response = RedirectResponse(target or home_of(signed_in.principal), status_code=303)
    set_cookies(response, signed_in)
    return response


@router.get(AGAIN)
async def ask_again(request: Request, visitor: LoggedIn) -> Response:
    """Tell a page that takes its session for ended who is signed in, if anybody is."""
    if HTMX not in request.headers:
        return RedirectResponse(home_of(visitor.caller), status_code=303)
    return _signed_in_again(visitor.caller)


@router.post(AGAIN)
async def enter_again(request: Request, visitor: AnyVisitor, posted: PostedForm) -> Response:
    """Sign somebody in over a page whose session has ended; the page then sends again."""
    try:
        signed_in = await _sign_in(request, _by_password(posted))
    except AppError as error:
        trouble = _trouble(request, visitor, error)
        values = _values("", trouble, posted.get("staff", ""))
        return page(request, "sign_in/again_form.html", values, status=trouble.status)
    response = _signed_in_again(signed_in.principal)
    set_cookies(response, signed_in)
    return response


@router.get(LINK_PAGE)
async def open_link(request: Request, _: AnyVisitor) -> Response:
    """Show the page that a one-time link leads to: its script posts what is behind the `#`."""
    return page(request, "sign_in/link.html")


@router.post(LINK_OPENED)
async def link_opened(request: Request, _: AnyVisitor, posted: PostedForm) -> Response:
    """Ask whom a one-time link is for to choose a password."""
    token = posted.get("token", "")
    holder = await read_invite(request.app.state.services, token)
    return page(request, "sign_in/choose.html", {"token": token, "holder": holder, "trouble": None})


@router.post(LINK_PAGE)
async def choose(request: Request, visitor: AnyVisitor, posted: PostedForm) -> Response:
    """Make the chosen password the person's, and sign them in."""
    token = posted.get("token", "")
    try:
        signed_in = await _sign_in(request, ByLink(token, posted.get("password", "")))
    except LinkNotValid:
        raise
    except AppError as error:
        trouble = _trouble(request, visitor, error)
        holder = await read_invite(request.app.state.services, token)
        values = {"token": token, "holder": holder, "trouble": trouble}
        return page(request, "sign_in/choose.html", values, status=trouble.status)
    response = RedirectResponse(home_of(signed_in.principal), status_code=303)
    set_cookies(response, signed_in)
    return response


@router.post("/sign-out")
async def leave(request: Request, visitor: LoggedIn) -> Response:
    """End the session."""
    await sign_out(request.app.state.services, visitor.caller, session_of(request))
    response = RedirectResponse(SIGN_IN, status_code=303)
    forget_session(response)
    return response


async def _sign_in(request: Request, method: Method) -> SignedIn:
    signed_in = await sign_in(request.app.state.services, method, browser_of(request))
    request.state.caller = signed_in.principal.client
    return signed_in


def _signed_in_again(principal: Principal) -> Response:
    event = json.dumps({"signed-in": {"person": principal.id}})
    return Response(status_code=NO_CONTENT, headers={"HX-Trigger": event})


def _by_password(posted: Posted) -> ByPassword:
    return ByPassword(DEFAULT_TENANT, posted.get("staff", ""), posted.get("password", ""))


def _trouble(request: Request, visitor: Visitor, error: AppError) -> Trouble:
    texts: Texts = request.app.state.texts
    return trouble_of(error, texts, visitor.locale)


def _values(target: str, trouble: Trouble | None = None, staff: str = "") -> dict[str, object]:
    return {"next": target, "trouble": trouble, "staff": staff}
