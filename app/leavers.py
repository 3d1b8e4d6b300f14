"""Nobody's cases stay with somebody who may no longer work on them.

Whoever is no longer active, or lost the roles that the work takes, gives the cases back to their
teams, those that wait for a customer or the world too: each gets an entry by the router that says
why.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from app.authentication import Principal
from app.policy import policy_under
from app.read_cases import fold_case
from app.services import Services
from app.texts import DEFAULT, catalogue
from cases.common.figures import REOPEN_WINDOW, time_under
from domain.batches import Batch
from domain.engine.holders import may_go_on
from domain.engine.messages import Command, Request
from domain.engine.task_actions import RELEASE
from domain.language.roles import Roles, the_router
from domain.read_models.projection import CaseView
from store.cases.records import CaseFilter
from store.db.clock import utc_now
from store.errors import CorruptRow, StoreDown
from store.people.records import Staff
from temporal.results import CaseClientError

PAGE: Final = 500
POLL_INTERVAL: Final = timedelta(milliseconds=50)
LEFT, DEMOTED, OFF_DUTY = "left", "demoted", "off_duty"
"""Why a case is given back."""


async def return_cases(services: Services, admin: Principal, person: Staff) -> None:
    """Have the cases given back that a person who was changed may no longer hold.

    It is a batch per kind, so that it goes on whatever is killed; it is waited for a moment.

    Raises:
        StoreDown, EngineDown: repeat the change.
    """
    numbers = await _cases_to_return(services, admin.tenant, person)
    why = DEMOTED if person.active else LEFT
    batches = [
        await _start_batch(services, admin, kind, held, person, why)
        for kind, held in numbers.items()
    ]
    await _wait(services, admin.tenant, batches)


async def return_unstarted(services: Services, by: Principal, person: Staff) -> None:
    """Have the cases given back that somebody who goes off duty was given and did not begin.

    Raises:
        StoreDown, EngineDown: repeat the change.
    """
    numbers: dict[str, list[str]] = {}
    for row in await _held_cases(services, by.tenant, person.id):
        if row.closed_at is None and await _is_unstarted(services, row, person.id):
            numbers.setdefault(row.kind, []).append(row.number)
    batches = [
        await _start_batch(services, by, kind, held, person, OFF_DUTY)
        for kind, held in numbers.items()
    ]
    await _wait(services, by.tenant, batches)


async def return_if_off_duty(services: Services, tenant: str, number: str, person: str) -> None:
    """Give a case back that was assigned by rule to somebody who had just gone."""
    if (await services.store.profiles.get(tenant, person)).on_duty:
        return
    with suppress(StoreDown, CaseClientError):
        await _release_by_router(services, tenant, number, person, OFF_DUTY)


async def return_if_unfit(services: Services, caller: Principal, row: CaseView) -> CaseView:
    """Give a case back that a step has put into the hands of somebody who may not work on it.

    A reopened or rewound case goes to whoever held it, in the roles of that time.
    """
    if row.assignee is None or row.assignee == caller.id:
        return row
    with suppress(StoreDown, CaseClientError):
        why = await _why_unfit(services, row)
        if why is None:
            return row
        await _release_by_router(services, caller.tenant, row.number, row.assignee, why)
        return await services.store.cases.get(caller.tenant, row.number) or row
    return row


async def _release_by_router(
    services: Services, tenant: str, number: str, person: str, why: str
) -> None:
    request = Request(
        tenant=tenant,
        id=uuid.uuid4().hex,
        actor=the_router(),
        commands=(_release(person, why),),
    )
    await services.case_client.submit(number, request, services.record_timeout)


async def _is_unstarted(services: Services, row: CaseView, person: str) -> bool:
    """Say whether somebody did nothing to a case since they were given it.

    Who claimed it began with that; one that cannot be read is theirs to say.
    """
    try:
        entries = await services.store.entries.of(row.tenant, row.number)
    except CorruptRow:
        return False
    given = max((e.seq for e in entries if e.form.get("assignee") == person), default=None)
    if given is None:
        return False
    return not any(e.seq >= given and e.actor.id == person for e in entries)


async def _why_unfit(services: Services, row: CaseView) -> str | None:
    """Return why whoever holds the case may not; None if they may."""
    person = await services.authenticator.colleague(row.tenant, row.assignee or "")
    if person is None or not person.active:
        return LEFT
    return None if await _may_go_on(services, row, person) else DEMOTED


async def _may_go_on(services: Services, row: CaseView, person: Staff) -> bool:
    """Say whether the holder's roles of today are enough; of a case that cannot be read, not."""
    try:
        entries = await services.store.entries.of(row.tenant, row.number)
        process, case = fold_case(row.number, entries)
    except CorruptRow:
        return False
    return may_go_on(process, case, Roles(frozenset(person.roles)))


async def _cases_to_return(services: Services, tenant: str, person: Staff) -> dict[str, list[str]]:
    """Return the cases that a person holds and may not, by kind.

    Closed ones are among them while they may be reopened.
    """
    by_kind: dict[str, list[str]] = {}
    now = utc_now()
    for row in await _held_cases(services, tenant, person.id):
        if not await _takes_steps(services, row, now):
            continue
        if not (person.active and await _may_go_on(services, row, person)):
            by_kind.setdefault(row.kind, []).append(row.number)
    return by_kind


async def _takes_steps(services: Services, row: CaseView, now: datetime) -> bool:
    """Say whether a case is open, or may be opened again."""
    if row.closed_at is None:
        return True
    policy = await policy_under(services, row.tenant, row.policy_version)
    return now < row.closed_at + time_under(policy, REOPEN_WINDOW)


async def _held_cases(services: Services, tenant: str, person: str) -> list[CaseView]:
    """Return the cases that somebody holds, closed ones too."""
    held, after = list[CaseView](), None
    while True:
        page = await services.store.cases.page(tenant, CaseFilter(assignee=person), after, PAGE)
        held += page.items
        if (after := page.next) is None:
            return held


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
