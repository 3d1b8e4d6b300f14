"""The life of any case, whatever its kind: taken in, moved by people and time, recorded."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RawValue, RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from cases import KINDS
    from domain.engine.case import Case
    from domain.engine.chain import entry_hash
    from domain.engine.messages import CaseInput, NewEntries, Outcome, PendingCall, Receipt, Request
    from domain.engine.process import Process
    from domain.errors import Refusal
    from domain.language.roles import ActorKind
    from domain.read_models.projection import (
        CaseView,
        Ending,
        Snapshot,
        case_view,
        pending_call,
        projection_update,
        snapshot,
    )
    from temporal.names import ARCHIVE, RECORD, SNAPSHOT, SUBMIT
    from temporal.results import as_failure
    from workflows.ui_details import details

RECORD_ATTEMPT = timedelta(seconds=10)
"""A worker that stops or dies with a batch in its hands costs at most this much time."""
BEHIND = Priority(priority_key=4)
"""What time did by itself: thousands of clocks due at once do not hold up a person's step."""
WORLD_ATTEMPT = timedelta(seconds=30)
RECORD_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
)
WORLD_RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)
ARCHIVE_ATTEMPT = timedelta(minutes=5)
"""The longest history that Temporal lets a run have is read, packed and sent in this time."""
ARCHIVED_AGAIN = 5
"""So often a run is archived at its end, each time with what was added meanwhile."""


class Stuck(RuntimeError):
    """Something failed that is retried for ever; the case is an incident until it is mended."""


