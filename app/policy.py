"""The policy under which new cases are promised; a change of it is written down."""

import logging
from datetime import date
from typing import Final

from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import Actor, ActorKind
from policies.documents import policies
from store import Store
from store.audit.configuration import POLICY
from store.audit.records import By

log = logging.getLogger("banjie.policy")
BY_START: Final = By(Actor(kind=ActorKind.SYSTEM, id="api"), "BANJIE_POLICY, when the API started")


async def note_policy(store: Store, version: str) -> None:
    """Write down that this policy is in force from now on, unless it was before.

    Raises:
        StoreDown
    """
    await store.audit_log.add_if_changed(DEFAULT_TENANT, BY_START, POLICY, version)


def warn_of_calendar(version: str, today: date) -> None:
    """Log that promises under this policy may soon reach beyond the holidays that are announced."""
    calendar = policies()[version].calendar
    if calendar.ends_soon(today):
        log.warning(
            "policy %s: calendar %s knows no holidays after %s; what is due then is provisional",
            version,
            calendar.name,
            calendar.announced_until,
        )
