"""Presence: viewing is not writing, and both end by themselves."""

from datetime import timedelta

import pytest

from store import Store
from store.presence import LEASE
from tests.support.moved_clock import MovedClock

NUMBER = "TS2026"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def staffed(timed: Store, tenant: str) -> str:
    """A tenant with two agents."""
    for id, name in (("liu.yang", "刘洋"), ("chen.min", "陈敏")):
        await timed.people.add_staff(tenant, id, name, ["agent"])
    return tenant


async def there(store: Store, tenant: str) -> dict[str, bool]:
    return {each.id: each.writing for each in await store.presence.at(tenant, NUMBER)}


async def test_who_views_does_not_write(timed: Store, staffed: str, clock: MovedClock) -> None:
    await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
    clock.ahead += SECOND
    await timed.presence.renew(staffed, NUMBER, "chen.min", writing=True)
    chen, liu = await timed.presence.at(staffed, NUMBER)
    assert (chen.id, chen.name, chen.writing) == ("chen.min", "陈敏", True)
    assert (liu.id, liu.name, liu.writing) == ("liu.yang", "刘洋", False)
    assert liu.since < chen.since
    assert await timed.presence.at(staffed, "TS2027") == []
    assert await timed.presence.at("another", NUMBER) == []


async def test_it_ends_by_itself_unless_it_is_renewed(
    timed: Store, staffed: str, clock: MovedClock
) -> None:
    await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=True)
    since = (await timed.presence.at(staffed, NUMBER))[0].since
    for _ in range(5):
        clock.ahead += 5 * SECOND
        await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
        assert "liu.yang" in await there(timed, staffed)
    (present,) = await timed.presence.at(staffed, NUMBER)
    assert (present.writing, present.since) == (False, since)
    clock.ahead += LEASE
    assert await there(timed, staffed) == {}
    await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
    (present,) = await timed.presence.at(staffed, NUMBER)
    assert present.since > since, "it is another visit"


async def test_one_window_views_while_another_writes(
    timed: Store, staffed: str, clock: MovedClock
) -> None:
    for _ in range(4):
        await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=True)
        await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
        assert await there(timed, staffed) == {"liu.yang": True}
        clock.ahead += 5 * SECOND
    await timed.presence.leave(staffed, NUMBER, "liu.yang")
    assert await there(timed, staffed) == {}


async def test_who_has_left_the_staff_is_gone(timed: Store, staffed: str) -> None:
    await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
    await timed.people.change(staffed, "liu.yang", active=False)
    assert await there(timed, staffed) == {}


async def test_others_hear_who_comes_writes_and_goes(
    timed: Store, staffed: str, clock: MovedClock
) -> None:
    reader = timed.changes.reader()
    await reader.begin()

    async def told() -> int:
        return sum(each.name == "presence" for each in await reader.read())

    assert await told() == 0
    for writing, news in ((False, 1), (False, 0), (True, 1), (True, 0), (False, 0)):
        await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=writing)
        assert await told() == news
        clock.ahead += 7 * SECOND
    await timed.presence.leave(staffed, NUMBER, "liu.yang")
    await timed.presence.leave(staffed, NUMBER, "liu.yang")
    assert await told() == 1


async def test_what_ended_is_deleted(timed: Store, staffed: str, clock: MovedClock) -> None:
    await timed.presence.renew(staffed, NUMBER, "liu.yang", writing=False)
    await timed.presence.prune(clock())
    assert "liu.yang" in await there(timed, staffed)
    assert await timed.presence.prune(clock() + LEASE + SECOND) > 0
