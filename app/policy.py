"""The policy under which new cases are promised: that it is another one is an act."""

from typing import Final

from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import Actor, ActorKind
from store import Store
from store.audit.records import By

SET: Final = "policy.set"
WHY: Final = By(Actor(kind=ActorKind.SYSTEM, id="api"), "BANJIE_POLICY, when the API started")


async def note_policy(store: Store, version: str) -> None:
    """Write down that this policy holds from now on, unless it did before.

    Raises:
        StoreDown
    """
    await store.audit_log.add_if_changed(DEFAULT_TENANT, WHY, SET, version)
