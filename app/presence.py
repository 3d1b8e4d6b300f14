"""Presence: who has a case open and who is writing, as colleagues at the same case see it."""

from dataclasses import dataclass
from datetime import datetime

from app.authentication import Principal
from app.authorization import check_staff, reads_inside
from app.outside import ONE_OF_US
from app.read_cases import get_case_row
from app.services import Services


@dataclass(frozen=True)
class Viewer:
    """One of the staff who has a case open; without a name for those outside."""

    id: str
    name: str | None
    since: datetime
    writing: bool


async def renew_presence(
    services: Services, caller: Principal, number: str, *, writing: bool, has_stopped: bool = False
) -> list[Viewer]:
    """Note that the caller has the case open, for 15 seconds; return who else has.

    `has_stopped`: what they were writing is sent, or they write no more.

    Raises:
        Forbidden: only staff may.
        NotFound, NumberMisread
        StoreDown
    """
    check_staff(caller)
    await get_case_row(services, caller, number)
    await services.store.presence.renew(
        caller.tenant, number, caller.id, writing=writing, has_stopped=has_stopped
    )
    return await _others(services, caller, number)


async def viewers(services: Services, caller: Principal, number: str) -> list[Viewer]:
    """Return who else has the case open.

    Raises:
        Forbidden: only staff may.
        NotFound, NumberMisread
        StoreDown
    """
    check_staff(caller)
    await get_case_row(services, caller, number)
    return await _others(services, caller, number)


async def leave(services: Services, caller: Principal, number: str) -> None:
    """Note that the caller has closed the case; whoever had it not open changes nothing.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    await services.store.presence.leave(caller.tenant, number, caller.id)


async def _others(services: Services, caller: Principal, number: str) -> list[Viewer]:
    present = await services.store.presence.at(caller.tenant, number)
    others = [each for each in present if each.id != caller.id]
    if reads_inside(caller):
        return [Viewer(each.id, each.name, each.since, each.writing) for each in others]
    return [Viewer(ONE_OF_US.id, None, each.since, each.writing) for each in others]
