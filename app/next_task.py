"""The next task: the most urgent one that nobody has and the caller may do, claimed for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from app.authentication import Principal
from app.authorization import check_staff, reach_of
from app.errors import NotFound, Refused
from app.inbox import VIEWS, InboxQuery, View, read_rows
from app.inbox_rows import InboxRow, inbox_rows
from app.services import Services
from app.submit_steps import request_id, submit_steps
from domain.engine.messages import Command
from domain.engine.task_actions import CLAIM
from store.cases.records import CaseFilter, InboxFilter, InboxRecord
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.errors import StoreDown

NARROWING: Final = frozenset({View.TEAMS, View.ESCALATED, View.DUE, View.UNREAD})
"""The views of which somebody is given the first task; the others have what is not to be given."""

MOST_TRIES: Final = 20
"""How many tasks may turn out to be somebody else's before we give up."""


class NoNext(StrEnum):
    """Why there is no next task.

    Nobody's is left, none in this list is but others are, none is for these roles, or others were
    quicker.
    """

    NOTHING_LEFT = auto()
    NONE_IN_LIST = auto()
    NOT_FOR_YOU = auto()
    OTHERS_WERE_QUICKER = auto()


@dataclass(frozen=True)
class NextTask:
    """The task that was claimed, or why none was."""

    row: InboxRow | None
    why_none: NoNext | None = None


async def take_next(
    services: Services, caller: Principal, query: InboxQuery | None = None, key: str | None = None
) -> NextTask:
    """Claim the first task of the list `unassigned` for the caller; of two at once each gets one.

    Args:
        services: the store and the case client to use.
        caller: who takes it.
        query: the list that the caller looks at; the task is one of those that it may have.
        key: the caller's idempotency key: under it one task is claimed, and named again.

    Raises:
        Forbidden: only staff may.
        StoreDown
        EngineDown: whether a task was claimed is unknown; if it was, it is among the caller's.
    """
    check_staff(caller)
    where = _candidates(caller, query)
    if key is None:
        return await _take(services, caller, where, None)
    turn = services.taking.setdefault((caller.tenant, caller.client, key), asyncio.Lock())
    async with turn:
        return await _take(services, caller, where, key)


async def _take(
    services: Services, caller: Principal, where: list[CaseFilter], key: str | None
) -> NextTask:
    tries = 0
    async for record in _walk(services, caller, where):
        # Asked after the list is read: what this key claimed is then in the list still, as its
        # first, or found here.
        if tries == 0 and (row := await _claimed_before(services, caller, key)):
            return NextTask(row)
        if row := await _claim_alone(services, caller, record, key):
            return NextTask(row)
        tries += 1
        if tries == MOST_TRIES:
            break
    if tries:
        return NextTask(None, NoNext.OTHERS_WERE_QUICKER)
    if row := await _claimed_before(services, caller, key):
        return NextTask(row)
    return NextTask(None, await _why_none(services, caller, where))


async def _claimed_before(
    services: Services, caller: Principal, key: str | None
) -> InboxRow | None:
    """Return the line of what an earlier request with this key claimed."""
    if key is None:
        return None
    request = request_id(caller, key)
    number = await services.store.entries.claimed(caller.tenant, caller.id, request)
    return (await read_rows(services, caller, [number])).get(number) if number else None


def _candidates(caller: Principal, query: InboxQuery | None) -> list[CaseFilter]:
    """Return the filters of the tasks to choose from."""
    unassigned = VIEWS[View.UNASSIGNED](caller)
    if query is None:
        return [unassigned]
    view, narrowed = query.where(caller)
    narrowed = narrowed.model_copy(update={"assignee": None})
    return [unassigned, narrowed, *([view] if query.view in NARROWING else [])]


async def _walk(
    services: Services, caller: Principal, where: list[CaseFilter]
) -> AsyncIterator[InboxRecord]:
    after: Cursor | None = None
    while True:
        page = await services.store.inbox.page(
            caller.tenant, where, after, MOST_TRIES, reach_of(caller)
        )
        for record in page.items:
            yield record
        if (after := page.next) is None:
            return


async def _claim_alone(
    services: Services, caller: Principal, record: InboxRecord, key: str | None
) -> InboxRow | None:
    """Claim the task, unless this process is just claiming it for somebody else."""
    case = (caller.tenant, record.case.number)
    if case in services.claiming:
        return None
    services.claiming.add(case)
    try:
        return await _claim(services, caller, record, key)
    finally:
        services.claiming.discard(case)


async def _claim(
    services: Services, caller: Principal, record: InboxRecord, key: str | None
) -> InboxRow | None:
    """Claim the task; return its line, or None if it was no longer there to be claimed."""
    number = record.case.number
    try:
        await submit_steps(
            services, caller, number, [Command(step=CLAIM)], key=key, task=record.task
        )
    except (Refused, NotFound):
        return None
    (row,) = inbox_rows(caller, [record], utc_now())
    with suppress(StoreDown):
        row = (await read_rows(services, caller, [number])).get(number, row)
    # What is claimed may not be recorded yet.
    return row.model_copy(update={"assignee": caller.id})


async def _why_none(services: Services, caller: Principal, where: list[CaseFilter]) -> NoNext:
    theirs, *narrowed = where
    for_anybody = InboxFilter(in_hand=True, to_do=True, unassigned=True)
    elsewhere, others = await services.store.inbox.count(
        caller.tenant, [[theirs], [for_anybody, *narrowed]], reach_of(caller)
    )
    if elsewhere and narrowed:
        return NoNext.NONE_IN_LIST
    return NoNext.NOT_FOR_YOU if others else NoNext.NOTHING_LEFT
