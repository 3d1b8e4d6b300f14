"""Assigns cases by rule beside a worker; there may be one in each of many workers."""

import asyncio
import logging
from typing import Final

from app.assignment import RuleAssigner
from app.services import Services
from store.errors import StoreDown

log = logging.getLogger("banjie.assignment")

POLL_SECONDS: Final = 1.0
"""Seconds between two looks at whether anything changed."""


async def run_assigner(services: Services) -> None:
    """Assign until cancelled; a database that is down is waited for."""
    assigner = RuleAssigner(services)
    while True:
        given = 0
        try:
            given = await assigner.once()
        except* StoreDown as errors:
            log.warning("%s", errors.exceptions[0])
        except* Exception:
            # The worker does more than this; it is looked again.
            log.exception("assigning by rule did not come to its end")
        if not given:
            await asyncio.sleep(POLL_SECONDS)
