"""How many photos and papers a case may have, and who may add one."""

from typing import Final

from domain.engine.case import Case
from domain.errors import Conflict, StepNotAllowed
from domain.language.entries import EntryType
from domain.language.roles import Actor, ActorKind

MOST_ATTACHMENTS: Final = 50
"""How many a case may have in all, erased ones too (ours)."""


class TooManyAttachments(Conflict):
    """The case has as many attachments as a case may have."""

    code = "too_many_attachments"


def check_attachment(case: Case, actor: Actor) -> None:
    """Refuse one more than a case may have, and anybody but people and systems.

    Raises:
        StepNotAllowed, TooManyAttachments
    """
    if actor.kind not in {ActorKind.STAFF, ActorKind.SYSTEM, ActorKind.CUSTOMER}:
        raise StepNotAllowed("Time and the world attach nothing.", step="attach", takes=["staff"])
    if sum(entry.type is EntryType.ATTACHED for entry in case.entries) >= MOST_ATTACHMENTS:
        raise TooManyAttachments(
            f"The case has {MOST_ATTACHMENTS} attachments; it takes no more.",
            most=MOST_ATTACHMENTS,
        )
