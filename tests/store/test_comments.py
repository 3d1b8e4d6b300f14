"""Comments are read by those whom they are for."""

from datetime import timedelta

import pytest

from domain.language.roles import Actor, ActorKind
from store import Store
from store.comments import Comment, Visibility
from store.errors import Unstorable
from tests.store.sample_cases import DAWN
from tests.support.cases import LIU, SHOP, new_number


async def test_comments_are_read_by_whom_they_are_for(store: Store, tenant: str) -> None:
    number = new_number()
    inner, _ = await store.comments.add(tenant, number, LIU, Visibility.INTERNAL, "要小心")
    outer, _ = await store.comments.add(tenant, number, SHOP, Visibility.PUBLIC, "还没收到")
    assert await store.comments.of(tenant, number, include_internal=True) == [inner, outer]
    assert await store.comments.of(tenant, number, include_internal=False) == [outer]
    assert await store.comments.of(f"not-{tenant}", number, include_internal=True) == []
    assert (inner.author, outer.author) == (LIU, SHOP)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_pages_of_any_length_hold_each_comment_once(
    store: Store, tenant: str, limit: int
) -> None:
    number = new_number()
    for n in range(5):
        await store.comments.add(
            tenant, number, LIU, Visibility(["public", "internal"][n % 2]), "x"
        )
    for internal in (True, False):
        whole = await store.comments.of(tenant, number, include_internal=internal)
        read: list[Comment] = []
        after = None
        while True:
            page = await store.comments.page(
                tenant, number, include_internal=internal, after=after, limit=limit
            )
            assert len(page.items) <= limit
            read += page.items
            if (after := page.next) is None:
                break
        assert read == whole


async def test_the_newest_by_a_moment(store: Store, tenant: str) -> None:
    number = new_number()
    whole = [
        (await store.comments.add(tenant, number, LIU, Visibility.INTERNAL, f"{n}"))[0]
        for n in range(5)
    ]
    for limit in (1, 3, 9):
        for until in whole:
            newest = await store.comments.newest(
                tenant, number, include_internal=True, until=until.at, limit=limit
            )
            assert newest == [each for each in whole if each.at <= until.at][-limit:]


async def test_a_comment_that_cannot_be_kept_is_refused(store: Store, tenant: str) -> None:
    with pytest.raises(Unstorable):
        await store.comments.add(tenant, new_number(), LIU, Visibility.PUBLIC, "a\0b")


async def test_notes_of_another_time_are_added_once_in_their_order(
    store: Store, tenant: str
) -> None:
    number, author = new_number(), Actor(kind=ActorKind.SYSTEM, id="oldsys")
    notes = [
        Comment(f"co-{n}", number, DAWN - timedelta(days=n), author, Visibility.INTERNAL, f"{n}")
        for n in range(3)
    ]
    assert await store.comments.add_earlier(tenant, notes) == 3
    assert await store.comments.add_earlier(tenant, [*notes]) == 0
    assert await store.comments.add_earlier(tenant, []) == 0
    assert await store.comments.of(tenant, number, include_internal=True) == notes[::-1]
    assert await store.comments.of(f"not-{tenant}", number, include_internal=True) == []
