"""Corrections and merges are versions: nothing is overwritten, two at once both count."""

import asyncio
import hashlib
from typing import Any

import pytest

from store import Store
from store.audit.records import By
from store.cases.records import CaseFilter
from store.customers.records import DESK, Contact, CustomerVersion
from store.customers.versions import Requested
from store.db.request_keys import RequestKey
from store.errors import (
    CustomerChanged,
    KeyReused,
    MergedElsewhere,
    NotMerged,
    SameCustomer,
    UnknownCustomer,
    WrongContact,
)
from tests.store import sample_cases
from tests.store.sample_cases import pending_call
from tests.store.test_customers import HOME, MAIL, PHONE, SAME_PHONE, seen, tell
from tests.support.cases import LIU

OTHER = Contact("phone", "139 1111 1111")


def why(tenant: str, reason: str = "他说的", key: str | None = None, body: str = "") -> Requested:
    """A request by Liu."""
    digest = hashlib.sha256((body or reason).encode()).hexdigest()
    return Requested(tenant, By(LIU, reason), digest, RequestKey("staff:liu", key) if key else None)


async def versions(store: Store, tenant: str, ref: str) -> list[CustomerVersion]:
    return await store.customer_versions.of(tenant, ref)


async def correct(store: Store, tenant: str, ref: str, **changes: Any) -> bool:
    return await store.customer_versions.correct(why(tenant), ref, changes)


async def merge(store: Store, tenant: str, ref: str, into: str) -> bool:
    return await store.customer_versions.merge(why(tenant), ref, into)


async def start(store: Store, tenant: str, ref: str, number: str) -> None:
    case = sample_cases.opened(tenant, number=number, customer=ref)
    await store.recorder.write(sample_cases.update_after(case))


async def cases_of(store: Store, tenant: str, ref: str) -> set[str]:
    page = await store.cases.page(tenant, CaseFilter(customer=ref), None, 10)
    return {row.number for row in page.items}


async def test_two_names_on_one_phone_are_two_people(store: Store, tenant: str) -> None:
    wang = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE,))
    li = await tell(store, tenant, "shop", "2", name="李雷", contacts=(SAME_PHONE, MAIL))
    assert li != wang
    assert (await seen(store, tenant, wang)).contacts == (PHONE,)
    assert (await seen(store, tenant, li)).contacts == (PHONE, MAIL)
    for name, ref in (("王小明", wang), (" 王　小明", wang), ("李雷", li), (None, wang)):
        again = await tell(store, tenant, "shop", f"3 {name}", name=name, contacts=(PHONE,))
        assert again == ref
    # Another source: the same two people.
    assert await tell(store, tenant, "crm", "1", name="李雷", contacts=(PHONE,)) == li
    assert await store.customers.with_contact(tenant, "+86 138-0000-0000", 5) == [wang, li]


async def test_two_names_that_come_at_once_are_two_people(store: Store, tenant: str) -> None:
    names = ["王小明", "李雷"] * 5
    found = await asyncio.gather(
        *(
            tell(store, tenant, "shop", f"{n}", name=name, contacts=(PHONE,))
            for n, name in enumerate(names)
        )
    )
    assert len({*found}) == 2
    assert len({*found[::2]}) == len({*found[1::2]}) == 1


async def test_a_correction_is_a_version(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小名", contacts=(PHONE, HOME))
    (first,) = await versions(store, tenant, ref)
    assert (first.n, first.what, first.by, first.record["name"]) == (1, "added", None, "王小名")
    await correct(
        store, tenant, ref, name="王小明", tier="vip", type="person", preferred_channel="email",
        consent={"sms": "refused"}, contacts=(MAIL, OTHER),
    )  # fmt: skip
    now = await seen(store, tenant, ref)
    assert (now.name, now.tier, now.type, now.version) == ("王小明", "vip", "person", 2)
    assert (now.preferred_channel, now.consent) == ("email", {"sms": "refused"})
    assert (now.contacts, now.former) == ((MAIL, OTHER), (PHONE, HOME))
    one, two = await versions(store, tenant, ref)
    assert one.record["contacts"] == [
        {"kind": each.kind, "value": each.value} for each in (PHONE, HOME)
    ]
    assert (one.record["name"], two.record["name"]) == ("王小名", "王小明")
    assert (two.what, two.by, two.reason) == ("corrected", LIU, "他说的")
    # What the shop said stays what it said; both names lead to him, the former number does not.
    assert (await seen(store, tenant, ref, "shop")).name == "王小名"
    assert await store.customers.names(tenant, ref) == ["王小明", "王小名"]
    assert await tell(store, tenant, "shop", "2", name="王小名", contacts=(OTHER,)) == ref
    assert await tell(store, tenant, "shop", "3", contacts=(PHONE,)) != ref
    assert await store.customers.with_contact(tenant, PHONE.value, 5) != [ref]
    (event,) = await store.audit_log.events(tenant, 10, "customer.corrected")
    assert (event.subject, event.details["version"], event.reason) == (ref, 2, "")


async def test_what_changes_nothing_is_no_version(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE,))
    await correct(store, tenant, ref, name="王小明", contacts=(PHONE,))
    assert len(await versions(store, tenant, ref)) == 1
    await correct(store, tenant, ref, contacts=(SAME_PHONE,))
    assert (await seen(store, tenant, ref)).contacts == (SAME_PHONE,)
    await correct(store, tenant, ref, contacts=(MAIL, SAME_PHONE))
    assert (await seen(store, tenant, ref)).contacts == (MAIL, SAME_PHONE)
    await correct(store, tenant, ref, contacts=())
    assert (await seen(store, tenant, ref)).former == (MAIL, SAME_PHONE)
    await correct(store, tenant, ref, contacts=(SAME_PHONE,))
    assert (await seen(store, tenant, ref)).contacts == (SAME_PHONE,)
    assert len(await versions(store, tenant, ref)) == 5


