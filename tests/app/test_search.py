"""A search finds what the text is exactly, else where it occurs, and only what the caller sees."""

from itertools import count
from typing import Any

import pytest

from app.authentication import Principal
from app.errors import Forbidden, NumberMisread, Unacceptable
from app.search import LONGEST, Found, FoundBy, search
from app.services import Services
from domain.language.roles import ActorKind
from domain.read_models.projection import projection_update
from store.customers.records import Contact, CustomerInput
from tests.store import sample_cases
from tests.store.sample_cases import reservation
from tests.support.cases import LIU, request

pytestmark = pytest.mark.xdist_group("app")

TENANTS, KEYS = count(1), count(1)
PHONE = "138 1234 5678"


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"search-{next(TENANTS)}"


def staff(tenant: str, id: str, *roles: str) -> Principal:
    return Principal(tenant, ActorKind.STAFF, id, roles=roles)


async def recorded(services: Services, tenant: str, words: str, **more: Any) -> str:
    """The number of a complaint by Wang Xiaoming, who can be called."""
    given = CustomerInput(name="王小明", contacts=(Contact("phone", PHONE),))
    reserved = await services.store.intake.reserve(
        tenant, reservation(f"k-{next(KEYS)}", now=sample_cases.DAWN, source="desk", customer=given)
    )
    fields = {"number": reserved.number, "customer": reserved.customer, **more}
    case = sample_cases.opened(tenant, form={"words": words}, **fields)
    await services.store.recorder.write(projection_update(sample_cases.COMPLAINT, case, 0))
    return reserved.number


def by_number(found: Found) -> dict[str, FoundBy]:
    return {each.row.number: each.by for each in found.items}


async def viewed(services: Services, tenant: str) -> list[tuple[str, str]]:
    """Who saw whose record, by the access log."""
    events = await services.store.audit_log.events(tenant, 100, "customer.viewed")
    return [(event.actor.id, event.subject) for event in events]


async def test_a_number_is_found_however_it_is_given(services: Services, tenant: str) -> None:
    number = await recorded(services, tenant, "屏坏了")
    await recorded(services, tenant, f"同 {number} 一样")
    liu = staff(tenant, "liu.yang", "agent")
    for text in (
        number,
        number.lower(),
        f" {number[:2]} {number[2:10]}-{number[10:]} ",
        number[2:],
    ):
        assert by_number(await search(services, liu, text)) == {number: FoundBy.NUMBER}, text
    ending = by_number(await search(services, liu, number[-6:]))
    assert ending[number] is FoundBy.NUMBER
    assert await viewed(services, tenant) == []


async def test_a_number_that_was_misread_is_told(services: Services, tenant: str) -> None:
    number = await recorded(services, tenant, "屏坏了")
    liu = staff(tenant, "liu.yang", "agent")
    misread = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    with pytest.raises(NumberMisread):
        await search(services, liu, misread)
    case = await recorded(services, tenant, "又坏了", order=misread)
    assert by_number(await search(services, liu, misread)) == {case: FoundBy.ORDER}


async def test_what_the_text_is_comes_before_where_it_occurs(
    services: Services, tenant: str
) -> None:
    by_ref = await recorded(services, tenant, "一", external_ref="AB-7")
    in_words = await recorded(services, tenant, "订单 ab-7 没到")
    by_order = await recorded(services, tenant, "订单 ab-7 没到", order="AB-7")
    by_product = await recorded(services, tenant, "三", product="ab-7")
    await recorded(services, tenant, "四")
    liu = staff(tenant, "liu.yang", "agent")
    found = await search(services, liu, "ＡＢ-7")
    assert [*by_number(found).items()] == [
        (by_ref, FoundBy.EXTERNAL_REF),
        (by_order, FoundBy.ORDER),
        (by_product, FoundBy.PRODUCT),
        (in_words, FoundBy.WORDS),
    ]
    assert found.terms == ("ab-7",)
    first = await search(services, liu, "没到", limit=1)
    rest = await search(services, liu, "没到", first.next, limit=1)
    assert (len(first.items), rest.next) == (1, None)
    assert {*by_number(first)} | {*by_number(rest)} == {in_words, by_order}


