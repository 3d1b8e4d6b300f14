"""Open pages, as the live feed serves them: what each was told, and who reads it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from app.authentication import Principal, staff_principal
from app.live import LiveFeed
from app.subscription import Change, WhoReads
from store import Store

TENANT = "default"
PATIENCE = 20.0
"""Seconds after which a page that hears nothing fails its test."""


class Page:
    """An open page: what it was told so far."""

    def __init__(self, changes: AsyncIterator[Sequence[Change]]) -> None:
        self._changes, self.told = changes, list[Change]()
        self.ended = False
        self._told_more = asyncio.Condition()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for told in self._changes:
                async with self._told_more:
                    self.told += told
                    self._told_more.notify_all()
        finally:
            async with self._told_more:
                self.ended = True
                self._told_more.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._told_more:
            await self._told_more.wait_for(true)

    async def hears(self, name: str, number: str | None = None) -> Change:
        """The change of this name and number, as soon as it is told."""

        def those() -> list[Change]:
            return [each for each in self.told if (each.name, each.number) == (name, number)]

        await self.until(lambda: bool(those()))
        return those()[-1]

    def names(self, number: str) -> list[str]:
        return [each.name for each in self.told if each.number == number]


@asynccontextmanager
async def opened(
    feed: LiveFeed, who: WhoReads, after: int | None = None, numbers: set[str] | None = None
) -> AsyncIterator[Page]:
    """A page that listens by now."""
    page = Page(feed.subscribe(who, after, numbers))
    try:
        await page.hears("open")
        page.told.remove(page.told[0])
        yield page
    finally:
        page.task.cancel()
        await asyncio.gather(page.task, return_exceptions=True)


async def person(store: Store, id: str, *roles: str, tenant: str = TENANT) -> WhoReads:
    """Somebody on the staff, as a session knows them: as they are now, or nobody."""
    await store.people.add_staff(tenant, id, id, roles)

    async def who() -> Principal | None:
        found = await store.people.get(tenant, id)
        return staff_principal(tenant, found) if found and found.active else None

    return who
