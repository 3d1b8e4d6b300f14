"""What operators do from the pages of a process: look, examine, verify, replay, retry, schedule.

Whoever calls it has asked whether the person may.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from functools import partial
from typing import Any, Final

from temporalio.client import Client

from ops.audit.background import AuditPlace, prove_case, verify_tenant
from ops.child import Progress, run_in_child
from ops.doctor.checks import CheckResult, run_checks
from ops.doctor.installation import Installation
from ops.failures import OperationFailed, failures_told
from ops.incidents.incidents import Incident, IncidentFilter, count_cases, find_incidents
from ops.incidents.retry import RetryReport, retry_as
from ops.jobs import Job, Jobs, Work
from ops.replay.replay import replay_case
from runtime.message import Message
from store import Store
from store.archive import Archive
from store.audit.records import By
from temporal.schedules import (
    ChoreSchedule,
    list_schedules,
    pause_schedule,
    trigger_schedule,
)

CASES: Final = Message("cases")
DOCTOR, INCIDENTS = "doctor", "incidents"
VERIFY, PROVE, REPLAY = "verify", "prove", "replay"
"""What jobs are called; those about a tenant or a case with its name behind."""


class ScheduleChange(StrEnum):
    """What may be done to the schedule of a chore."""

    PAUSE = auto()
    RESUME = auto()
    TRIGGER = auto()


CHANGES: Final[Mapping[ScheduleChange, str]] = {
    ScheduleChange.PAUSE: "schedule.paused",
    ScheduleChange.RESUME: "schedule.resumed",
    ScheduleChange.TRIGGER: "schedule.triggered",
}
"""What the audit log calls each."""


@dataclass(frozen=True)
class LookedAt:
    """How many running cases were looked at, and which of them stand still."""

    cases: int
    incidents: tuple[Incident, ...]


@dataclass
class Operations:
    """The engine, the store and the archive of an installation, and the jobs of this process."""

    client: Client
    store: Store
    archive: Archive
    installation: Installation
    audit: AuditPlace
    jobs: Jobs = field(default_factory=Jobs)

    def newest(self, *name: str) -> Job | None:
        """Return the newest job of a name."""
        return self.jobs.newest(" ".join(name))

    def examine(self) -> Job:
        """Begin to look at all that Banjie needs; the result is a list of `CheckResult`."""

        async def work(_: Progress) -> list[CheckResult]:
            return await run_checks(self.installation.checks())

        return self.jobs.start(DOCTOR, work)

    def look_for_incidents(self) -> Job:
        """Begin to look at every running case; the result is `LookedAt`."""
        return self.jobs.start(INCIDENTS, self._look_for_incidents)

    def verify(self, tenant: str) -> Job:
        """Begin to verify a tenant's records; the result is a `Report`."""
        work = _in_child(verify_tenant, self.audit, tenant)
        return self.jobs.start(f"{VERIFY} {tenant}", work, heavy=True)

    def prove(self, tenant: str, number: str) -> Job:
        """Begin to prove a case; the result is a `CheckedProof`."""
        work = _in_child(prove_case, self.audit, tenant, number)
        return self.jobs.start(f"{PROVE} {tenant} {number}", work, heavy=True)

    def replay(self, tenant: str, number: str) -> Job:
        """Begin to replay a case on this code; the result is a list of `Verdict`."""
        work = partial(replay_case, self.client, self.archive, tenant, number)
        return self.jobs.start(f"{REPLAY} {tenant} {number}", work, heavy=True)

    async def count_broken(self) -> int:
        """Count the cases whose own code fails, by the engine's index.

        Raises:
            OperationFailed
        """
        async with failures_told():
            return await count_cases(self.client, IncidentFilter(broken=True))

    async def incidents_of(self, number: str) -> list[Incident]:
        """Return what fails in a case now.

        Raises:
            OperationFailed
        """
        async with failures_told():
            return [each async for each in find_incidents(self.client, [number])]

    async def retry(self, tenant: str, by: By, number: str) -> RetryReport:
        """Have what fails in a case tried at once.

        Raises:
            OperationFailed: there is no such case, or the engine cannot do that.
            StoreDown: nothing was done, since it could not be written down.
        """
        async with failures_told():
            return await retry_as(self.client, self.store, tenant, by, number)

    async def schedules(self) -> list[ChoreSchedule]:
        """Return the schedules of chores.

        Raises:
            OperationFailed
        """
        async with failures_told():
            return await list_schedules(self.client)

    async def change_schedule(
        self, tenant: str, by: By, chore: str, change: ScheduleChange
    ) -> None:
        """Pause a chore's schedule, let it go on, or have the chore done at once.

        Raises:
            OperationFailed: there is no such schedule, or the engine does not answer.
            StoreDown: nothing was done, since it could not be written down.
        """
        event = CHANGES[change]
        async with failures_told():
            known = {each.chore for each in await list_schedules(self.client)}
            if chore not in known:
                raise OperationFailed(Message("There is no schedule for %(chore)s.", chore=chore))
            await self._note(tenant, by, event, chore)
            if change is ScheduleChange.TRIGGER:
                await trigger_schedule(self.client, chore)
            else:
                paused = change is ScheduleChange.PAUSE
                await pause_schedule(self.client, chore, by.actor.id, paused=paused)

    async def _look_for_incidents(self, progress: Progress) -> LookedAt:
        total = await count_cases(self.client, IncidentFilter())
        progress(CASES, 0, total)

        def looked_at(done: int) -> None:
            progress(CASES, done, max(done, total))

        incidents = find_incidents(self.client, progress=looked_at)
        return LookedAt(total, tuple([each async for each in incidents]))

    async def _note(self, tenant: str, by: By, event: str, subject: str) -> None:
        await self.store.audit_log.add(tenant, by.actor, event, subject, by.reason)


def _in_child(work: Callable[..., Any], *arguments: Any) -> Work:
    """Return the work as a job that is done in a process of its own."""

    async def run(progress: Progress) -> Any:
        return await run_in_child(work, *arguments, progress=progress)

    return run
