"""One case of a batch: its command is submitted, or, in a dry run, only checked by the process."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime

from domain.batches import Batch, BatchOutcome, BatchResult
from domain.engine.case import Case
from domain.engine.messages import Request, opening_of
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.entries import Entry
from store import Store
from store.batches.records import BatchItem
from store.db.clock import Clock, utc_now
from store.errors import CorruptRow
from temporal.case_client import CaseClient
from temporal.results import CaseNotFound, CaseOver, EngineDown, Refused

Kinds = Mapping[tuple[str, int], Process]
CheckOthers = Callable[[Store, Kinds, str, Request, datetime], Awaitable[None]]
"""Refuses a request because of cases that only the store knows."""
Turns = Callable[[Store, Kinds, str, Request], AbstractAsyncContextManager[object]]
"""Waits until nobody else decides about what the request is held against."""

NOT_FOUND, OVER, DAMAGED = "not_found", "case_over", "row_damaged"
FOLD_ERRORS = (ValueError, LookupError, TypeError, AttributeError)
"""What folding raises for entries that nobody wrote, or of which one is missing."""


class BatchAttempt:
    """Acts on a case through the engine; a dry run reads it from the store."""

    def __init__(
        self,
        case_client: CaseClient,
        store: Store,
        kinds: Kinds,
        check_others: CheckOthers,
        claim_units: CheckOthers,
        turn: Turns,
        clock: Clock = utc_now,
    ) -> None:
        self._case_client, self._store = case_client, store
        self._kinds, self._clock = kinds, clock
        self._check_others, self._claim_units, self._turn = check_others, claim_units, turn

    async def attempt(self, batch: Batch, item: BatchItem) -> BatchResult:
        """Return the result in one case; the engine authorises it as a step that is taken by hand.

        Raises:
            StoreDown
        """
        number, request = item.number, request_of(batch, item)
        if batch.dry_run:
            return await self._dry_run(batch, number, request)
        try:
            async with self._turn(self._store, self._kinds, number, request):
                await self._check(number, request)
                await self._claim(number, request)
                await self._case_client.submit(number, request)
        except (Refused, Refusal) as refused:
            return BatchResult(came=BatchOutcome.REFUSED, code=refused.code, detail=str(refused))
        except CaseNotFound as error:
            return BatchResult(came=BatchOutcome.REFUSED, code=NOT_FOUND, detail=str(error))
        except CaseOver as error:
            return BatchResult(came=BatchOutcome.REFUSED, code=OVER, detail=str(error))
        except EngineDown as error:
            return BatchResult(came=BatchOutcome.UNANSWERED, detail=str(error))
        return BatchResult(came=BatchOutcome.DONE)

    async def _dry_run(self, batch: Batch, number: str, request: Request) -> BatchResult:
        """Fold the case from its entries and ask the process; the workflow is not called."""
        try:
            entries = await self._store.entries.of(batch.tenant, number)
            if not entries:
                detail = f"There is no case {number}."
                return BatchResult(came=BatchOutcome.REFUSED, code=NOT_FOUND, detail=detail)
            process, case = self._fold(number, entries)
        except CorruptRow as error:
            return BatchResult(came=BatchOutcome.REFUSED, code=DAMAGED, detail=str(error))
        now: datetime = self._clock()
        try:
            process.check_request(case, request, now)
            await self._check(number, request)
        except Refusal as refusal:
            return BatchResult(came=BatchOutcome.REFUSED, code=refusal.code, detail=str(refusal))
        return BatchResult(came=BatchOutcome.WOULD)

    async def _check(self, number: str, request: Request) -> None:
        """Hold the command against other cases; a corrupt row hides them.

        Raises:
            Refusal
            StoreDown
        """
        with suppress(CorruptRow):
            await self._check_others(self._store, self._kinds, number, request, self._clock())

    async def _claim(self, number: str, request: Request) -> None:
        """Claim the goods of a case that the command opens again.

        Raises:
            Refusal
            StoreDown
        """
        with suppress(CorruptRow):
            await self._claim_units(self._store, self._kinds, number, request, self._clock())

    def _fold(self, number: str, entries: Sequence[Entry]) -> tuple[Process, Case]:
        """Return the case that these entries make, and its process.

        Raises:
            Unreadable: they make none.
        """
        try:
            opening = opening_of(entries[0])
            process = self._kinds[opening.kind, opening.process_version]
            return process, process.fold(opening, entries)
        except FOLD_ERRORS as error:
            raise CorruptRow("entries", number) from error


def request_of(batch: Batch, item: BatchItem) -> Request:
    """Return the request for a case; its id is always the same, so that it happens once."""
    return Request(
        tenant=batch.tenant,
        id=batch.request_id(item.number, item.origin),
        actor=batch.actor,
        commands=(batch.command,),
        digest=batch.digest,
        attempt=uuid.uuid4().hex,
    )
