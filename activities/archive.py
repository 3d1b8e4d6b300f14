"""Archive: what a run of a case was is kept in a file, before Temporal may forget it."""

from datetime import UTC

from temporalio import activity
from temporalio.api.history.v1 import History

from domain.engine.chain import entry_hash, first_break
from domain.language.entries import Entry
from domain.read_models.projection import Ending
from store import Store
from store.archive import Archive, Bundle
from store.db.clock import Clock, utc_now


class NotTheSame(RuntimeError):
    """The store's entries are not the workflow's; the run stays until they are mended."""


class Archiving:
    """The activity `archive`, given the store it reads, the archive, and the worker's build."""

    def __init__(self, store: Store, archive: Archive, code: str, clock: Clock = utc_now) -> None:
        self._store, self._archive, self._code, self._clock = store, archive, code, clock

    @activity.defn(name="archive")
    async def archive(self, ending: Ending) -> None:
        """Keep the run that asks, as far as it has come; doing it again replaces the file.

        Raises:
            StoreDown, ArchiveDown: Temporal tries again, for ever.
            NotTheSame: also tried for ever; an incident.
        """
        case, info = ending.case, activity.info()
        entries = await self._entries(ending)
        run = activity.client().get_workflow_handle(case.number, run_id=info.workflow_run_id)
        history = await run.fetch_history()
        bundle = Bundle(
            tenant=case.tenant,
            number=case.number,
            kind=case.kind,
            process_version=case.process_version,
            policy_version=case.policy_version,
            run=str(info.workflow_run_id),
            began=history.events[0].event_time.ToDatetime(UTC),
            code=self._code,
            archived_at=self._clock(),
            complete=False,
            case=case,
            entries=tuple(entries),
            events=len(history.events),
            history=History(events=history.events).SerializeToString(deterministic=True),
        )
        await self._archive.write(bundle)

    async def _entries(self, ending: Ending) -> list[Entry]:
        """The run's entries from the store: all are recorded before a run may end."""
        case = ending.case
        found = await self._store.entries.of(case.tenant, case.number, limit=case.last_seq)
        # The chain ties all to the newest one, so its hash vouches for every entry.
        whole = len(found) == case.last_seq and first_break(found, case.tenant, case.number) is None
        if not whole or entry_hash(found[-1]) != ending.newest:
            raise NotTheSame(f"The store's entries of {case.number} are not the workflow's.")
        return found
