"""Temporal: whether it answers, is set up for us, and has workers that keep up."""

from dataclasses import dataclass
from datetime import timedelta

from ops.doctor import setup, workers
from ops.doctor.findings import Check, Finding, diagnose, ok, wrong
from workflows.connect import connect
from workflows.security import Security

PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Where:
    """Which server, and what of it is ours."""

    target: str
    namespace: str
    task_queue: str
    security: Security | None


async def look(where: Where, build_id: str) -> list[Finding]:
    """What is wrong with Temporal; nothing else is asked if it does not answer."""
    if not where.target:
        said = "The system was restored, and not started since."
        return [wrong("temporal", said, "Start it: `banjie up`.")]
    try:
        client = await connect(
            where.target, where.namespace, patience=PATIENCE, security=where.security
        )
    except ConnectionError as error:
        mend = "Start it, or correct BANJIE_TEMPORAL_TARGET and the TLS settings."
        return [wrong("temporal", str(error), mend)]
    found = [ok("temporal", f"It answers at {where.target}.")]
    space = await setup.namespace(client)
    if space is None:
        name = where.namespace
        mend = f"temporal operator namespace create --namespace {name} --retention 720h"
        return [*found, wrong("namespace", f"There is no namespace {name}.", mend)]
    parts: dict[str, Check] = {
        "search attributes": lambda: setup.attributes(client),
        "workers": lambda: workers.polling(client, where.task_queue, build_id),
        "code": lambda: workers.broken(client),
        "recording": lambda: workers.lag(client),
        "schedules": lambda: setup.schedules(client),
    }
    return [*found, space, *await diagnose(parts)]
