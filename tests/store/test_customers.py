"""Whose data is whose: a source reads what it gave itself, our own desk reads everything."""

import asyncio
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from store import Store
from store.customers.records import DESK, Contact, Customer, CustomerInput
from store.customers.tables import contact_points, contact_sources, point_holders
from store.errors import UnknownCustomer
from tests.store.sample_cases import DAWN, MINUTE, reservation

_minutes = count()

PHONE = Contact("phone", "138 0000 0000")
SAME_PHONE = Contact("phone", "+86 13800000000")
MAIL = Contact("email", "wang@example.com")
HOME = Contact("address", "南京路 1 号")


async def tell(store: Store, tenant: str, source: str, key: str, **given: Any) -> str:
    """The customer of a start by this source."""
    now = DAWN + next(_minutes) * MINUTE
    wanted = reservation((source, key), source=source, now=now, customer=CustomerInput(**given))
    reserved = await store.intake.reserve(tenant, wanted)
    assert reserved.customer is not None
    return reserved.customer


async def seen(store: Store, tenant: str, ref: str, source: str | None = None) -> Customer:
    found = await store.customers.get(tenant, ref, source)
    assert found is not None
    return found


async def test_a_source_reads_only_what_it_gave(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE, MAIL, HOME))
    again = await tell(store, tenant, "feedback", "1", contacts=(SAME_PHONE,))
    assert again == ref
    assert await seen(store, tenant, ref, "shop") == Customer(ref, "王小明", (PHONE, MAIL, HOME))
    assert await seen(store, tenant, ref, "feedback") == Customer(ref, None, (SAME_PHONE,))
    assert await seen(store, tenant, ref, "crm") == Customer(ref, None, ())
    assert await seen(store, tenant, ref) == Customer(ref, "王小明", (PHONE, MAIL, HOME))


async def test_a_source_does_not_complete_anothers_name(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", contacts=(PHONE,))
    await tell(store, tenant, "feedback", "1", name="王大明", contacts=(PHONE, MAIL))
    assert await seen(store, tenant, ref, "shop") == Customer(ref, None, (PHONE,))
    assert (await seen(store, tenant, ref, "feedback")).name == "王大明"
    assert await seen(store, tenant, ref) == Customer(ref, "王大明", (PHONE, MAIL))
    other = await tell(store, tenant, "shop", "2", name="王小明", contacts=(PHONE,))
    assert other != ref
    assert await seen(store, tenant, ref, "shop") == Customer(ref, None, (PHONE,))
    assert await seen(store, tenant, other, "shop") == Customer(other, "王小明", (PHONE,))


async def test_a_reference_is_for_those_who_know_the_customer(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE,))
    with pytest.raises(UnknownCustomer):
        await tell(store, tenant, "feedback", "1", ref=ref)
    assert await tell(store, tenant, "shop", "2", ref=ref) == ref
    assert await tell(store, tenant, DESK, "1", ref=ref) == ref
    await tell(store, tenant, "feedback", "1", contacts=(PHONE,))
    assert await tell(store, tenant, "feedback", "2", ref=ref) == ref


async def test_anothers_contact_point_says_nothing_of_this_customer(
    store: Store, tenant: str
) -> None:
    one = await tell(store, tenant, "shop", "1", contacts=(PHONE,))
    two = await tell(store, tenant, "shop", "2", contacts=(MAIL,))
    assert one != two
    both = await tell(store, tenant, "feedback", "1", contacts=(PHONE, MAIL))
    assert both == one
    assert (await seen(store, tenant, one, "feedback")).contacts == (PHONE,)
    assert (await seen(store, tenant, two, "feedback")).contacts == ()
    with pytest.raises(UnknownCustomer):
        await tell(store, tenant, "feedback", "2", ref=two)


async def test_one_number_for_calls_and_messages_is_one_customer(store: Store, tenant: str) -> None:
    texted = Contact("sms", "+86 138-0000-0000")
    ref = await tell(store, tenant, "shop", "1", contacts=(PHONE,))
    assert await tell(store, tenant, "feedback", "1", contacts=(texted,)) == ref
    assert await tell(store, tenant, "feedback", "2", contacts=(PHONE,)) == ref
    assert (await seen(store, tenant, ref, "shop")).contacts == (PHONE,)
    assert (await seen(store, tenant, ref, "feedback")).contacts == (PHONE, texted)
    other = Contact("sms", "139 0000 0000")
    first = await tell(store, tenant, "shop", "2", contacts=(other,))
    assert first != ref
    assert (await seen(store, tenant, first)).contacts == (other,)
    assert await tell(store, tenant, "crm", "1", contacts=(Contact("phone", other.value),)) == first


