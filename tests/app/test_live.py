"""Open pages: each is told what changed, as far as its reader may see it now, and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app import live, subscription
from app.authentication import Principal
from app.live import LiveFeed
from domain.engine.case import Case
from domain.language.roles import ActorKind
from domain.read_models.projection import case_view
from store import Store
from store.comments import Visibility
from tests.app.live_pages import PATIENCE, TENANT, opened, person
from tests.store import sample_cases
from tests.store.test_batches import batch
from tests.support.cases import CHEN, LIU, SHOP
from tests.support.cases import request as asking

QUIET = 3 * live.POLL_SECONDS
"""Seconds after which a page that heard nothing will not hear of what is past."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}", migrate=True)
    yield opened
    await opened.close()


@pytest.fixture
async def feed(store: Store) -> AsyncIterator[LiveFeed]:
    made = LiveFeed(store)
    yield made
    await made.close()


async def case(store: Store, tenant: str = TENANT) -> Case:
    made = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(made))
    return made


async def moved(store: Store, made: Case) -> str:
    """The number of the case, which moves on."""
    last = made.last.seq
    sample_cases.applied(made, asking("m1", ("accept", {}), actor=CHEN))
    await store.recorder.write(sample_cases.update_after(made, last))
    return made.opening.number


@asynccontextmanager
async def hidden(store: Store) -> AsyncIterator[None]:
    """The table of changes is not there for a while."""
    for before, after in (("changes", "hidden"), ("hidden", "changes")):
        async with store._sessions.writing() as connection:
            await connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
        if after == "hidden":
            yield


async def quiet() -> None:
    """So long that a page was told of all that changed before."""
    await asyncio.sleep(QUIET)


async def row(store: Store, made: Case, version: int, **more: object) -> str:
    """The number of the case, whose row is another one now."""
    view = case_view(sample_cases.COMPLAINT, made)
    changed = sample_cases.only_case(view, kind="repair", last_seq=version, **more)
    await store.recorder.write(changed)
    return made.opening.number


async def test_a_page_hears_what_changes(store: Store, feed: LiveFeed) -> None:
    who = await person(store, "liu.yang", "agent")
    made = await case(store)
    async with opened(feed, who) as page:
        number = await moved(store, made)
        change = await page.hears("case", number)
        assert change.version == made.last.seq
        assert await page.hears("inbox")
        await store.comments.add(TENANT, number, SHOP, Visibility.PUBLIC, "Well?")
        await store.comments.add(TENANT, number, LIU, Visibility.INTERNAL, "For us.")
        await page.hears("comment", number)
        assert (await page.hears("note", number)).version == 0
        ids = [each.id for each in page.told]
        assert ids == sorted(ids)
        assert change.id <= await feed.newest()


async def test_it_hears_of_its_own_cases_and_that_lists_changed(
    store: Store, feed: LiveFeed
) -> None:
    who = await person(store, "liu.yang", "agent")
    mine, other = await case(store), await case(store)
    async with opened(feed, who, numbers={mine.opening.number}) as page:
        number = await moved(store, other)
        await page.hears("inbox")
        await store.comments.add(TENANT, number, LIU, Visibility.INTERNAL, "For us.")
        await page.hears("case", await moved(store, mine))
        await quiet()
        assert page.names(number) == []


async def test_lists_are_told_of_once_in_a_while(store: Store, feed: LiveFeed) -> None:
    """However much changes, counts are asked for again only so often; the last change counts."""
    who = await person(store, "liu.yang", "agent")
    loop = asyncio.get_running_loop()
    async with opened(feed, who, numbers=set()) as page:
        began = loop.time()
        while loop.time() - began < 2.5 * subscription.INBOX_SECONDS[1]:
            await case(store)
        took = loop.time() - began
        most = 1 + took / subscription.INBOX_SECONDS[0]
        told = len(page.told)
        assert 2 <= told <= most
        await case(store)
        await page.until(lambda: len(page.told) > told)
    assert {each.name for each in page.told} == {"inbox"}


