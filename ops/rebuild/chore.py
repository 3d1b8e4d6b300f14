"""Reconciling as a chore of the worker: beside its other work, in a thread, without entries."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import JsonValue
from temporalio.client import Client

from ops.rebuild.looking import Looker
from ops.rebuild.reconciling import Reconciler
from ops.rebuild.sources import Sources
from store import Store

RECONCILE: Final = "reconcile"
TOLD: Final = 100
"""So many differences are in the report at most: it is kept in Temporal's history."""


def reconciling(
    client: Client, store: Store, archive_url: str
) -> Callable[[], Awaitable[dict[str, JsonValue]]]:
    """The chore: mend what is not tamper evidence, and report each difference."""

    async def chore() -> dict[str, JsonValue]:
        looker = Looker(Sources(client, archive_url), store)
        report = await Reconciler(looker).run()
        found: list[JsonValue] = [each.document() for each in report.found[:TOLD]]
        return {
            "cases": report.cases,
            "differences": len(report.found),
            "stays": report.stays,
            "found": found,
        }

    return chore
