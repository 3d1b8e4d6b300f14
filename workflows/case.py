"""The workflow of a case, whatever its kind: people, time and the world move it; it is recorded."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RawValue, RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from cases import KINDS
    from domain.engine.capacity import end_of_part
    from domain.engine.case import Case
    from domain.engine.chain import entry_hash
    from domain.engine.merge_checks import merge_call
    from domain.engine.merged import ASKING
    from domain.engine.messages import (
        CaseInput,
        NewEntries,
        Outcome,
        PendingCall,
        Receipt,
        Request,
    )
    from domain.engine.process import Process
    from domain.errors import Refusal
    from domain.language.roles import ActorKind
    from domain.read_models.projection import (
        CaseView,
        Ending,
        case_view,
        pending_call,
        projection_update,
    )
    from domain.read_models.snapshot import Snapshot, snapshot
    from temporal.names import ARCHIVE, RECORD, SNAPSHOT, SUBMIT
    from temporal.results import as_failure
    from workflows.ui_details import ui_details

RECORD_TIMEOUT = timedelta(seconds=10)
"""What it costs at most when a worker dies while it records."""
RECORD_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
)
LOW_PRIORITY = Priority(priority_key=4)
"""For what time did by itself: thousands of clocks due at once do not hold up a person's step."""
CALL_TIMEOUT = timedelta(seconds=30)
ARCHIVE_TIMEOUT = timedelta(minutes=5)
"""Enough to read, pack and send the longest history that Temporal lets a run have."""
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
MAX_CARRIED_OVER = 2 * 1024 * 1024 - 8 * 1024
"""How many bytes a new run can begin with: Temporal takes 2 MiB; the rest is for a codec."""
IN_PARTS = "record-in-parts"
"""Names the change: entries that are too many for one recording are recorded in parts."""
MAX_ARCHIVINGS = 5
"""How often a run is archived at its end, each time with what was added meanwhile."""


class Stuck(RuntimeError):
    """Something failed that is retried for ever; the case is an incident until it is mended."""


