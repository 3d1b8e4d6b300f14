"""The chores that schedules may ask of a worker, by name."""

from pydantic import JsonValue
from temporalio.client import Client

from activities.maintenance import Chore
from ops.archive.sweep import Sweeper
from ops.rebuild.chore import RECONCILE, reconciling
from store import Store
from store.archive import Archive
from worker.settings import WorkerSettings


def chores(client: Client, store: Store, settings: WorkerSettings) -> dict[str, Chore]:
    """What this worker can do."""
    sweeper = Sweeper(client, Archive(settings.archive), store, settings.build_id)

    async def sweep() -> dict[str, JsonValue]:
        return (await sweeper.sweep()).document()

    return {"sweep": sweep, RECONCILE: reconciling(client, store, settings.archive)}
