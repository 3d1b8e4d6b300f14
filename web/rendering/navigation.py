"""The main menu: where a visitor may go."""

from dataclasses import dataclass
from typing import Final

from app.authentication import Principal
from app.authorization import Right, has_right, only_operates
from web.visitor import Visitor

INBOX: Final = "/inbox"
OPERATIONS: Final = "/ops"


@dataclass(frozen=True)
class Link:
    """A place in the menu; only those with the right see it, None is for everybody."""

    name: str
    path: str
    right: Right | None = None


LINKS: Final = (
    Link("Inbox", INBOX),
    Link("New case", "/cases/new", Right.START_CASES),
    Link("Board", "/board", Right.SEE_BOARD),
    Link("Charts", "/charts", Right.SEE_BOARD),
    Link("Operations", OPERATIONS, Right.READ_OPERATIONS),
)


def home_of(principal: Principal) -> str:
    """Return where somebody's work begins: at the inbox, or for whoever only operates there."""
    return OPERATIONS if only_operates(principal) else INBOX


def links_for(visitor: Visitor) -> list[Link]:
    """Return the places that the visitor may go to; none before they log in."""
    principal = visitor.principal
    if principal is None:
        return []
    return [link for link in LINKS if link.right is None or has_right(principal, link.right)]
