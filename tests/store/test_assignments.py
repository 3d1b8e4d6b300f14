"""Cases that wait to be assigned by rule, what people have, and decisions that none makes twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.assignment import Skill
from store import Store
from store.assignments.records import Assignment, WaitingRow
from store.db.clock import utc_now
from store.errors import UnknownStaff
from store.people.records import Profile
from tests.store import sample_cases

TEAMS = {"2026-1": ["complaints"]}
GAS = Skill(kind=("complaint",), product_line=("gas",))


async def wait(store: Store, tenant: str, n: int, **differs: Any) -> list[str]:
    """Record complaints that nobody has, each received a minute later."""
    numbers = []
    for index in range(n):
        received = sample_cases.DAWN + index * sample_cases.MINUTE
        made = sample_cases.update_after(sample_cases.opened(tenant, received))
        row = made.case.model_copy(update=differs)
        await store.recorder.write(made.model_copy(update={"case": row}))
        numbers.append(row.number)
    return numbers


async def hire(store: Store, tenant: str, id: str, capacity: int = 2) -> Profile:
    if not await store.people.teams(tenant):
        await store.people.add_team(tenant, "complaints", "投诉组")
    await store.people.add_staff(tenant, id, id, ["agent"], ["complaints"])
    skills = [Skill()]
    change = store.profiles.change
    return (await change(tenant, id, skills=skills, capacity=capacity, on_duty=True))[0]


def decided(tenant: str, row: WaitingRow, person: str = "liu") -> Assignment:
    return Assignment(
        tenant=tenant,
        number=row.number,
        etag=row.etag,
        attempt=row.attempts + 1,
        task=row.task,
        person=person,
        reason="技能匹配",
        decided_at=utc_now(),
    )


async def waiting(store: Store, tenant: str) -> list[str]:
    return [row.number for row in await store.assignments.waiting(tenant, TEAMS, None, 100)]


async def test_what_waits_comes_in_the_order_of_lists_page_by_page(
    store: Store, tenant: str
) -> None:
    numbers = await wait(store, tenant, 5)
    first = await store.assignments.waiting(tenant, TEAMS, None, 2)
    assert [row.number for row in first] == numbers[:2]
    after = (first[-1].rank.isoformat(), first[-1].number)
    rest = await store.assignments.waiting(tenant, TEAMS, after, 10)
    assert [row.number for row in rest] == numbers[2:]
    assert {"agent", "seat"} <= set(first[0].candidates)
    assert await store.assignments.waiting(tenant, {}, None, 10) == []
    assert await store.assignments.waiting(tenant, {"2026-1": ["returns"]}, None, 10) == []
    assert await store.assignments.waiting(f"not-{tenant}", TEAMS, None, 10) == []


@pytest.mark.parametrize(
    "differs",
    [
        {"assignee": "liu"},
        {"waits_on": "customer"},
        {"held_until": sample_cases.DAWN},
        {"closed_at": sample_cases.DAWN},
        {"policy_version": "2026-1-office"},
        {"team": "returns"},
    ],
    ids=str,
)
async def test_others_do_not_wait(store: Store, tenant: str, differs: dict[str, Any]) -> None:
    await wait(store, tenant, 1, **differs)
    assert await waiting(store, tenant) == []


async def test_a_profile_is_kept_and_written_down_once(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu")
    profile, changed = await store.profiles.change(tenant, "liu", skills=[GAS], capacity=3)
    assert changed
    assert (profile.skills, profile.capacity, profile.on_duty) == ((GAS,), 3, True)
    assert await store.profiles.get(tenant, "liu") == profile
    assert (await store.profiles.change(tenant, "liu", on_duty=True)) == (profile, False)
    assert await store.profiles.get(tenant, "nobody") == Profile("nobody")
    with pytest.raises(UnknownStaff):
        await store.profiles.change(tenant, "nobody", capacity=1)
    (liu,) = await store.assignments.agents(tenant)
    assert (liu.id, liu.load, liu.skills) == ("liu", 0, (GAS,))
    assert liu.teams == {"complaints"}
    assert tenant in await store.assignments.tenants()


async def test_whoever_leaves_is_off_duty(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu")
    await store.people.change(tenant, "liu", active=False)
    assert await store.assignments.agents(tenant) == []
    await store.people.change(tenant, "liu", active=True)
    assert not (await store.profiles.get(tenant, "liu")).on_duty


async def test_what_is_decided_counts_until_it_is_recorded(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu")
    await wait(store, tenant, 1, assignee="liu")
    one, two = await wait(store, tenant, 2)
    first, second = await store.assignments.waiting(tenant, TEAMS, None, 10)
    assert await store.assignments.decide(decided(tenant, first))
    assert await waiting(store, tenant) == [two]
    (liu,) = await store.assignments.agents(tenant)
    assert liu.load == 2
    assert not await store.assignments.decide(decided(tenant, second)), "there is no room"
    await store.assignments.settle(decided(tenant, first))
    assert (await store.assignments.agents(tenant))[0].load == 2
    assert one not in await waiting(store, tenant)


async def test_a_decision_is_made_once_for_a_version_of_a_case(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu", 10)
    await hire(store, tenant, "zhang", 10)
    await wait(store, tenant, 1)
    (row,) = await store.assignments.waiting(tenant, TEAMS, None, 10)
    both = [decided(tenant, row), decided(tenant, row, "zhang")]
    done = await asyncio.gather(*(store.assignments.decide(each) for each in both))
    assert sorted(done) == [False, True]
    (kept,) = await store.assignments.pending(tenant, utc_now())
    assert kept == both[done.index(True)]


async def test_of_many_at_once_none_gives_anybody_more_than_they_can_carry(
    store: Store, tenant: str
) -> None:
    await hire(store, tenant, "liu", 3)
    await wait(store, tenant, 8)
    rows = await store.assignments.waiting(tenant, TEAMS, None, 10)
    done = await asyncio.gather(*(store.assignments.decide(decided(tenant, row)) for row in rows))
    assert sum(done) == 3
    assert (await store.assignments.agents(tenant))[0].load == 3


async def test_nothing_is_decided_for_whoever_went(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu")
    await wait(store, tenant, 1)
    (row,) = await store.assignments.waiting(tenant, TEAMS, None, 10)
    await store.profiles.change(tenant, "liu", on_duty=False)
    assert not await store.assignments.decide(decided(tenant, row))
    assert tenant not in await store.assignments.tenants()


async def test_a_refused_decision_is_made_again_later_under_another_request(
    store: Store, tenant: str
) -> None:
    await hire(store, tenant, "liu")
    await wait(store, tenant, 1)
    (row,) = await store.assignments.waiting(tenant, TEAMS, None, 10)
    first = decided(tenant, row)
    assert await store.assignments.decide(first)
    await store.assignments.settle(first, "not_a_candidate")
    assert await waiting(store, tenant) == []
    assert (await store.assignments.agents(tenant))[0].load == 0
    later = Store(store._sessions, lambda: utc_now() + timedelta(minutes=2))
    (again,) = await later.assignments.waiting(tenant, TEAMS, None, 10)
    second = decided(tenant, again)
    assert second.request != first.request
    assert await store.assignments.decide(second)
    assert not await store.assignments.decide(first)


async def test_the_earlier_agent_is_whoever_had_the_newest_case(store: Store, tenant: str) -> None:
    await wait(store, tenant, 2, customer="c1", assignee="liu", closed_at=sample_cases.DAWN)
    await wait(store, tenant, 1, customer="c2", assignee="zhang")
    earlier = store.assignments.earlier_agent
    assert await earlier(tenant, "c1", sample_cases.DAWN) == "liu"
    assert await earlier(tenant, "c2", sample_cases.DAWN) == "zhang"
    assert await earlier(tenant, "c1", sample_cases.DAWN + timedelta(days=1)) is None


async def test_what_is_settled_is_deleted_in_time(store: Store, tenant: str) -> None:
    await hire(store, tenant, "liu")
    await wait(store, tenant, 2)
    rows = await store.assignments.waiting(tenant, TEAMS, None, 10)
    for row in rows:
        assert await store.assignments.decide(decided(tenant, row))
    await store.assignments.settle(decided(tenant, rows[0]))
    assert await store.assignments.prune(utc_now() + timedelta(seconds=1)) >= 1
    assert len(await store.assignments.pending(tenant, utc_now())) == 1