async def test_two_corrections_at_once_both_count(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE,))
    changes: list[dict[str, Any]] = [
        {"tier": "vip"}, {"type": "company"}, {"name": "王"}, {"contacts": (PHONE, MAIL)},
    ]  # fmt: skip
    await asyncio.gather(*(correct(store, tenant, ref, **each) for each in changes))
    now = await seen(store, tenant, ref)
    assert (now.tier, now.type, now.name) == ("vip", "company", "王")
    assert now.contacts == (PHONE, MAIL)
    assert [each.n for each in await versions(store, tenant, ref)] == [1, 2, 3, 4, 5]


async def test_corrections_and_starts_at_once_wait_for_no_one_for_ever(
    store: Store, tenant: str
) -> None:
    ref = await tell(store, tenant, "shop", "0", name="王小明", contacts=(PHONE, MAIL))
    ways: list[tuple[Contact, ...]] = [(PHONE, MAIL), (MAIL, PHONE, OTHER), (OTHER, PHONE, MAIL)]
    starts = (
        tell(store, tenant, "shop", f"{n + 1}", name="王小明", contacts=ways[n % 3])
        for n in range(9)
    )
    corrections = (correct(store, tenant, ref, contacts=ways[n % 3]) for n in range(9))
    found, _ = await asyncio.gather(asyncio.gather(*starts), asyncio.gather(*corrections))
    assert {*found} == {ref}
    assert {*(await seen(store, tenant, ref)).contacts} >= {PHONE, MAIL}


