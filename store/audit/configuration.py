"""What the running processes are set to, as each of them wrote it down when it started.

A command has an environment of its own, so that what it finds there says nothing of the others.
Values are words such as `webhook`, never an address or a secret.
"""

from collections.abc import Mapping
from typing import Final, Literal

from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import Actor, ActorKind
from store.audit.log import AuditLog
from store.audit.records import By

API: Final = "api.configured"
DISPATCHER: Final = "dispatcher.configured"
WORKER: Final = "worker.configured"
POLICY: Final = "policy.set"

FORMER_NAMES: Final = {"refunds": "payments", "parcels": "courier"}
"""What releases before wrote, and what it is called now."""

Configured = Literal["api.configured", "dispatcher.configured", "worker.configured"]


async def note_configuration(log: AuditLog, what: Configured, facts: Mapping[str, str]) -> None:
    """Write down what a process is set to, unless the last one of its kind was set the same.

    Raises:
        StoreDown
        AuditLogDamaged: the event before cannot be read.
    """
    process = what.partition(".")[0]
    by = By(Actor(kind=ActorKind.SYSTEM, id=process), f"BANJIE_…, when the {process} started")
    subject = " ".join(f"{name}={value}" for name, value in facts.items())
    await log.add_if_changed(DEFAULT_TENANT, by, what, subject)


async def read_configuration(log: AuditLog) -> Mapping[str, str]:
    """Return what the processes that started last are set to; empty if none ever said so.

    Raises:
        StoreDown
        AuditLogDamaged: an event cannot be read.
    """
    newest = [
        event
        for what in (API, DISPATCHER, WORKER)
        for event in await log.events(DEFAULT_TENANT, 1, what)
    ]
    policies = await log.events(DEFAULT_TENANT, 1, POLICY)
    facts = {"policy": policies[0].subject} if policies else {}
    for event in sorted(newest, key=lambda each: each.at):
        for pair in event.subject.split():
            name, _, value = pair.partition("=")
            facts[FORMER_NAMES.get(name, name)] = value
    return facts
