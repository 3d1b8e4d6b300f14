"""Messages and people for tests of what is typed on pages."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.authentication import Principal, staff_principal
from domain.engine.task_actions import notified_text
from store import Store
from store.db.clock import utc_now
from store.scheduled.records import ScheduledMessage
from tests.web.site import Site
from worker.message_sender import MessageSender

TENANT = "default"


async def caller_of(site: Site, person: str) -> Principal:
    """Return one of the staff as use cases know them."""
    found = await site.callers.store.people.get(TENANT, person)
    assert found is not None
    return staff_principal(TENANT, found)


async def said(site: Site, number: str) -> list[str]:
    """Return what the case's history says that the customer was told."""
    entries = await site.callers.store.entries.of(TENANT, number)
    return [text for text in map(notified_text, entries) if text is not None]


async def scheduled(site: Site, number: str, person: str = "liu.yang") -> list[ScheduledMessage]:
    """Return somebody's messages about a case that are not sent."""
    listed = await site.callers.store.scheduled_messages.of_author(TENANT, person)
    return [each for each in listed if each.number == number]


async def send_what_is_due(site: Site, later: timedelta = timedelta()) -> None:
    """Send all messages that are due by a clock that is so far ahead."""

    def clock() -> datetime:
        return utc_now() + later

    store = await Store.open(site.callers.engine.url, clock=clock)
    try:
        sender = MessageSender(replace(site.app.state.services, store=store), clock)
        while await sender.once():
            pass
    finally:
        await store.close()