async def test_of_two_who_saw_the_same_version_one_is_told(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明")
    await store.customer_versions.correct(why(tenant), ref, {"tier": "vip"}, seen=(1,))
    with pytest.raises(CustomerChanged) as told:
        await store.customer_versions.correct(why(tenant), ref, {"tier": "member"}, seen=(1,))
    assert told.value.version == 2
    assert (await seen(store, tenant, ref)).tier == "vip"


async def test_a_key_is_for_one_change(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明")
    vip = {"tier": "vip"}
    by = why(tenant, key="k1", body="vip")
    assert [await store.customer_versions.correct(by, ref, vip) for _ in range(2)] == [False, True]
    with pytest.raises(KeyReused):
        await store.customer_versions.correct(why(tenant, key="k1", body="x"), ref, {"tier": None})


async def test_nobody_is_corrected_or_merged(store: Store, tenant: str) -> None:
    ref = await tell(store, tenant, "shop", "1", name="王小明")
    with pytest.raises(UnknownCustomer):
        await correct(store, tenant, "cu-none", tier="vip")
    with pytest.raises(UnknownCustomer):
        await merge(store, tenant, ref, "cu-none")
    with pytest.raises(UnknownCustomer):
        await merge(store, f"{tenant}-other", ref, ref)
    with pytest.raises(UnknownCustomer):
        await versions(store, tenant, "cu-none")
    with pytest.raises(SameCustomer):
        await merge(store, tenant, ref, ref)
    with pytest.raises(NotMerged):
        await store.customer_versions.unmerge(why(tenant), ref)
    with pytest.raises(WrongContact):
        await correct(store, tenant, ref, contacts=(Contact("phone", "\u200b"),))


async def two(store: Store, tenant: str) -> tuple[str, str]:
    """A customer twice, each with a case."""
    one = await tell(store, tenant, "shop", "1", name="王小明", contacts=(PHONE,))
    two = await tell(store, tenant, "crm", "1", name="王晓明", contacts=(OTHER, MAIL))
    await start(store, tenant, one, "TS1")
    await start(store, tenant, two, "TS2")
    return one, two


async def test_a_merge_is_undone(store: Store, tenant: str) -> None:
    one, two_ = await two(store, tenant)
    await correct(store, tenant, two_, tier="vip", consent={"sms": "refused"})
    before = [await seen(store, tenant, each) for each in (one, two_)]
    assert await merge(store, tenant, two_, one) is False
    assert await merge(store, tenant, two_, one) is True
    both = await seen(store, tenant, two_)
    assert both == await seen(store, tenant, one)
    assert (both.ref, both.merged, both.tier) == (one, (two_,), "vip")
    assert both.consent == {"sms": "refused"}
    assert both.contacts == (PHONE, OTHER, MAIL)
    assert await store.customers.names(tenant, two_) == ["王小明", "王晓明"]
    for ref in (one, two_):
        assert await cases_of(store, tenant, ref) == {"TS1", "TS2"}
    assert await store.customers.exactly(tenant, "王晓明", 5) == ([], sorted([one, two_]))
    assert await store.customers.find(tenant, OTHER.value, 5) == [one]
    # Both numbers and both references lead to the one.
    assert await tell(store, tenant, "shop", "2", contacts=(OTHER,)) == one
    assert await tell(store, tenant, "crm", "2", ref=two_) == one
    assert [each.what for each in await versions(store, tenant, one)] == ["added", "merged"]
    assert (await versions(store, tenant, two_))[-1].into == one
    await store.customer_versions.unmerge(why(tenant), two_)
    after = [await seen(store, tenant, each) for each in (one, two_)]
    for was, now in zip(before, after, strict=True):
        assert (was.name, was.contacts, was.tier) == (now.name, now.contacts, now.tier)
        assert was.consent == now.consent
    assert await cases_of(store, tenant, two_) == {"TS2"}
    assert await tell(store, tenant, "shop", "3", contacts=(OTHER,)) == two_
    events = await store.audit_log.events(tenant, 10, "customer.")
    assert {(each.what, each.subject) for each in events} == {
        ("customer.corrected", two_), ("customer.merged", two_), ("customer.unmerged", two_),
    }  # fmt: skip


async def test_what_was_merged_before_goes_along(store: Store, tenant: str) -> None:
    one, two_ = await two(store, tenant)
    three = await tell(store, tenant, "shop", "3", name="王", contacts=(HOME,))
    await merge(store, tenant, two_, one)
    with pytest.raises(MergedElsewhere) as told:
        await merge(store, tenant, two_, three)
    assert told.value.into == one
    with pytest.raises(SameCustomer):
        await merge(store, tenant, one, two_)
    await merge(store, tenant, one, three)
    assert {(await seen(store, tenant, each)).ref for each in (one, two_)} == {three}
    assert await cases_of(store, tenant, two_) == {"TS1", "TS2"}
    await store.customer_versions.unmerge(why(tenant), one)
    assert (await seen(store, tenant, two_)).ref == one
    assert (await seen(store, tenant, three)).merged == ()
    await store.customer_versions.unmerge(why(tenant), two_)
    assert (await seen(store, tenant, two_)).ref == two_


async def test_all_references_lead_to_one_person(store: Store, tenant: str) -> None:
    one, two_ = await two(store, tenant)
    assert await store.customers.persons(tenant, [one, two_]) == {one: one, two_: two_}
    await merge(store, tenant, two_, one)
    assert await store.customers.persons(tenant, [two_, one, "nobody"]) == {two_: one, one: one}
    assert await store.customers.persons("another", [one]) == {}
    await store.customer_versions.unmerge(why(tenant), two_)
    assert await store.customers.persons(tenant, [two_]) == {two_: two_}


async def test_of_two_merges_at_once_one_counts(store: Store, tenant: str) -> None:
    one, two_ = await two(store, tenant)
    outcomes = await asyncio.gather(
        merge(store, tenant, one, two_), merge(store, tenant, two_, one), return_exceptions=True
    )
    assert [each for each in outcomes if each is False] == [False]
    assert len({(await seen(store, tenant, each)).ref for each in (one, two_)}) == 1


async def test_notices_go_where_the_customer_wishes(store: Store, tenant: str) -> None:
    texted = Contact("sms", "138 0000 0000")
    ref = await tell(store, tenant, DESK, "1", name="王", contacts=(PHONE, texted, MAIL))

    async def channel(number: str) -> str | None:
        await store.outbox.prepare(pending_call(tenant, ref, number))
        (row,) = await store.outbox.of(tenant, number)
        return row.channel

    assert await channel("TS1") == "phone"
    await correct(store, tenant, ref, preferred_channel="email")
    assert await channel("TS2") == "email"
    refused = {"email": "refused", "phone": "refused"}
    await correct(store, tenant, ref, consent=refused, preferred_channel=None)
    assert await channel("TS3") == "sms"
    await correct(store, tenant, ref, consent=dict.fromkeys(("email", "phone", "sms"), "refused"))
    assert await channel("TS4") is None
