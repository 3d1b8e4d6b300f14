"""Who may attach a file, see one, and erase it: asked by every way to it.

Whoever may comment on a case may attach to it, and who sees a comment sees an attachment; so the
rules are those of comments.
"""

from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_comment, check_staff, has_right, reads_inside
from app.errors import Forbidden
from cases.common.roles import ADMINISTRATOR, LEAD, MANAGERS
from domain.language.roles import Roles
from store.attachments.attachments import StoredAttachment
from store.comments import Visibility

ERASERS: Final[Roles] = LEAD | MANAGERS | ADMINISTRATOR


def check_attach(caller: Principal, visibility: Visibility | None) -> Visibility:
    """Return who may see what the caller attaches; staff attach internally unless they say so.

    Raises:
        Forbidden
    """
    return check_comment(caller, visibility)


def attachable(caller: Principal) -> list[Visibility]:
    """Return for whom the caller may attach files."""
    rights = {
        Visibility.INTERNAL: Right.COMMENT_INTERNALLY,
        Visibility.PUBLIC: Right.COMMENT_PUBLICLY,
    }
    return [each for each, right in rights.items() if has_right(caller, right)]


def sees_attachment(caller: Principal, attachment: StoredAttachment) -> bool:
    """Say whether the caller sees an attachment of a case that they see.

    Our staff see all; systems and vendors what the customer may see, and what they attached.
    """
    is_own = (attachment.by.kind, attachment.by.id) == (caller.kind, caller.id)
    return attachment.public or is_own or reads_inside(caller)


def may_erase(caller: Principal) -> bool:
    """Say whether the caller may erase attachments of the cases that they see."""
    return caller.is_staff and bool(caller.actor().stands_for & ERASERS)


def check_erase(caller: Principal) -> None:
    """Check that the caller may erase attachments.

    Raises:
        Forbidden
    """
    check_staff(caller)
    if not may_erase(caller):
        raise Forbidden(list(ERASERS))