@workflow.defn(dynamic=True)
class CaseWorkflow:
    """One case. The workflow type is the kind's name, the workflow id the case number."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        life = workflow.payload_converter().from_payload(args[0].payload, CaseInput)
        self.process: Process = KINDS[life.opening.kind, life.opening.process_version]
        self.case: Case = (
            self.process.fold(life.opening, life.entries)
            if life.entries
            else self.process.open(life.opening, workflow.now())
        )
        self.recorded = life.recorded

    @workflow.run
    async def run(self, _args: Sequence[RawValue]) -> CaseView:
        """Record what is new, let time pass, ask the world, until nothing can happen any more."""
        loops = [
            asyncio.create_task(each)
            for each in (self._record(), self._keep_time(), self._run_calls())
        ]
        await self._leave(loops)
        if not self._is_over():
            workflow.continue_as_new(args=[self._carry()])
        return case_view(self.process, self.case)

    @workflow.update(name=SUBMIT)
    async def take(self, request: Request) -> Receipt:
        """Take all steps of a request; answers when they are recorded."""
        trial = self.case.copy()
        try:
            receipt = self.process.apply_request(trial, request, workflow.now())
        except Refusal as refusal:
            raise as_failure(refusal) from refusal
        self.case = trial
        await workflow.wait_condition(lambda: self.recorded >= receipt.last)
        return receipt

    @take.validator
    def _may_take(self, request: Request) -> None:
        try:
            self.process.check_request(self.case, request, workflow.now())
        except Refusal as refusal:
            raise as_failure(refusal) from refusal

    @workflow.query(name=SNAPSHOT)
    def snapshot(self) -> Snapshot:
        """The case as it stands."""
        return snapshot(self.process, self.case)

    async def _record(self) -> None:
        """Write what is new; a batch is what waits at the moment it is sent."""
        while True:
            await workflow.wait_condition(lambda: self.recorded < self.case.last.seq)
            workflow.set_current_details(details(self.process, self.case))
            news = self._news()
            first, last = news.entries[0].seq, news.entries[-1].seq
            by_time = all(entry.actor.kind is ActorKind.TIMER for entry in news.entries)
            try:
                await workflow.execute_activity(
                    RECORD,
                    news,
                    start_to_close_timeout=RECORD_ATTEMPT,
                    retry_policy=RECORD_RETRIES,
                    priority=BEHIND if by_time else Priority.default,
                    summary=f"entry {first}" if first == last else f"entries {first}-{last}",
                )
            except FailureError as error:
                raise Stuck(f"entries {first}-{last} cannot be recorded") from error
            self.recorded = last

    def _news(self) -> NewEntries:
        """What is new; on replay, where it was recorded long ago, without what follows from it."""
        if workflow.unsafe.is_replaying():
            return NewEntries(entries=tuple(self.case.entries[self.recorded :]))
        return projection_update(self.process, self.case, self.recorded)

    async def _leave(self, loops: Sequence["asyncio.Task[None]"]) -> None:
        """Wait until this run may end, and archive it.

        Meanwhile the case lives on: what was added is archived too, but not for ever, or a case
        that is never quiet would outgrow its run; what came last is then in the next run's file.
        """
        for _ in range(ARCHIVED_AGAIN):
            await self._until(self._may_leave, loops)
            last = self.case.last.seq
            archiving = asyncio.create_task(self._archive())
            await self._until(archiving.done, loops)
            archiving.result()
            if last == self.case.last.seq and self._may_leave():
                return
        await self._until(self._may_leave, loops)

    async def _until(self, true: Callable[[], bool], loops: Sequence["asyncio.Task[None]"]) -> None:
        """Wait; a loop that failed fails the workflow task, and so is seen."""
        await workflow.wait_condition(lambda: true() or any(loop.done() for loop in loops))
        for loop in loops:
            if loop.done():
                loop.result()

    async def _archive(self) -> None:
        """Keep this run before Temporal may forget it."""
        ending = Ending(case=case_view(self.process, self.case), newest=entry_hash(self.case.last))
        try:
            await workflow.execute_activity(
                ARCHIVE,
                ending,
                start_to_close_timeout=ARCHIVE_ATTEMPT,
                retry_policy=WORLD_RETRIES,
                summary=f"entries 1-{self.case.last.seq}",
            )
        except FailureError as error:
            raise Stuck("this run cannot be archived") from error

    async def _keep_time(self) -> None:
        """One timer, for the nearest moment; set anew only when that moment moves."""
        while True:
            await workflow.wait_condition(lambda: self._moment() is not None)
            moment = self._moment()
            if moment is None:
                continue
            left = moment[0] - workflow.now()
            if left > timedelta():
                with suppress(TimeoutError):
                    await workflow.wait_condition(
                        lambda: self._moment() != moment,  # noqa: B023 — awaited in this turn
                        timeout=left,
                        timeout_summary=moment[1],
                    )
            self.process.settle(self.case, workflow.now())

    async def _run_calls(self) -> None:
        """Carry out the call of a state that waits for the world; its answer is a step."""
        while True:
            await workflow.wait_condition(lambda: pending_call(self.process, self.case) is not None)
            asked = pending_call(self.process, self.case)
            if asked is None:
                continue
            outcome = await self._call(asked)
            if pending_call(self.process, self.case) == asked:
                self.process.answer(self.case, asked, outcome, workflow.now())

    async def _call(self, asked: PendingCall) -> Outcome:
        try:
            outcome: Outcome = await workflow.execute_activity(
                asked.port,
                asked,
                result_type=Outcome,
                start_to_close_timeout=WORLD_ATTEMPT,
                retry_policy=WORLD_RETRIES,
                summary=asked.template,
            )
        except FailureError as error:
            raise Stuck(f"{asked.port} failed for entry {asked.seq}") from error
        return outcome

    def _moment(self) -> tuple[datetime, str] | None:
        """The next moment at which time does something, and what."""
        if (over := self.process.reopen_ends_at(self.case)) is not None:
            return None if self._is_over() else (over, "end of the reopen window")
        return self.process.next_timer(self.case)

    def _is_over(self) -> bool:
        over = self.process.reopen_ends_at(self.case)
        return over is not None and over <= workflow.now()

    def _may_leave(self) -> bool:
        quiet = self.recorded == self.case.last.seq and workflow.all_handlers_finished()
        return quiet and (self._is_over() or workflow.info().is_continue_as_new_suggested())

    def _carry(self) -> CaseInput:
        return CaseInput(
            opening=self.case.opening, entries=tuple(self.case.entries), recorded=self.recorded
        )
