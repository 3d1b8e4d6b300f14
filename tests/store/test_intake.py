"""A start happens once: one key, one number, one customer."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domain.case_numbers import is_case_number
from store import Store
from store.customers.records import Contact, CustomerInput
from store.errors import KeyReused, NumbersUsedUp, UnknownCustomer, Unstorable, WrongContact
from store.intake.intake import LEASE, Intake
from store.intake.records import AnsweredStart, Reserved, StoredResponse
from tests.store import sample_cases
from tests.store.sample_cases import customer_input, reservation

AGAIN = LEASE + timedelta(microseconds=1)


async def test_a_start_gets_a_number_and_a_customer(store: Store, tenant: str) -> None:
    reserved = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    assert reserved.new
    assert is_case_number(reserved.number)
    assert reserved.number.startswith("TS20260302")
    assert reserved.customer is not None
    customer = await store.customers.get(tenant, reserved.customer)
    assert customer is not None
    assert (customer.name, customer.contacts) == (
        "王小明",
        (Contact("phone", "138 0000 0000"),),
    )


async def test_while_the_first_is_at_it_the_second_waits(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    second = await store.intake.reserve(
        tenant, reservation(customer=customer_input(), now=sample_cases.DAWN + LEASE / 2)
    )
    assert second == Reserved(first.number, first.customer, new=False, in_progress=True)


async def test_after_a_crash_the_same_number_is_started_again(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    later = reservation(customer=customer_input(), now=sample_cases.DAWN + AGAIN)
    assert await store.intake.reserve(tenant, later) == Reserved(
        first.number, first.customer, new=False
    )
    # The lease is the second one's now.
    assert (await store.intake.reserve(tenant, later)).in_progress


async def test_the_first_answer_is_said_again(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(tenant, reservation())
    await store.intake.record_response(
        tenant, first.number, 201, {"case": {"number": first.number}}
    )
    await store.intake.record_response(tenant, first.number, 202, None)
    again = await store.intake.reserve(tenant, reservation(now=sample_cases.DAWN + 100 * AGAIN))
    answer = StoredResponse(201, {"case": {"number": first.number}})
    assert again == Reserved(first.number, None, new=False, answered=answer)
    assert await store.intake.answered(tenant) == [AnsweredStart(first.number, 201)]
    assert await store.intake.answered(tenant, after=first.number) == []


@pytest.mark.parametrize("given", [{"key": ("shop", "k")}, {"key": None, "ref": ("shop", "R")}])
async def test_the_same_key_with_another_body_is_refused(
    store: Store, tenant: str, given: dict[str, Any]
) -> None:
    first = await store.intake.reserve(tenant, reservation(**given))
    with pytest.raises(KeyReused, match="used before"):
        await store.intake.reserve(tenant, reservation(**given, digest="d2"))
    assert (await store.intake.reserve(tenant, reservation(**given))).number == first.number


async def test_whether_it_came_before_is_asked_without_starting(store: Store, tenant: str) -> None:
    wanted = reservation(ref=("shop", "R"))
    assert await store.intake.find(tenant, wanted) is None
    assert await store.intake.find(tenant, wanted) is None
    first = await store.intake.reserve(tenant, wanted)
    again = await store.intake.find(tenant, wanted)
    assert again == Reserved(first.number, None, new=False, in_progress=True)
    with pytest.raises(KeyReused):
        await store.intake.find(tenant, reservation(ref=("shop", "R"), digest="d2"))
    later = reservation(ref=("shop", "R"), now=sample_cases.DAWN + AGAIN)
    assert await store.intake.find(tenant, later) == Reserved(first.number, None, new=False)


async def test_a_key_is_its_clients_and_its_tenants(store: Store, tenant: str) -> None:
    one = await store.intake.reserve(tenant, reservation(ref=("shop", "R")))
    client = await store.intake.reserve(tenant, reservation(key=("crm", "k"), ref=("crm", "R")))
    other = await store.intake.reserve(f"not-{tenant}", reservation(ref=("shop", "R"), digest="d2"))
    assert one.new
    assert client.new
    assert other.new
    assert len({one.number, client.number, other.number}) == 3


async def test_either_name_leads_to_the_case(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(tenant, reservation("k1", ref=("shop", "R")))
    by_ref = await store.intake.reserve(tenant, reservation("k2", ref=("shop", "R")))
    by_new_key = await store.intake.reserve(tenant, reservation("k2"))
    assert {first.number} == {by_ref.number, by_new_key.number}
    another = await store.intake.reserve(tenant, reservation("k3"))
    assert another.new
    with pytest.raises(KeyReused):
        await store.intake.reserve(tenant, reservation("k3", ref=("shop", "R")))


async def test_a_start_without_a_name_is_a_slip(store: Store, tenant: str) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        await store.intake.reserve(tenant, reservation(None))


async def test_twenty_at_once_get_one_number(store: Store, tenant: str) -> None:
    wanted = reservation(ref=("shop", "R"), customer=customer_input())
    all_of_them = await asyncio.gather(*(store.intake.reserve(tenant, wanted) for _ in range(20)))
    assert Counter(reserved.new for reserved in all_of_them) == {True: 1, False: 19}
    assert len({(reserved.number, reserved.customer) for reserved in all_of_them}) == 1
    assert sum(reserved.in_progress for reserved in all_of_them) == 19


async def test_twenty_callers_with_one_phone_are_one_customer(store: Store, tenant: str) -> None:
    spellings = ("13800000000", "+86 138-0000-0000", "138 0000 0000", "0086 13800000000")
    starts = (reservation(f"k{n}", customer=customer_input(spellings[n % 4])) for n in range(20))
    all_of_them = await asyncio.gather(*(store.intake.reserve(tenant, each) for each in starts))
    assert all(reserved.new for reserved in all_of_them)
    assert len({reserved.customer for reserved in all_of_them}) == 1


async def test_a_known_customer_is_named_by_reference(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(tenant, reservation("k1", customer=customer_input()))
    again = reservation("k2", customer=CustomerInput(ref=first.customer))
    assert (await store.intake.reserve(tenant, again)).customer == first.customer
    with pytest.raises(UnknownCustomer):
        await store.intake.reserve(f"not-{tenant}", again)
    # What was refused left nothing behind.
    assert (await store.intake.reserve(f"not-{tenant}", reservation("k2"))).new


async def test_what_is_learned_of_a_customer_is_added(store: Store, tenant: str) -> None:
    first = await store.intake.reserve(
        tenant, reservation("k1", customer=customer_input(name=None))
    )
    mail = Contact("email", "Wang@Example.com ")
    both = CustomerInput(name="王小明", contacts=(Contact("phone", "13800000000"), mail))
    await store.intake.reserve(tenant, reservation("k2", customer=both))
    third = CustomerInput(name="王 小明", contacts=(Contact("email", "wang@example.COM"),))
    found = await store.intake.reserve(tenant, reservation("k3", customer=third))
    assert found.customer == first.customer
    customer = await store.customers.get(tenant, found.customer or "")
    assert customer is not None
    assert customer.name == "王小明"
    assert customer.contacts == (Contact("phone", "138 0000 0000"), mail)


async def test_a_name_alone_is_a_customer_and_nothing_is_none(store: Store, tenant: str) -> None:
    named = await store.intake.reserve(tenant, reservation("k1", customer=CustomerInput(name="王")))
    assert named.customer is not None
    assert (await store.intake.reserve(tenant, reservation("k2"))).customer is None
    assert await store.customers.get(tenant, "cu-none") is None


async def test_data_that_cannot_be_kept_is_refused(store: Store, tenant: str) -> None:
    with pytest.raises(WrongContact):
        await store.intake.reserve(tenant, reservation(customer=customer_input(phone="\u200b ")))
    with pytest.raises(Unstorable):
        await store.intake.reserve(tenant, reservation(customer=customer_input(name="a\0b")))
    with pytest.raises(Unstorable):
        await store.intake.reserve(tenant, reservation("k\0"))


async def test_a_number_that_is_taken_is_drawn_again(store: Store, tenant: str) -> None:
    asked: list[int] = []

    def unlucky(digits: int) -> str:
        asked.append(digits)
        return "7" * digits

    intake = Intake(store._sessions, lambda: sample_cases.DAWN, draw=unlucky)
    tenants = [f"{tenant}-{n}" for n in range(4)]
    numbers = [(await intake.reserve(each, reservation())).number for each in tenants]
    assert [len(number) for number in numbers] == [17, 18, 19, 20]
    assert asked == [6, *[6] * 4, 7, *[6] * 4, *[7] * 4, 8, *[6] * 4, *[7] * 4, *[8] * 4, 9]
    with pytest.raises(NumbersUsedUp):
        await intake.reserve(tenant, reservation())


async def test_references_that_came_before_are_known_with_their_numbers(
    store: Store, tenant: str
) -> None:
    start = reservation(key=None, ref=("oldsys", "OLD-1"))
    reserved = await store.intake.reserve(tenant, start)
    asked = ["OLD-1", "OLD-2"]
    known = await store.intake.known_refs(tenant, "oldsys", asked)
    assert known == {"OLD-1": (reserved.number, start.digest)}
    assert await store.intake.known_refs(tenant, "othersys", asked) == {}
    assert await store.intake.known_refs(f"not-{tenant}", "oldsys", asked) == {}
    assert await store.intake.known_refs(tenant, "oldsys", []) == {}
