"""What people can do, how much at a time, and whether they are here; cases are assigned by that."""

from collections.abc import Sequence

from app.authentication import Principal
from app.duty_rights import check_duty, check_profile
from app.errors import NotFound
from app.leavers import return_unstarted
from app.services import Services
from domain.assignment import Skill
from store.errors import UnknownStaff
from store.people.records import Profile


async def read_profile(services: Services, caller: Principal, id: str) -> Profile:
    """Return somebody's profile: one's own, or as one who leads.

    Raises:
        Forbidden
        NotFound: nobody has this id.
        StoreDown
    """
    check_duty(caller, id)
    if await services.store.people.get(caller.tenant, id) is None:
        raise NotFound
    return await services.store.profiles.get(caller.tenant, id)


async def set_profile(
    services: Services,
    caller: Principal,
    id: str,
    *,
    skills: Sequence[Skill] | None,
    capacity: int | None,
    reason: str = "",
) -> Profile:
    """Say what somebody can do and how many cases they have at a time; None stays as it is.

    Raises:
        Forbidden: only those who lead may.
        NotFound: nobody active has this id.
        StoreDown
    """
    check_profile(caller)
    try:
        profile, _ = await services.store.profiles.change(
            caller.tenant, id, skills=skills, capacity=capacity, by=caller.by(reason)
        )
    except UnknownStaff:
        raise NotFound from None
    return profile


async def set_duty(
    services: Services, caller: Principal, id: str, *, on_duty: bool, reason: str = ""
) -> Profile:
    """Put somebody on duty or off: oneself, or as one who leads.

    Off duty they are given nothing, and what they were given and did not begin goes back.

    Raises:
        Forbidden
        NotFound: nobody active has this id.
        StoreDown, EngineDown: the change may have been made; repeat it, and the cases go back.
    """
    check_duty(caller, id)
    try:
        profile, _ = await services.store.profiles.change(
            caller.tenant, id, on_duty=on_duty, by=caller.by(reason)
        )
    except UnknownStaff:
        raise NotFound from None
    person = await services.store.people.get(caller.tenant, id)
    if not on_duty and person is not None:
        await return_unstarted(services, caller, person)
    return profile
