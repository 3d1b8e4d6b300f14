"""The audit log for those who may read it: its events, its checkpoints, what seals a case."""

from dataclasses import dataclass
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right
from app.case_past import entries_of
from app.errors import invalid
from app.results import Listed
from app.services import Services
from store.audit.records import AUDIT_EVENTS, AuditEvent, CheckpointRow, EventFilter
from store.db.pages import Cursor

WAITING_SHOWN: Final = 10_000
"""Rows that wait are counted up to so many."""


@dataclass(frozen=True)
class LogStatus:
    """The newest checkpoint, None before the first, and how many rows no checkpoint covers yet."""

    newest: CheckpointRow | None
    waiting: int


@dataclass(frozen=True)
class CaseSeal:
    """How many entries of a case are sealed, and how many wait.

    `checkpoint` is the first that covers all of the sealed ones; None while there are none.
    """

    sealed: int
    waiting: int
    checkpoint: CheckpointRow | None


async def list_audit_events(
    services: Services, caller: Principal, which: EventFilter, after: Cursor | None, limit: int
) -> Listed[AuditEvent]:
    """List events of the audit log, the newest first.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        Unacceptable: no event is called so.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    if not any(event.startswith(which.what) for event in AUDIT_EVENTS):
        raise invalid("query/what", "enum", "There is no such event.", expected=[*AUDIT_EVENTS])
    page = await services.store.audit_log.page(caller.tenant, which, after, limit)
    return Listed(page.items, page.next, [*page.corrupt])


async def list_checkpoints(
    services: Services, caller: Principal, before: int | None, limit: int
) -> Listed[CheckpointRow]:
    """List the checkpoints in the store, the newest first, from the one before a number.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    rows = await services.store.audit_sealer.page(caller.tenant, before, limit + 1)
    following = (str(rows[limit - 1].n),) if len(rows) > limit else None
    return Listed(tuple(rows[:limit]), following, [])


async def read_log_status(services: Services, caller: Principal) -> LogStatus:
    """Return how far the audit log is sealed.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    seals = services.store.audit_sealer
    newest = await seals.newest(caller.tenant)
    waiting = await seals.waiting(caller.tenant, WAITING_SHOWN)
    return LogStatus(newest if newest.n else None, waiting)


async def read_case_seal(services: Services, caller: Principal, number: str) -> CaseSeal:
    """Return what seals a case: that it is as it was sealed, only a proof shows.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        NotFound, NumberMisread
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    await entries_of(services, caller, number, limit=1)
    rows = await services.store.audit_reader.of(caller.tenant, number)
    waiting = await services.store.audit_reader.waiting(caller.tenant, number)
    covering = services.store.audit_sealer.covering
    last = rows[-1][0] if rows else None
    return CaseSeal(len(rows), len(waiting), await covering(caller.tenant, last) if last else None)
