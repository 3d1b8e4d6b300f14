"""One case of a batch: the deed is done in it, or, in a dry run, only held against the process."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from temporalio.client import Client

from domain.batches import Batch, Came, Result
from domain.engine.case import Case
from domain.engine.messages import Request, opening_of
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.entries import Entry
from store import Store
from store.db.clock import Clock, utc_now
from store.errors import Unreadable
from temporal.case_client import take
from temporal.results import CaseNotFound, CaseOver, EngineDown, Refused

Tables = Mapping[tuple[str, int], Process]
NOT_FOUND, OVER, DAMAGED = "not_found", "case_over", "row_damaged"
SPOILT = (ValueError, LookupError, TypeError, AttributeError)
"""What folding entries ends in that nobody wrote, or of which one is missing."""


class Attempts:
    """Acts on cases through the engine; looks at them in the store."""

    def __init__(self, client: Client, store: Store, kinds: Tables, clock: Clock = utc_now) -> None:
        self._client, self._store = client, store
        self._kinds, self._clock = kinds, clock

    async def attempt(self, batch: Batch, number: str) -> Result:
        """What came of it. The engine authorises, as if the person had done it by hand.

        Raises:
            StoreDown
        """
        if batch.dry_run:
            return await self._rehearse(batch, number)
        try:
            await take(self._client, number, request_of(batch, number))
        except Refused as refused:
            return Result(came=Came.REFUSED, code=refused.code, detail=str(refused))
        except CaseNotFound as error:
            return Result(came=Came.REFUSED, code=NOT_FOUND, detail=str(error))
        except CaseOver as error:
            return Result(came=Came.REFUSED, code=OVER, detail=str(error))
        except EngineDown as error:
            return Result(came=Came.UNANSWERED, detail=str(error))
        return Result(came=Came.DONE)

    async def _rehearse(self, batch: Batch, number: str) -> Result:
        """Fold the case from its entries and ask the process; the case hears nothing of it."""
        try:
            entries = await self._store.entries.of(batch.tenant, number)
            if not entries:
                gone = f"There is no case {number}."
                return Result(came=Came.REFUSED, code=NOT_FOUND, detail=gone)
            process, case = self._folded(number, entries)
        except Unreadable as spoilt:
            return Result(came=Came.REFUSED, code=DAMAGED, detail=str(spoilt))
        now: datetime = self._clock()
        try:
            process.check_request(case, request_of(batch, number), now)
        except Refusal as refusal:
            return Result(came=Came.REFUSED, code=refusal.code, detail=str(refusal))
        return Result(came=Came.WOULD)

    def _folded(self, number: str, entries: Sequence[Entry]) -> tuple[Process, Case]:
        """The case that these entries make, and its table.

        Raises:
            Unreadable: they make none.
        """
        try:
            opening = opening_of(entries[0])
            process = self._kinds[opening.kind, opening.process_version]
            return process, process.fold(opening, entries)
        except SPOILT as error:
            raise Unreadable("entries", number) from error


def request_of(batch: Batch, number: str) -> Request:
    """The request for a case, always under the same id, so that it happens once."""
    return Request(
        tenant=batch.tenant,
        id=batch.request_id(number),
        actor=batch.actor,
        deeds=(batch.deed,),
        digest=batch.digest,
        attempt=uuid.uuid4().hex,
    )