@workflow.defn(dynamic=True)
class CaseWorkflow:
    """One case. The workflow type is the kind's name, the workflow id the case number."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        case_input = workflow.payload_converter().from_payload(args[0].payload, CaseInput)
        opening = case_input.opening
        self.process: Process = KINDS[opening.kind, opening.process_version]
        self.case: Case = (
            self.process.fold(opening, case_input.entries)
            if case_input.entries
            else self.process.open(opening, workflow.now())
        )
        self.recorded = case_input.recorded
        self.case.last_hash = self.case.last_hash or case_input.last_hash

    @workflow.run
    async def run(self, _args: Sequence[RawValue]) -> CaseView:
        """Record what is new, let time pass, run calls, until nothing can happen any more."""
        loops = [
            asyncio.create_task(loop)
            for loop in (self._record(), self._keep_time(), self._run_calls())
        ]
        await self._finish(loops)
        while not self._is_over():
            self._continue_as_new()
            # From before cases were bounded: it is too large for a new run and ends in this one.
            await self._wait_until(self._is_over, loops)
            await self._finish(loops)
        return case_view(self.process, self.case)

    @workflow.update(name=SUBMIT)
    async def submit(self, request: Request) -> Receipt:
        """Do all commands of a request; return when their entries are recorded."""
        trial = self.case.copy()
        try:
            receipt = self.process.apply_request(trial, request, workflow.now())
        except Refusal as refusal:
            raise as_failure(refusal) from refusal
        self.case = trial
        await workflow.wait_condition(lambda: self.recorded >= receipt.last)
        if any(command.step in ASKING for command in request.commands):
            await self._other_case_answered()
        return receipt

    @submit.validator
    def _check(self, request: Request) -> None:
        try:
            self.process.check_request(self.case, request, workflow.now())
        except Refusal as refusal:
            raise as_failure(refusal) from refusal

    async def _other_case_answered(self) -> None:
        """Wait until it is recorded what came of a merge that was just asked for."""
        await workflow.wait_condition(lambda: merge_call(self.case) is None)
        last = self.case.last.seq
        await workflow.wait_condition(lambda: self.recorded >= last)

    @workflow.query(name=SNAPSHOT)
    def snapshot(self) -> Snapshot:
        """Return the case as it stands."""
        return snapshot(self.process, self.case)

    async def _record(self) -> None:
        """Record new entries, all that wait at a time."""
        while True:
            await workflow.wait_condition(lambda: self.recorded < self.case.last.seq)
            workflow.set_current_details(ui_details(self.process, self.case))
            new_entries = self._new_entries(self._end_of_part())
            first, last = new_entries.entries[0].seq, new_entries.entries[-1].seq
            by_time = all(e.actor.kind is ActorKind.TIMER for e in new_entries.entries)
            try:
                recorded_hash = await workflow.execute_activity(
                    RECORD,
                    new_entries,
                    start_to_close_timeout=RECORD_TIMEOUT,
                    retry_policy=RECORD_RETRIES,
                    priority=LOW_PRIORITY if by_time else Priority.default,
                    summary=f"entry {first}" if first == last else f"entries {first}-{last}",
                )
            except FailureError as error:
                raise Stuck(f"entries {first}-{last} cannot be recorded") from error
            self.recorded = last
            if isinstance(recorded_hash, str) and last == self.case.last.seq:
                self.case.last_hash = recorded_hash

    def _end_of_part(self) -> int:
        """Return the seq up to which to record now; old histories recorded all at once."""
        last = self.case.last.seq
        end = end_of_part(self.case.entries, self.recorded)
        return end if end < last and workflow.patched(IN_PARTS) else last

    def _new_entries(self, upto: int) -> NewEntries:
        """Return what to record; on replay without the rows, as it was recorded long ago."""
        if workflow.unsafe.is_replaying():
            return NewEntries(entries=tuple(self.case.entries[self.recorded : upto]))
        return projection_update(self.process, self.process.as_of(self.case, upto), self.recorded)

    async def _keep_time(self) -> None:
        """Keep one timer, for the nearest moment; set it anew only when that moment changes."""
        while True:
            await workflow.wait_condition(lambda: self._next_timer() is not None)
            timer = self._next_timer()
            if timer is None:
                continue
            left = timer[0] - workflow.now()
            if left > timedelta():
                with suppress(TimeoutError):
                    await workflow.wait_condition(
                        lambda: self._next_timer() != timer,  # noqa: B023 — awaited in this turn
                        timeout=left,
                        timeout_summary=timer[1],
                    )
            self.process.settle(self.case, workflow.now())

    def _next_timer(self) -> tuple[datetime, str] | None:
        """Return the next moment at which time does something, and what it does."""
        ends_at = self.process.steps_end_at(self.case)
        if ends_at is not None:
            return None if self._is_over() else (ends_at, "end of the reopen window")
        return self.process.next_timer(self.case)

    async def _run_calls(self) -> None:
        """Run the call that the case waits for; its outcome is a step."""
        while True:
            await workflow.wait_condition(lambda: pending_call(self.process, self.case) is not None)
            call = pending_call(self.process, self.case)
            if call is None:
                continue
            outcome = await self._run_call(call)
            if pending_call(self.process, self.case) == call:
                self.process.apply_outcome(self.case, call, outcome, workflow.now())

    async def _run_call(self, call: PendingCall) -> Outcome:
        try:
            outcome: Outcome = await workflow.execute_activity(
                call.port,
                call,
                result_type=Outcome,
                start_to_close_timeout=CALL_TIMEOUT,
                retry_policy=RETRIES,
                summary=call.template,
            )
        except FailureError as error:
            raise Stuck(f"{call.port} failed for entry {call.seq}") from error
        return outcome

    async def _finish(self, loops: Sequence["asyncio.Task[None]"]) -> None:
        """Wait until this run may end, and archive it.

        Meanwhile the case lives on: what was added is archived too, but not for ever, or a case
        that is never quiet would outgrow its run; what came last is then in the next run's file.
        """
        for _ in range(MAX_ARCHIVINGS):
            await self._wait_until(self._may_finish, loops)
            last = self.case.last.seq
            archiving = asyncio.create_task(self._archive())
            await self._wait_until(archiving.done, loops)
            archiving.result()
            if last == self.case.last.seq and self._may_finish():
                return
        await self._wait_until(self._may_finish, loops)

    async def _archive(self) -> None:
        """Archive this run before Temporal may forget it."""
        ending = Ending(case=case_view(self.process, self.case), newest=entry_hash(self.case.last))
        try:
            await workflow.execute_activity(
                ARCHIVE,
                ending,
                start_to_close_timeout=ARCHIVE_TIMEOUT,
                retry_policy=RETRIES,
                summary=f"entries 1-{self.case.last.seq}",
            )
        except FailureError as error:
            raise Stuck("this run cannot be archived") from error

    async def _wait_until(
        self, is_true: Callable[[], bool], loops: Sequence["asyncio.Task[None]"]
    ) -> None:
        """Wait; a loop that failed fails the workflow task, so that it is noticed."""
        await workflow.wait_condition(lambda: is_true() or any(loop.done() for loop in loops))
        for loop in loops:
            if loop.done():
                loop.result()

    def _may_finish(self) -> bool:
        is_quiet = self.recorded == self.case.last.seq and workflow.all_handlers_finished()
        return is_quiet and (self._is_over() or workflow.info().is_continue_as_new_suggested())

    def _is_over(self) -> bool:
        ends_at = self.process.steps_end_at(self.case)
        return ends_at is not None and ends_at <= workflow.now()

    def _continue_as_new(self) -> None:
        """End this run and begin the next one, unless the case is too large for that."""
        carried_over = CaseInput(
            opening=self.case.opening,
            entries=tuple(self.case.entries),
            recorded=self.recorded,
            last_hash=self.case.last_hash,
        )
        payload = workflow.payload_converter().to_payload(carried_over)
        if payload.ByteSize() <= MAX_CARRIED_OVER:
            workflow.continue_as_new(args=[carried_over])