async def test_a_customer_is_found_and_that_is_written_down(
    services: Services, tenant: str
) -> None:
    number = await recorded(services, tenant, "屏坏了")
    row = await services.store.cases.get(tenant, number)
    assert row is not None
    assert row.customer is not None
    liu = staff(tenant, "liu.yang", "agent")
    auditor = staff(tenant, "he.jing", "auditor")
    for caller, text, by in (
        (liu, "13812345678", FoundBy.CONTACT),
        (liu, "+86 138-1234-5678", FoundBy.CONTACT),
        (auditor, "王小明", FoundBy.NAME),
    ):
        assert by_number(await search(services, caller, text)) == {number: by}
    assert {*await viewed(services, tenant)} == {
        ("liu.yang", row.customer),
        ("he.jing", row.customer),
    }
    for text in ("1381234567", "王小", "小明", "王_明", "%%"):
        assert by_number(await search(services, liu, text)) == {}, text


async def test_nobody_finds_what_they_do_not_see(services: Services, tenant: str) -> None:
    number = await recorded(services, tenant, "屏坏了", order="O-1")
    mei = staff(tenant, "mei", "vendor")
    for text in (number, number[2:], "O-1", PHONE, "王小明", "屏坏了"):
        assert (await search(services, mei, text)).items == (), text
    held = await services.store.cases.get(tenant, number)
    assert held is not None
    newer = {"assignee": "mei", "last_seq": held.last_seq + 1}
    await services.store.recorder.write(sample_cases.only_case(held, **newer))
    for text in (number, "O-1", PHONE, "王小明", "屏坏了"):
        assert [*by_number(await search(services, mei, text))] == [number], text
    elsewhere = staff(f"not-{tenant}", "liu.yang", "agent")
    for text in (number, "O-1", PHONE, "王小明", "屏坏了"):
        assert (await search(services, elsewhere, text)).items == (), text


async def test_a_vendor_finds_no_customer_of_what_is_only_offered(
    services: Services, tenant: str
) -> None:
    """It sees the case by its order, and not whose it is."""
    number = await recorded(services, tenant, "屏坏了", order="O-2")
    row = await services.store.cases.get(tenant, number)
    assert row is not None
    newer = {"kind": "repair", "state": "dispatched", "last_seq": row.last_seq + 1}
    await services.store.recorder.write(sample_cases.only_case(row, **newer))
    mei = staff(tenant, "mei", "vendor")
    assert [*by_number(await search(services, mei, "O-2"))] == [number]
    for text in (PHONE, "王小明"):
        assert (await search(services, mei, text)).items == ()
    assert await viewed(services, tenant) == []


async def test_closed_cases_are_found_and_marked(services: Services, tenant: str) -> None:
    case = sample_cases.opened(tenant, form={"words": "灯不亮"})
    gone = {"reason": "She rang."}
    sample_cases.applied(case, request("gone", ("withdraw", gone), actor=LIU))
    await services.store.recorder.write(projection_update(sample_cases.COMPLAINT, case, 0))
    (found,) = (await search(services, staff(tenant, "liu", "agent"), "灯")).items
    assert found.row.closed_at is not None
    assert found.row.outcome == "withdrawn"


@pytest.mark.parametrize("text", ["a", "5", "屏坏 x", "%", "？"])
async def test_one_letter_is_too_short(services: Services, tenant: str, text: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        await search(services, staff(tenant, "liu", "agent"), text)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/q", "search_too_short")]


async def test_what_is_no_text_finds_nothing(services: Services, tenant: str) -> None:
    await recorded(services, tenant, "屏坏了")
    liu = staff(tenant, "liu", "agent")
    for text in ("", "  ", "\x00", "\u200b"):
        assert await search(services, liu, text) == Found()
    assert [*(await search(services, liu, "屏\x00坏")).items] != []
    with pytest.raises(Unacceptable) as refused:
        await search(services, liu, "坏" * (LONGEST + 1))
    assert refused.value.faults[0].code == "search_too_long"


async def test_a_search_is_for_staff(services: Services, shop: Principal) -> None:
    with pytest.raises(Forbidden):
        await search(services, shop, "屏坏了")