async def test_each_hears_only_what_they_see(store: Store, feed: LiveFeed) -> None:
    """A vendor, another tenant's agent, and colleagues of different rights."""
    names = ("liu.yang", "agent"), ("vendor.a", "vendor"), ("zhou.hang", "management")
    staff = {id: await person(store, id, role) for id, role in names}
    stranger = await person(store, "li.na", "agent", tenant="another")
    made = await case(store)
    number = made.opening.number
    async with (
        opened(feed, staff["liu.yang"]) as agent,
        opened(feed, staff["vendor.a"]) as vendor,
        opened(feed, staff["zhou.hang"]) as manager,
        opened(feed, stranger) as other,
    ):
        await moved(store, made)
        await store.comments.add(TENANT, number, LIU, Visibility.INTERNAL, "For us.")
        await store.presence.renew(TENANT, number, "liu.yang", writing=True)
        await store.drafts.save(TENANT, "liu.yang", f"{number}/note", (("body", "…"),), 1)
        await store.batches.add(batch(TENANT, 1), [number])
        await manager.hears("batch", "b1")
        await agent.hears("draft", f"{number}/note")
        await quiet()
        assert sorted(agent.names(number)) == ["case", "note"], "one's own presence is no news"
        assert sorted(manager.names(number)) == ["case", "note", "presence"]
        assert not manager.names(f"{number}/note")
        assert not agent.names("b1")
        assert vendor.told == other.told == []


async def test_a_vendor_hears_of_a_case_while_it_is_theirs(store: Store, feed: LiveFeed) -> None:
    vendor, other = [await person(store, id, "vendor") for id in ("vendor.a", "vendor.b")]
    made = await case(store)
    number = await row(store, made, 2, state="received")
    async with opened(feed, vendor) as page, opened(feed, other) as others:
        await row(store, made, 3, state="dispatched")
        assert (await page.hears("case", number)).version == 3
        await others.hears("case", number)
        await row(store, made, 4, state="taken", assignee="vendor.a")
        await page.until(lambda: page.names(number) == ["case", "case"])
        assert (await others.hears("gone", number)).version == 4
        await store.comments.add(TENANT, number, LIU, Visibility.INTERNAL, "For us.")
        await row(store, made, 5, state="diagnosing", assignee="vendor.a")
        await page.until(lambda: page.names(number) == ["case"] * 3)
        await quiet()
        assert others.names(number) == ["case", "gone"]
        assert page.names(number) == ["case"] * 3, "a note is for our own people"


