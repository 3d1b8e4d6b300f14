"""Archive: a run of a case is written to a file, before Temporal may forget it."""

from datetime import UTC

from temporalio import activity

from domain.engine.chain import entry_hash, first_break
from domain.language.entries import Entry
from domain.read_models.projection import Ending
from store import Store
from store.archive import Archive, Bundle
from store.db.clock import Clock, utc_now
from temporal.histories import pack


class EntriesDiffer(RuntimeError):
    """The store's entries are not the workflow's; the run stays until they are mended."""


class ArchiveActivity:
    """The activity `archive`, given the store it reads, the archive, and the worker's build id."""

    def __init__(
        self, store: Store, archive: Archive, build_id: str, clock: Clock = utc_now
    ) -> None:
        self._store, self._archive, self._build_id, self._clock = store, archive, build_id, clock

    @activity.defn(name="archive")
    async def archive(self, ending: Ending) -> None:
        """Archive the run that asks, as far as it has come; doing it again replaces the file.

        Raises:
            StoreDown, ArchiveDown: Temporal tries again, for ever.
            EntriesDiffer: also tried for ever; an incident.
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
            code=self._build_id,
            archived_at=self._clock(),
            complete=False,
            case=case,
            entries=tuple(entries),
            events=len(history.events),
            history=pack(history),
        )
        await self._archive.write(bundle)

    async def _entries(self, ending: Ending) -> list[Entry]:
        """Return the run's entries from the store: all are recorded before a run may end."""
        case = ending.case
        entries = await self._store.entries.of(case.tenant, case.number, limit=case.last_seq)
        # The chain ties all to the newest one, so its hash vouches for every entry.
        unbroken = first_break(entries, case.tenant, case.number) is None
        whole = unbroken and len(entries) == case.last_seq
        if not whole or entry_hash(entries[-1]) != ending.newest:
            raise EntriesDiffer(f"The store's entries of {case.number} are not the workflow's.")
        return entries
