"""`/preferences`: language, theme and shortcuts, kept in cookies of the browser."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from i18n.labels import LOCALES
from web.http.local_paths import local_path
from web.http.posted import PostedForm
from web.visitor import LANGUAGE_COOKIE, OFF, SHORTCUTS_COOKIE, THEME_COOKIE, THEMES, AnyVisitor

YEAR: Final = 365 * 24 * 3600
CHOICES: Final = {
    "language": (LANGUAGE_COOKIE, LOCALES),
    "theme": (THEME_COOKIE, THEMES),
    "shortcuts": (SHORTCUTS_COOKIE, ("on", OFF)),
}

router = APIRouter()


@router.post("/preferences")
async def choose(request: Request, _: AnyVisitor, posted: PostedForm) -> RedirectResponse:
    """Keep what the visitor chose, and go back to the page; an unknown choice changes nothing."""
    response = RedirectResponse(local_path(posted.get("back"), "/"), status_code=303)
    for name, (cookie, values) in CHOICES.items():
        if posted.get(name) in values:
            is_secure = request.url.scheme == "https"
            response.set_cookie(
                cookie, posted[name], YEAR, secure=is_secure, httponly=True, samesite="lax"
            )
    return response
