"""What a customer wrote is told to their case: what waited for them then waits for us."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from app.errors import Fault
from app.expected_errors import EXPECTED, app_error
from app.merging import is_merging
from app.services import Services
from domain.engine.merge_errors import MergedInto
from domain.engine.messages import Command, Request
from domain.engine.task_actions import AWAIT, HEAR
from domain.errors import NotYourCase
from domain.language.roles import the_router
from store.comments import Comment
from temporal.results import Refused

log = logging.getLogger("banjie.messages")

AT_ONCE_FOR: Final = timedelta(seconds=2)
"""How long whoever wrote waits for it; a worker goes on with what takes longer."""


async def tell_case(services: Services, tenant: str, comment: Comment) -> bool:
    """Tell a case that its customer wrote; return whether that is settled.

    The case takes the same message once, and so does the one that goes on for a merged case. One
    that waits for nobody's message refuses it, and so does one that is over: nothing follows from
    it then.

    Raises:
        StoreDown: that it was told could not be written down.
    """
    form: dict[str, JsonValue] = {"message": comment.id, "written_at": comment.at.isoformat()}
    request = Request(
        tenant=tenant,
        id=f"message:{comment.id}",
        actor=comment.author,
        commands=(Command(step=HEAR, form=form),),
    )
    try:
        await _hear(services, comment.number, request)
    except EXPECTED as error:
        refusal = app_error(error)
        if refusal is None or refusal.category is Fault.UNAVAILABLE or is_merging(refusal):
            return False
        log.debug("message %s changes nothing: %s", comment.id, refusal.code)
    await services.store.comments.mark_told(tenant, comment.number, comment.id)
    return True


async def _hear(services: Services, number: str, request: Request) -> None:
    """Hand in that a customer wrote; to the case that goes on, if it is merged.

    To a case that another system brought in it is handed in as the router: it goes on for the one
    to which the customer wrote.
    """
    try:
        await services.case_client.submit(number, request, services.record_timeout)
    except Refused as refusal:
        if refusal.code == MergedInto.code and not is_merging(refusal):
            await _hear(services, str(refusal.params["into"]), request)
        elif refusal.code == NotYourCase.code and request.actor != the_router():
            as_router = request.model_copy(update={"actor": the_router()})
            await _hear(services, number, as_router)
        else:
            raise


async def tell_answered(services: Services, tenant: str, comment: Comment) -> None:
    """Tell a case that one of the staff answered its customer by a public comment.

    Whoever may not answer for the case changes nothing, and neither does a case that waits for no
    answer; while the engine is down it goes on waiting for us, which people see.
    """
    request = Request(
        tenant=tenant,
        id=f"answer:{comment.id}",
        actor=comment.author,
        commands=(Command(step=AWAIT),),
    )
    with suppress(*EXPECTED, TimeoutError):
        async with asyncio.timeout(AT_ONCE_FOR.total_seconds()):
            await services.case_client.submit(comment.number, request, services.record_timeout)


async def tell_case_soon(services: Services, tenant: str, comment: Comment) -> None:
    """Tell a case at once if that is quick; a worker does it otherwise.

    Raises:
        StoreDown
    """
    try:
        async with asyncio.timeout(AT_ONCE_FOR.total_seconds()):
            await tell_case(services, tenant, comment)
    except TimeoutError:
        log.info("the case hears of message %s later", comment.id)
