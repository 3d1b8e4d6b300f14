"""Staff, teams and keys: who is at the door, and what they may do today."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from store import Store
from store.db.request_keys import RequestKey
from store.errors import KeyReused, StoreError, Taken, UnknownKey, UnknownStaff, UnknownTeam
from store.people.keys import Keys
from store.people.records import KeyOwner, OwnerKind, Staff, Team
from store.people.tables import api_keys
from tests.store.sample_cases import DAWN
from tests.store.test_audit_log import cover

LIU = KeyOwner(OwnerKind.STAFF, "liu")
SHOP = KeyOwner(OwnerKind.SYSTEM, "shop")


async def hire(store: Store, tenant: str) -> Staff:
    await store.people.add_team(tenant, "north", "北区")
    return await store.people.add_staff(tenant, "liu", "刘洋", ["seat", "agent"], ["north"])


async def test_somebody_new(store: Store, tenant: str) -> None:
    liu = await hire(store, tenant)
    assert liu == Staff("liu", "刘洋", ("agent", "seat"), True, ("north",))
    assert await store.people.get(tenant, "liu") == liu
    chen = await store.people.add_staff(tenant, "chen", "陈敏", [])
    assert await store.people.list(tenant) == [chen, liu]
    assert await store.people.teams(tenant) == [Team("north", "北区")]
    assert await store.people.list(f"not-{tenant}") == []


async def test_people_change(store: Store, tenant: str) -> None:
    await hire(store, tenant)
    await store.people.add_team(tenant, "south", "南区")
    assert (await store.people.change(tenant, "liu", roles=["lead"])).roles == ("lead",)
    assert (await store.people.change(tenant, "liu", team_ids=["south"])).teams == ("south",)
    left = await store.people.change(tenant, "liu", active=False)
    assert left == Staff("liu", "刘洋", ("lead",), False, ("south",))
    assert await store.people.get(tenant, "liu") == left


async def test_slips_are_refused(store: Store, tenant: str) -> None:
    await hire(store, tenant)
    with pytest.raises(Taken, match="liu"):
        await store.people.add_staff(tenant, "liu", "又一个", [])
    with pytest.raises(Taken, match="north"):
        await store.people.add_team(tenant, "north", "又一个")
    with pytest.raises(UnknownTeam, match="west"):
        await store.people.add_staff(tenant, "li", "李", [], ["north", "west"])
    with pytest.raises(UnknownTeam):
        await store.people.change(tenant, "liu", roles=["lead"], team_ids=["west"])
    kept = await store.people.get(tenant, "liu")
    assert kept is not None
    assert kept.roles == ("agent", "seat")
    for change in (
        store.people.change(tenant, "li", active=True),
        store.people.change(tenant, "li", roles=[]),
        store.people.change(tenant, "li", team_ids=[]),
        store.keys.add(tenant, KeyOwner(OwnerKind.STAFF, "li")),
    ):
        with pytest.raises(UnknownStaff, match="li"):
            await change
    await store.people.change(tenant, "liu", active=False)
    with pytest.raises(UnknownStaff, match="liu has left"):
        await store.keys.add(tenant, LIU)


async def test_a_request_is_known_again_before_and_after_its_event_is_sealed(
    store: Store, tenant: str
) -> None:
    key = RequestKey("staff:root", "k1")

    async def add(name: str, id: str = "liu") -> str:
        try:
            await store.people.add_staff(tenant, id, name, ["agent"], request_key=key)
        except StoreError as error:
            return type(error).__name__
        return "added"

    at_once = await asyncio.gather(*(add("刘洋") for _ in range(4)))
    assert sorted(at_once) == ["Repeated", "Repeated", "Repeated", "added"]
    for _ in range(2):
        assert await add("刘洋") == "Repeated"
        assert await add("别人") == "KeyReused"
        assert await add("刘洋", "li") == "KeyReused"
        with pytest.raises(KeyReused):
            await store.people.add_team(tenant, "liu", "刘洋", request_key=key)
        await store.audit_sealer.seal(tenant, 100, cover)
    assert [each.id for each in await store.people.list(tenant)] == ["liu"]
    two = await asyncio.gather(*(other_key(store, tenant, id) for id in ("one", "two")))
    assert sorted(two) == ["KeyReused", "added"]


async def other_key(store: Store, tenant: str, id: str) -> str:
    """Two people under one key at the same time: one is added."""
    try:
        key = RequestKey("staff:root", "k2")
        await store.people.add_staff(tenant, id, id, [], request_key=key)
    except KeyReused:
        return "KeyReused"
    return "added"


async def test_a_key_says_who_is_at_the_door(store: Store, tenant: str) -> None:
    await hire(store, tenant)
    shop_id, shop = await store.keys.add(tenant, SHOP)
    liu_id, liu = await store.keys.add(tenant, LIU)
    system, person = await store.keys.find(shop), await store.keys.find(liu)
    assert system is not None
    assert person is not None
    assert (system.tenant, system.key_id, system.owner) == (tenant, shop_id, SHOP)
    assert (system.name, system.roles, system.active) == ("shop", (), True)
    assert (person.key_id, person.name, person.roles) == (liu_id, "刘洋", ("agent", "seat"))
    assert (person.teams, person.active) == (("north",), True)


async def test_roles_are_those_of_today(store: Store, tenant: str) -> None:
    await hire(store, tenant)
    _, liu = await store.keys.add(tenant, LIU)
    await store.people.change(tenant, "liu", roles=["lead"], active=False)
    record = await store.keys.find(liu)
    assert record is not None
    assert (record.roles, record.active) == (("lead",), False)


async def test_a_wrong_key_is_nobodys(store: Store, tenant: str) -> None:
    id, key = await store.keys.add(tenant, SHOP)
    assert key.startswith(f"bj_{id}_")
    for wrong in ("", "bj", f"bj_{id}", f"bj_{id}_", f"bj_{id}_x", key[:-1], f"x{key}", "bj_a\0_b"):
        assert await store.keys.find(wrong) is None


async def test_a_revoked_key_opens_nothing(store: Store, tenant: str) -> None:
    id, key = await store.keys.add(tenant, SHOP)
    other, still = await store.keys.add(tenant, SHOP)
    await store.keys.revoke(tenant, id)
    revoked_at = next(i.revoked_at for i in await store.keys.list(tenant) if i.id == id)
    await store.keys.revoke(tenant, id)
    assert await store.keys.find(key) is None
    assert await store.keys.find(still) is not None
    infos = {info.id: info.revoked_at for info in await store.keys.list(tenant)}
    assert infos == {id: revoked_at, other: None}
    assert revoked_at is not None
    with pytest.raises(UnknownKey):
        await store.keys.revoke(f"not-{tenant}", other)


async def test_an_expired_key_opens_nothing(store: Store, tenant: str) -> None:
    now = [DAWN]
    keys = Keys(store._sessions, lambda: now[0])
    id, key = await keys.add(tenant, SHOP)
    async with store._sessions.writing() as connection:
        expiring = update(api_keys).where(api_keys.c.tenant == tenant, api_keys.c.id == id)
        await connection.execute(expiring.values(expires_at=DAWN + timedelta(hours=1)))
    assert await keys.find(key) is not None
    now[0] += timedelta(hours=1)
    assert await keys.find(key) is None


async def test_the_key_itself_is_not_kept(store: Store, tenant: str) -> None:
    _, key = await store.keys.add(tenant, SHOP)
    secret = key.rsplit("_", 1)[-1]
    assert secret not in repr(await store.keys.list(tenant))
