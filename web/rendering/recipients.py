"""Whom a message goes to, as people say it: a role, a person by name."""

from typing import Final

from app.colleagues import Colleagues
from domain.language.roles import ActorKind
from i18n.labels import label

PERSON: Final = f"{ActorKind.STAFF.value}:"
"""Before the id of one of the staff."""


def recipient(to: str, colleagues: Colleagues, locale: str, kind: str = "") -> str:
    """Return what whom a message goes to is called."""
    if to.startswith(PERSON):
        return colleagues.name(to.removeprefix(PERSON))
    return label(f"role.{to}", locale, kind)
