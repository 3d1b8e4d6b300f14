"""Who visits a page: the person logged in, and the language and theme that they chose."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Request

from app.authentication import Principal
from i18n.labels import LOCALES

LANGUAGE_COOKIE: Final = "lang"
THEME_COOKIE: Final = "theme"
SHORTCUTS_COOKIE: Final = "shortcuts"
THEMES: Final = ("auto", "light", "dark")
OFF: Final = "off"
HTMX: Final = "hx-request"
"""The header of what a script of a page asks for, as a part of it."""


class SignedOut(Exception):
    """Nobody is logged in, or the session has ended."""


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page; `principal` is None before they log in.

    `shortcuts` says whether single keys are shortcuts on the pages.
    """

    principal: Principal | None
    locale: str
    theme: str
    shortcuts: bool = True

    @property
    def caller(self) -> Principal:
        """The person logged in.

        Raises:
            SignedOut
        """
        if self.principal is None:
            raise SignedOut
        return self.principal

    @property
    def name(self) -> str:
        """What the page calls the person."""
        return "" if self.principal is None else self.principal.name or self.principal.id


Admit: TypeAlias = Callable[[Request, bool], Awaitable[Principal | None]]
"""Return who is logged in by a request's session; the flag: for a step, which needs no store."""


def anybody(request: Request) -> Visitor:
    """Return the visitor as far as cookies tell, without asking who it is."""
    cookies = request.cookies
    locale = cookies.get(LANGUAGE_COOKIE, "")
    theme = cookies.get(THEME_COOKIE, "")
    visitor = Visitor(
        None,
        locale if locale in LOCALES else LOCALES[0],
        theme if theme in THEMES else THEMES[0],
        cookies.get(SHORTCUTS_COOKIE) != OFF,
    )
    request.state.visitor = visitor
    return visitor


async def logged_in(request: Request) -> Visitor:
    """Return the person who is logged in.

    A whole page is told where the feed of changes ends before it reads anything: it hears what
    comes behind that.

    Raises:
        SignedOut: nobody is.
        StoreDown
    """
    visitor = await _admitted(request, although_down=False)
    if request.method == "GET" and HTMX not in request.headers:
        request.state.live_after = await request.app.state.services.live.newest()
    return visitor


async def stepper(request: Request) -> Visitor:
    """Return the person who is logged in, for a step: a step does not need the store.

    Raises:
        SignedOut: nobody is.
        StoreDown: the session was not seen in the last minutes.
    """
    return await _admitted(request, although_down=True)


async def _admitted(request: Request, *, although_down: bool) -> Visitor:
    unknown = anybody(request)
    admit: Admit = request.app.state.admit
    principal = await admit(request, although_down)
    if principal is None:
        raise SignedOut
    visitor = Visitor(principal, unknown.locale, unknown.theme, unknown.shortcuts)
    request.state.visitor = visitor
    request.state.caller = principal.client
    return visitor


AnyVisitor = Annotated[Visitor, Depends(anybody)]
LoggedIn = Annotated[Visitor, Depends(logged_in)]
Stepper = Annotated[Visitor, Depends(stepper)]
