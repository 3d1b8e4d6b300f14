"""The policy under which new cases are promised; a change of it is written down."""

from typing import Final

from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import Actor, ActorKind
from store import Store
from store.audit.configuration import POLICY
from store.audit.records import By

BY_START: Final = By(Actor(kind=ActorKind.SYSTEM, id="api"), "BANJIE_POLICY, when the API started")


async def note_policy(store: Store, version: str) -> None:
    """Write down that this policy is in force from now on, unless it was before.

    Raises:
        StoreDown
    """
    await store.audit_log.add_if_changed(DEFAULT_TENANT, BY_START, POLICY, version)
