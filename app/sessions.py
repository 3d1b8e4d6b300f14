"""Sessions in browsers: which there are of oneself, and ending them."""

import re
from dataclasses import dataclass
from typing import Final

from app.authentication import Principal
from app.authorization import check_staff
from app.errors import NotFound
from app.services import Services
from store.sign_in.records import Session

# The first that fits counts: a browser names those that it descends from, too.
BROWSERS: Final = (
    ("WeCom", r"wxwork/"),
    ("WeChat", r"MicroMessenger/"),
    ("DingTalk", r"DingTalk"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("QQBrowser", r"QQBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|Chromium|CriOS|HeadlessChrome)/"),
    ("Safari", r"Safari/"),
)
SYSTEMS: Final = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("Linux", r"Linux|X11"),
)
MOST_READ: Final = 500
UNKNOWN: Final = "?"


@dataclass(frozen=True)
class Browser:
    """What a browser sends with a sign-in: what it is, and the two tokens it may have of us.

    `known_as` is of the cookie by which we know it again; `session` is of the session so far.
    """

    user_agent: str = ""
    known_as: str | None = None
    session: str | None = None

    @property
    def device(self) -> str:
        """Roughly which it is, "Firefox · Linux": more would help to follow a person."""
        agent = self.user_agent[:MOST_READ]
        return " · ".join(
            next((name for name, pattern in of if re.search(pattern, agent)), UNKNOWN)
            for of in (BROWSERS, SYSTEMS)
        )


async def sessions_of(services: Services, caller: Principal) -> list[Session]:
    """Return the caller's own sessions, the one used last first.

    Raises:
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    limits = services.session_limits
    return await services.store.staff_sessions.of(caller.tenant, caller.id, limits)


async def end_session(services: Services, caller: Principal, id: str) -> None:
    """End one of the caller's own sessions, the present one too: that is signing out.

    Raises:
        NotFound: the caller has no such session, or it has ended.
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    if not await services.store.staff_sessions.end(caller.tenant, caller.id, id):
        raise NotFound


async def end_other_sessions(services: Services, caller: Principal, current: Session) -> int:
    """End the caller's sessions but the current one; return how many there were.

    Raises:
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    ended = services.store.staff_sessions
    return await ended.end_all(caller.tenant, caller.id, but=current.id)


async def sign_out(services: Services, caller: Principal, current: Session) -> None:
    """End the caller's current session; doing it again changes nothing.

    Raises:
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    await services.store.staff_sessions.end(caller.tenant, caller.id, current.id)


async def sign_out_everywhere(services: Services, caller: Principal) -> int:
    """End all of the caller's sessions; return how many there were.

    Raises:
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    return await services.store.staff_sessions.end_all(caller.tenant, caller.id)