async def test_numbers_that_came_at_once_are_one_customer(store: Store, tenant: str) -> None:
    kinds = ["phone", "sms"] * 5
    found = await asyncio.gather(
        *(
            tell(store, tenant, "shop", f"{n}", contacts=(Contact(kind, "13800000000"),))
            for n, kind in enumerate(kinds)
        )
    )
    assert len(set(found)) == 1


async def test_a_number_that_was_kept_before_as_one_for_messages_only_still_matches(
    store: Store, tenant: str
) -> None:
    texted = Contact("sms", "13800000000")
    ref = await tell(store, tenant, "shop", "1", contacts=(texted,))
    # As it was written before a number was one for calls and messages alike.
    await forget_point(store, tenant, "phone", "13800000000")
    assert await tell(store, tenant, "feedback", "1", contacts=(texted,)) == ref
    await forget_point(store, tenant, "phone", "13800000000")
    assert await tell(store, tenant, "crm", "1", contacts=(SAME_PHONE,)) == ref


async def forget_point(store: Store, tenant: str, kind: str, normal: str) -> None:
    async with store._sessions.writing() as connection:
        for table in (point_holders, contact_points):
            point = table.c
            mine = (point.tenant == tenant, point.kind == kind, point.normal == normal)
            gone = await connection.execute(delete(table).where(*mine))
            assert gone.rowcount == 1


@pytest.mark.parametrize("kind", ["phone", "sms"])
@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ("1065120002", "010-65120002"),
        ("861065120002", "+86 10 6512 0002"),
        ("013800000000", "13800000000"),
        ("442079460958", "+44 20 7946 0958"),
        ("85223456789", "+852 2345 6789"),
    ],
)
async def test_what_is_stored_in_an_earlier_spelling_goes_on_matching(
    store: Store, tenant: str, kind: str, stored: str, given: str
) -> None:
    one = Contact(kind, given)
    ref = await tell(store, tenant, "shop", "1", contacts=(one,))
    await respell(store, tenant, stored)
    for key, spelt in enumerate([one, Contact("phone", given), Contact("sms", f" {given} ")]):
        assert await tell(store, tenant, "feedback", f"{key}", contacts=(spelt,)) == ref
    assert (await seen(store, tenant, ref, "shop")).contacts == (one,)


async def test_placeholders_are_kept_and_join_nobody(store: Store, tenant: str) -> None:
    zero = Contact("phone", "00000000000")
    one = await tell(store, tenant, "shop", "1", name="甲", contacts=(zero,))
    two = await tell(store, tenant, "shop", "2", name="乙", contacts=(zero,))
    assert one != two
    assert (await seen(store, tenant, one)).contacts == (zero,)
    three = await tell(store, tenant, "shop", "3", contacts=(PHONE, zero))
    assert await tell(store, tenant, "shop", "4", contacts=(zero, PHONE)) == three
    assert (await seen(store, tenant, three)).contacts == (PHONE, zero)


async def respell(store: Store, tenant: str, normal: str) -> None:
    """Write the number of the only customer as an earlier release had it."""
    points, mine = contact_points.c, contact_points.c.tenant == tenant
    async with store._sessions.writing() as connection:
        old = (await connection.execute(select(contact_points).where(mine))).mappings().all()
        await connection.execute(insert(contact_points), [{**row, "normal": normal} for row in old])
        for table in (contact_sources, point_holders):
            await connection.execute(
                update(table).where(table.c.tenant == tenant).values(normal=normal)
            )
        await connection.execute(delete(contact_points).where(mine, points.normal != normal))


@pytest.mark.parametrize(
    "typed",
    ["王小", "王小明", "13800000000", "138 0000", "+86 138-0000-0000", "wang@example.com"],
)
async def test_a_customer_is_found_while_it_is_typed(store: Store, tenant: str, typed: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE, MAIL))
    other = await tell(
        store, tenant, "shop", "2", name="李王小", contacts=(Contact("phone", "13911111111"),)
    )
    assert other != ref
    assert await store.customers.find(tenant, typed, 5) == [ref]


@pytest.mark.parametrize("typed", ["明", "138000000001", "wang@", "王_", "无", "0", "（）"])
async def test_nobody_is_found_by_less(store: Store, tenant: str, typed: str) -> None:
    await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE, MAIL))
    assert await store.customers.find(tenant, typed, 5) == []
    assert await store.customers.find("elsewhere", "王小明", 5) == []