async def test_who_was_let_go_hears_nothing_more(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, although who reads would not be asked again for long."""
    monkeypatch.setattr(subscription, "READER_SECONDS", 3600.0)
    who, stays = await person(store, "liu.yang", "agent"), await person(store, "chen.min", "seat")
    made = await case(store)
    async with opened(feed, who) as page, opened(feed, stays) as other:
        await store.people.change(TENANT, "liu.yang", active=False)
        number = await moved(store, made)
        await page.until(lambda: page.ended)
        assert page.told == []
        await other.hears("case", number)
        assert not other.ended


async def test_who_reads_is_asked_again_now_and_then(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody says that something was changed, and where nothing is to be told."""
    for name in ("IDLE_SECONDS", "QUIET_SECONDS"):
        monkeypatch.setattr(subscription, name, 0.05)
    monkeypatch.setattr(subscription, "READER_SECONDS", 0.05)
    who, may = await person(store, "liu.yang", "agent"), True

    async def while_allowed() -> Principal | None:
        return await who() if may else None

    async with opened(feed, while_allowed) as page:
        may = False
        await page.until(lambda: page.ended)


async def test_other_roles_make_another_page(store: Store, feed: LiveFeed) -> None:
    who = await person(store, "liu.yang", "agent")
    made = await case(store)
    async with opened(feed, who) as page:
        await store.people.change(TENANT, "liu.yang", roles=["vendor"])
        await page.hears("reload")
        number = await moved(store, made)
        await quiet()
        assert page.names(number) == []


async def test_who_comes_back_hears_what_was_missed(store: Store, feed: LiveFeed) -> None:
    who = await person(store, "liu.yang", "agent")
    made = await case(store)
    async with opened(feed, who) as page:
        change = await page.hears("case", await moved(store, made))
        seen = (await page.hears("inbox")).id
        assert change.id < seen, "only with the last of several it has heard of all"
    numbers = [(await case(store)).opening.number for _ in range(3)]
    async with opened(feed, who, after=seen) as page:
        for number in numbers:
            await page.hears("case", number)
        assert page.names(made.opening.number) == []
        last = (await page.hears("inbox")).id
    async with opened(feed, who, after=last) as page:
        await quiet()
        assert page.told == []


async def test_who_was_away_too_long_loads_anew(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await person(store, "liu.yang", "agent")
    await case(store)
    monkeypatch.setattr(live, "MOST_MISSED", 3)
    for _ in range(4):
        await case(store)
    for after in (0, await feed.newest() + 5):
        async with opened(feed, who, after=after) as page:
            await page.hears("reload")
            number = (await case(store)).opening.number
            await page.hears("case", number)
            assert [each.name for each in page.told if each.name != "inbox"] == ["reload", "case"]


async def test_a_slow_page_does_not_grow(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes one change, and the next only when much has changed: it loads anew."""
    monkeypatch.setattr(subscription, "MOST_WAITING", 5)
    who = await person(store, "liu.yang", "agent")
    async with aclosing(feed.subscribe(who)) as slow:
        assert [each.name for each in await anext(slow)] == ["open"]
        (subscribed,) = feed._subscriptions
        async with opened(feed, who) as quick:
            for _ in range(10):
                await quick.hears("case", (await case(store)).opening.number)
                assert len(subscribed._waiting) <= 5
        assert [each.name for each in await anext(slow)] == ["reload"]
        number = (await case(store)).opening.number
        assert [each.number for each in await anext(slow)] == [number, None]


async def test_the_feed_is_read_only_while_somebody_listens(store: Store, feed: LiveFeed) -> None:
    who = await person(store, "liu.yang", "agent")
    for _ in range(2):
        async with opened(feed, who) as page:
            assert feed._poller is not None
            assert not feed._poller.done()
            number = (await case(store)).opening.number
            await page.hears("case", number)
        await asyncio.wait_for(feed._poller, PATIENCE)
        assert feed._subscriptions == set()


async def test_only_staff_listen(feed: LiveFeed) -> None:
    shop = Principal(TENANT, ActorKind.SYSTEM, "shop")

    async def a_system() -> Principal | None:
        return shop

    async def nobody() -> Principal | None:
        return None

    for who in (a_system, nobody):
        assert [each async for each in feed.subscribe(who)] == []


async def test_somebody_else_under_the_same_session_is_nobody(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "READER_SECONDS", 0.0)
    who = await person(store, "liu.yang", "agent")
    asked = 0

    async def another() -> Principal | None:
        nonlocal asked
        asked += 1
        found = await who()
        return found if found is None or asked == 1 else replace(found, id="chen.min")

    async with opened(feed, another) as page:
        await case(store)
        await page.until(lambda: page.ended)
        assert page.told == []


async def test_the_store_is_waited_for(
    store: Store, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is away nothing is told; then pages load anew and hear on."""
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.05)
    who = await person(store, "liu.yang", "agent")
    async with opened(feed, who) as page:
        async with hidden(store):
            await asyncio.sleep(2 * live.POLL_SECONDS)
        await page.hears("reload")
        number = (await case(store)).opening.number
        await page.hears("case", number)


async def test_pages_end_with_the_process(store: Store, feed: LiveFeed) -> None:
    who = await person(store, "liu.yang", "agent")
    async with opened(feed, who) as page, opened(feed, who) as other:
        await feed.close()
        for each in (page, other):
            await asyncio.wait_for(each.task, PATIENCE)
    assert [each async for each in feed.subscribe(who)] == []
