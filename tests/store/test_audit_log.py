"""The audit log has each entry once, events with what they log, and one sealer at a time."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from domain.engine.chain import entry_hash
from domain.language.roles import Actor, ActorKind
from store import Store
from store.audit.records import BY_SYSTEM, By, CheckpointRow, EventFilter, Leaf
from store.audit.tables import audit, audit_waiting
from store.cases.tables import entries
from store.db.pages import Cursor
from store.errors import AuditLogDamaged, Taken, UnknownKey, UnknownStaff
from store.people.records import KeyOwner, OwnerKind
from tests.store import sample_cases

ROOT = By(Actor(kind=ActorKind.STAFF, id="root", roles=("administrator",)), "She left.")


def cover(last: CheckpointRow, fresh: Sequence[Leaf]) -> CheckpointRow:
    """A checkpoint of no meaning, for sealing alone."""
    n = last.n + 1
    return CheckpointRow(n=n, count=last.count + len(fresh), peaks="", document=f"checkpoint {n}")


async def test_each_entry_waits_once_and_is_sealed_once(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    told = list(sample_cases.updates(case))
    for batch in (*told, *told):
        await store.recorder.write(batch)
    number, hashes = case.opening.number, [entry_hash(entry) for entry in case.entries]
    assert await store.audit_reader.waiting(tenant, number) == dict(enumerate(hashes, start=1))
    assert tenant in await store.audit_sealer.tenants()
    sealed = await store.audit_sealer.seal(tenant, 100, cover)
    assert sealed == CheckpointRow(n=1, count=len(hashes), peaks="", document="checkpoint 1")
    assert tenant not in await store.audit_sealer.tenants()
    assert tenant in await store.audit_sealer.sealed_tenants()
    rows = await store.audit_reader.of(tenant, number)
    assert [(leaf.seq, leaf.hash) for _, leaf in rows] == list(enumerate(hashes, start=1))
    assert [row for row, _ in rows] == list(range(1, len(hashes) + 1))
    assert await store.audit_sealer.seal(tenant, 100, cover) is None


async def test_an_entry_that_is_written_anew_keeps_its_place(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    await store.audit_sealer.seal(tenant, 100, cover)
    before = await store.audit_reader.page(tenant, 0, 100)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(entries.delete().where(entries.c.tenant == tenant))
    await store.recorder.write(sample_cases.update_after(case))
    assert await store.audit_sealer.waiting(tenant, 10) == 1
    assert await store.audit_sealer.seal(tenant, 100, cover) is None
    assert await store.audit_sealer.waiting(tenant, 10) == 0
    assert await store.audit_reader.page(tenant, 0, 100) == before
    assert (await store.audit_sealer.newest(tenant)).n == 1


async def test_sealing_goes_on_in_parts_without_a_gap(store: Store, tenant: str) -> None:
    for _ in range(3):
        await store.recorder.write(
            sample_cases.update_after(sample_cases.classified(sample_cases.opened(tenant)))
        )
    counts = []
    while sealed := await store.audit_sealer.seal(tenant, 4, cover):
        counts.append(sealed.count)
    assert counts == [4, 8, 9]
    page = await store.audit_reader.page(tenant, 2, 5)
    assert [position for position, _ in page] == [3, 4, 5, 6, 7]
    assert await store.audit_reader.last(tenant) == 9
    assert [each.n for each in await store.audit_sealer.after(tenant, 1)] == [2, 3]


async def test_of_many_who_seal_at_once_each_row_gets_one_place(url: str, tenant: str) -> None:
    stores = [await Store.open(url) for _ in range(4)]
    case = sample_cases.opened(tenant)
    for batch in sample_cases.updates(case):
        await stores[0].recorder.write(batch)
    made = await asyncio.gather(*(each.audit_sealer.seal(tenant, 3, cover) for each in stores * 3))
    ns = sorted(each.n for each in made if each)
    assert ns == list(range(1, len(ns) + 1))
    while last := await stores[0].audit_sealer.seal(tenant, 3, cover):
        assert last.n == len(ns) + 1
        ns.append(last.n)
    positions = [position for position, _ in await stores[0].audit_reader.page(tenant, 0, 100)]
    assert positions == list(range(1, len(case.entries) + 1))
    for each in stores:
        await each.close()


async def test_what_is_done_to_staff_and_keys_is_written_down(store: Store, tenant: str) -> None:
    await store.people.add_team(tenant, "north", "北区", ROOT)
    await store.people.add_staff(tenant, "liu", "刘洋", ["agent"], ["north"], ROOT)
    id, _ = await store.keys.add(tenant, KeyOwner(OwnerKind.STAFF, "liu"))
    await store.people.change(tenant, "liu", active=False, team_ids=[], by=ROOT)
    for _ in range(2):
        await store.keys.revoke(tenant, id, ROOT)
    acts = await store.audit_log.events(tenant, 100)
    assert [(act.what, act.subject, act.details) for act in reversed(acts)] == [
        ("team.added", "north", {}),
        ("staff.added", "liu", {"roles": ["agent"], "teams": ["north"]}),
        ("key.added", id, {"for": "staff", "owner": "liu", "roles": []}),
        ("staff.changed", "liu", {"active": False, "teams": []}),
        ("key.revoked", id, {}),
    ]
    assert [act.reason for act in acts if act.what != "key.added"] == ["She left."] * 4
    assert {act.actor for act in acts} == {ROOT.actor, BY_SYSTEM.actor}
    assert "刘洋" not in str(acts)
    assert [act.what for act in await store.audit_log.events(tenant, 1, "staff")] == [
        "staff.changed"
    ]


async def test_what_was_refused_leaves_no_act(store: Store, tenant: str) -> None:
    await store.people.add_team(tenant, "north", "北区")
    with pytest.raises(Taken):
        await store.people.add_team(tenant, "north", "北区")
    with pytest.raises(UnknownKey):
        await store.keys.revoke(tenant, "nobody's")
    await store.people.add_staff(tenant, "liu", "刘洋", ["agent"])
    await store.people.change(tenant, "liu", active=False)
    with pytest.raises(UnknownStaff):
        await store.keys.add(tenant, KeyOwner(OwnerKind.STAFF, "liu"))
    acts = await store.audit_log.events(tenant, 100)
    assert [act.what for act in reversed(acts)] == ["team.added", "staff.added", "staff.changed"]


async def test_acts_are_told_sealed_or_not_the_newest_first(store: Store, tenant: str) -> None:
    await store.audit_log.add(tenant, ROOT.actor, "export.made", "ocel", "audit", {"cases": 3})
    await store.audit_sealer.seal(tenant, 10, cover)
    await store.audit_log.add(tenant, ROOT.actor, "policy.moved", "2027-1")
    newest, oldest = await store.audit_log.events(tenant, 10)
    assert (newest.what, newest.position) == ("policy.moved", None)
    assert (oldest.what, oldest.position, oldest.details) == ("export.made", 1, {"cases": 3})


async def test_pages_of_acts_go_on_where_they_ended(store: Store, tenant: str) -> None:
    liu = Actor(kind=ActorKind.STAFF, id="liu_1%")
    for at in range(5):
        actor = liu if at % 2 else ROOT.actor
        await store.audit_log.add(tenant, actor, "key.added", f"k-{at}")
        if at == 2:
            await store.audit_sealer.seal(tenant, 10, cover)
    everything = await subjects(store, tenant, EventFilter())
    assert everything[:2] == ["k-4", "k-3"], "what waits comes first, the newest before all"
    assert sorted(everything) == [f"k-{at}" for at in range(5)]
    assert await subjects(store, tenant, EventFilter(actor="liu_1%")) == ["k-3", "k-1"]
    assert await subjects(store, tenant, EventFilter(actor="liu")) == [], "whole ids only"
    assert await subjects(store, tenant, EventFilter(subject="k-2")) == ["k-2"]
    assert await subjects(store, tenant, EventFilter("key.revoked")) == []


async def subjects(store: Store, tenant: str, which: EventFilter) -> list[str]:
    """Return the subjects of all events of the filter, read two at a time."""
    read: list[str] = []
    after: Cursor | None = None
    while True:
        page = await store.audit_log.page(tenant, which, after, 2)
        assert len(page.items) <= 2
        read += [event.subject for event in page.items]
        if (after := page.next) is None:
            return read


async def test_an_act_that_cannot_be_read_is_named_in_its_page(store: Store, tenant: str) -> None:
    spoilt = await store.audit_log.add(tenant, ROOT.actor, "key.added", "k-1")
    await store.audit_sealer.seal(tenant, 10, cover)
    await store.audit_log.add(tenant, ROOT.actor, "key.added", "k-2")
    broken = update(audit).where(audit.c.tenant == tenant, audit.c.id == spoilt.id)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(broken.values(body='{"actor":1,"what":"key.added"}'))
    page = await store.audit_log.page(tenant, EventFilter(), None, 10)
    assert [event.subject for event in page.items] == ["k-2"]
    assert (page.corrupt, page.next) == ((spoilt.id,), None)


async def test_a_position_is_covered_by_the_first_checkpoint_behind_it(
    store: Store, tenant: str
) -> None:
    for count in (2, 1, 3):
        for at in range(count):
            await store.audit_log.add(tenant, ROOT.actor, "key.added", f"k-{at}")
        await store.audit_sealer.seal(tenant, 10, cover)
    covering = [await store.audit_sealer.covering(tenant, position) for position in (1, 3, 4, 7)]
    assert [row and row.n for row in covering] == [1, 2, 3, None]
    newest = await store.audit_sealer.page(tenant, None, 2)
    assert [(row.n, row.count) for row in newest] == [(3, 6), (2, 3)]
    assert [row.n for row in await store.audit_sealer.page(tenant, 2, 2)] == [1]


async def test_a_view_is_written_down_once_a_day(store: Store, tenant: str) -> None:
    liu, day = Actor(kind=ActorKind.STAFF, id="liu"), date(2026, 3, 2)
    for when in (day, day, day + timedelta(days=1)):
        await store.audit_log.add_customer_viewed(tenant, liu, "cu-1", when)
    await store.audit_sealer.seal(tenant, 10, cover)
    await store.audit_log.add_customer_viewed(tenant, liu, "cu-1", day)
    await store.audit_sealer.seal(tenant, 10, cover)
    assert [act.subject for act in await store.audit_log.events(tenant, 10, "customer.viewed")] == [
        "cu-1",
        "cu-1",
    ]


async def test_an_act_that_cannot_be_read_is_told(store: Store, tenant: str) -> None:
    await store.audit_log.add(tenant, ROOT.actor, "export.made", "ocel")
    broken = update(audit_waiting).where(audit_waiting.c.tenant == tenant)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(broken.values(body='{"what":"export'))
    with pytest.raises(AuditLogDamaged):
        await store.audit_log.events(tenant, 10)


@pytest.mark.parametrize("body", ["{", None, '{"actor":1,"what":"export.made"}'])
async def test_acts_that_can_be_read_are_told_beside_those_that_cannot(
    store: Store, tenant: str, body: str | None
) -> None:
    spoilt = await store.audit_log.add(tenant, ROOT.actor, "export.made", "ocel")
    await store.audit_sealer.seal(tenant, 10, cover)
    other = await store.audit_log.add(tenant, ROOT.actor, "export.made", "xes")
    assert (await store.audit_log.readable_events(tenant, 10))[1] == []
    broken = update(audit).where(audit.c.tenant == tenant, audit.c.id == spoilt.id)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(broken.values(body=body))
    acts, left_out = await store.audit_log.readable_events(tenant, 10, "export")
    assert ([act.id for act in acts], left_out) == ([other.id], [spoilt.id])
