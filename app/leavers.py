"""Nobody's cases stay with somebody who may no longer work on them.

Whoever is no longer active, or lost the roles that a task takes, gives the cases back to their
teams: each gets an entry by the router that says why.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from app.authentication import Principal
from app.services import Services
from app.texts import DEFAULT, catalogue
from cases.common.policy import REOPEN_WINDOW
from domain.batches import Batch
from domain.engine.messages import Command, Request
from domain.engine.task_actions import RELEASE
from domain.language.roles import the_router
from domain.read_models.projection import CaseView
from store.cases.records import CaseFilter, TaskFilter
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.errors import StoreDown
from store.people.records import Staff
from temporal.results import CaseClientError

PAGE: Final = 500
POLL_INTERVAL: Final = timedelta(milliseconds=50)
LEFT, DEMOTED = "left", "demoted"
"""Why a case is given back."""


async def return_cases(services: Services, admin: Principal, person: Staff) -> None:
    """Have the cases given back that a person who was changed may no longer hold.

    It is a batch per kind, so that it goes on whatever is killed; it is waited for a moment.

    Raises:
        StoreDown, EngineDown: repeat the change.
    """
    if person.active:
        numbers, why = await _unfit_cases(services, admin.tenant, person), DEMOTED
    else:
        numbers, why = await _held_cases(services, admin.tenant, person.id), LEFT
    batches = [
        await _start_batch(services, admin, kind, held, person, why)
        for kind, held in numbers.items()
    ]
    await _wait(services, admin.tenant, batches)


async def return_if_left(services: Services, caller: Principal, row: CaseView) -> CaseView:
    """Give a case back that a step has put into the hands of somebody who has left.

    A reopened or rewound case goes to whoever held it.
    """
    if row.assignee is None or row.assignee == caller.id:
        return row
    with suppress(StoreDown, CaseClientError):
        person = await services.authenticator.colleague(caller.tenant, row.assignee)
        if person is not None and person.active:
            return row
        request = Request(
            tenant=caller.tenant,
            id=uuid.uuid4().hex,
            actor=the_router(),
            commands=(_release(row.assignee, LEFT),),
        )
        await services.case_client.submit(row.number, request, services.record_timeout)
        return await services.store.cases.get(caller.tenant, row.number) or row
    return row


async def _held_cases(services: Services, tenant: str, id: str) -> dict[str, list[str]]:
    """Return the cases that somebody holds, by kind; closed ones while they may be reopened."""
    by_kind: dict[str, list[str]] = {}
    reopenable, after = utc_now() - REOPEN_WINDOW, None
    while True:
        page = await services.store.cases.page(tenant, CaseFilter(assignee=id), after, PAGE)
        for row in page.items:
            if row.closed_at is None or row.closed_at > reopenable:
                by_kind.setdefault(row.kind, []).append(row.number)
        if (after := page.next) is None:
            return by_kind


async def _unfit_cases(services: Services, tenant: str, person: Staff) -> dict[str, list[str]]:
    """Return the cases whose open task somebody holds whose roles do not fit it, by kind."""
    by_kind: dict[str, list[str]] = {}
    after: Cursor | None = None
    while True:
        page = await services.store.tasks.page(tenant, TaskFilter(assignee=person.id), after, PAGE)
        for task in page.items:
            if not {*task.candidates, *task.leads} & {*person.roles}:
                by_kind.setdefault(task.kind, []).append(task.number)
        if (after := page.next) is None:
            return by_kind


async def _start_batch(
    services: Services, admin: Principal, kind: str, numbers: Sequence[str], person: Staff, why: str
) -> str:
    """Start the batch of these cases; the same change made again starts the same one."""
    scope = "\n".join((admin.tenant, person.id, why, *sorted(numbers)))
    digest = hashlib.sha256(scope.encode()).hexdigest()
    command = _release(person.id, why)
    batch = Batch(
        tenant=admin.tenant,
        id=digest[:16],
        at=utc_now(),
        actor=the_router(admin.id),
        kind=kind,
        command=command,
        reason=str(command.form["reason"]),
        dry_run=False,
        which={"assignee": person.id},
        digest=digest,
        size=len(numbers),
    )
    await services.store.batches.add(batch, numbers)
    await services.case_client.start_batch(admin.tenant, batch.id)
    return batch.id


def _release(id: str, why: str) -> Command:
    reason = catalogue(DEFAULT)[f"returned.{why}"] % {"who": id}
    return Command(step=RELEASE, form={"reason": reason})


async def _wait(services: Services, tenant: str, batches: Sequence[str]) -> None:
    """Wait until the batches are over, but no longer than an answer waits for its record."""
    with suppress(TimeoutError):
        async with asyncio.timeout(services.record_timeout.total_seconds()):
            for id in batches:
                while True:
                    stored = await services.store.batches.get(tenant, id)
                    if stored is None or stored.batch.ended_at is not None:
                        break
                    await asyncio.sleep(POLL_INTERVAL.total_seconds())
