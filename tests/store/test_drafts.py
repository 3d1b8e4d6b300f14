"""Drafts: the newest counter wins, whatever comes late, and what was sent is not revived."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from itertools import permutations

import pytest

from store import Store
from store.db.clock import utc_now
from store.drafts.records import Draft, DraftEnd

NOTE = "TS2026/note"


@pytest.fixture
async def other(url: str, store: Store) -> AsyncIterator[Store]:
    """The store of another process."""
    del store  # it has made the tables
    opened = await Store.open(url)
    yield opened
    await opened.close()


async def save(store: Store, tenant: str, counter: int, text: str = "") -> tuple[Draft, bool]:
    content = (("text", text or f"text {counter}"), ("tag", "a"), ("tag", "b"))
    return await store.drafts.save(tenant, "liu", NOTE, content, counter, number="TS2026")


async def text_of(store: Store, tenant: str) -> str | None:
    draft = await store.drafts.get(tenant, "liu", NOTE)
    return draft.content[0][1] if draft and draft.content else None


async def test_it_is_read_back_as_it_was(store: Store, tenant: str) -> None:
    saved, is_saved = await store.drafts.save(
        tenant, "liu", NOTE, (("text", "字\0 \n"),), 3, number="TS2026", version=7
    )
    assert is_saved
    assert await store.drafts.get(tenant, "liu", NOTE) == saved
    assert await store.drafts.of(tenant, "liu") == [saved]
    assert await store.drafts.get(tenant, "chen", NOTE) is None
    assert await store.drafts.of(tenant, "chen") == []
    assert await store.drafts.of("another", "liu") == []


async def test_an_older_one_that_comes_late_changes_nothing(store: Store, tenant: str) -> None:
    for order in permutations((1, 2, 3)):
        own = f"{tenant}-{''.join(map(str, order))}"
        came = [await save(store, own, counter) for counter in order]
        assert await text_of(store, own) == "text 3"
        highest = [max(order[: place + 1]) for place in range(3)]
        assert [draft.counter for draft, _ in came] == highest
        assert [is_saved for _, is_saved in came] == [
            counter == most for counter, most in zip(order, highest, strict=True)
        ]


@pytest.mark.parametrize("how", DraftEnd)
async def test_what_was_sent_is_not_revived(store: Store, tenant: str, how: DraftEnd) -> None:
    await save(store, tenant, 4)
    assert await store.drafts.end(tenant, "liu", NOTE, 5, how)
    for late in (3, 5):
        draft, is_saved = await save(store, tenant, late)
        assert (draft.content, draft.ended, is_saved) == (None, how, False)
    assert await store.drafts.of(tenant, "liu") == []
    _, is_saved = await save(store, tenant, 6, "another text")
    assert is_saved
    assert await text_of(store, tenant) == "another text"
    assert not await store.drafts.end(tenant, "liu", NOTE, 5, how), "that was the one before"
    assert await text_of(store, tenant) == "another text"


async def test_one_may_be_sent_before_its_first_save_came(store: Store, tenant: str) -> None:
    assert await store.drafts.end(tenant, "liu", NOTE, 2, DraftEnd.SENT)
    _, is_saved = await save(store, tenant, 1)
    assert not is_saved
    assert await text_of(store, tenant) is None


async def test_sending_and_saving_at_once(store: Store, other: Store, tenant: str) -> None:
    """Whichever comes first, what was sent is no draft any more."""
    for attempt in range(20):
        own = f"{tenant}-{attempt}"
        stores = (store, other) if attempt % 2 else (other, store)
        await asyncio.gather(
            save(stores[0], own, 1),
            stores[1].drafts.end(own, "liu", NOTE, 2, DraftEnd.SENT),
        )
        assert await text_of(store, own) is None


async def test_saves_of_two_processes_at_once(store: Store, other: Store, tenant: str) -> None:
    await asyncio.gather(
        *(save((store, other)[counter % 2], tenant, counter) for counter in range(1, 30))
    )
    assert await text_of(store, tenant) == "text 29"


async def test_the_authors_other_pages_hear_of_one_more_and_one_less(
    store: Store, tenant: str
) -> None:
    reader = store.changes.reader()
    await reader.begin()
    for counter in (1, 2):
        await save(store, tenant, counter)
    await store.drafts.end(tenant, "liu", NOTE, 3, DraftEnd.SENT)
    told = [each[2:] for each in await reader.read() if each.tenant == tenant]
    assert told == [("draft", NOTE, 0, "liu")] * 2


async def test_what_is_old_is_deleted(store: Store, tenant: str) -> None:
    await save(store, tenant, 1)
    await store.drafts.prune(utc_now() - timedelta(days=1))
    assert await text_of(store, tenant) is not None
    assert await store.drafts.prune(utc_now() + timedelta(seconds=1)) > 0
    assert await text_of(store, tenant) is None


async def test_what_was_not_seen_is_neither_replaced_nor_ended(store: Store, tenant: str) -> None:
    def tab(counter: int, known: tuple[int, ...]) -> Awaitable[tuple[Draft, bool]]:
        content = (("text", f"tab {counter}"),)
        return store.drafts.save(tenant, "liu", NOTE, content, counter, known=known)

    assert (await tab(1, ()))[1]
    there, is_saved = await tab(2, ())
    assert (there.counter, is_saved) == (1, False)
    assert not await store.drafts.end(tenant, "liu", NOTE, 3, DraftEnd.SENT, known=(2,))
    assert await text_of(store, tenant) == "tab 1"
    assert (await tab(4, (1, 2)))[1]
    assert not (await tab(4, (4,)))[1], "the same save again"
    assert await store.drafts.end(tenant, "liu", NOTE, 5, DraftEnd.SENT, known=(4,))
    assert (await tab(6, ()))[1], "what has ended is in nobody's way"
