"""Cases are found by references, by customers and in words, the newest first."""

from datetime import timedelta
from typing import Any

import pytest

from store import Store
from store.cases import search
from store.cases.records import Reach
from store.cases.words import searchable
from store.customers.records import Contact, CustomerInput
from tests.store import sample_cases
from tests.store.sample_cases import MINUTE, reservation

WORDS = (
    "手机屏幕坏了，客服不理",
    "快递破损 100%_退款",
    "Ｔablet 的 屏幕\n闪",
    "It was RUDE.",
)


async def fill(store: Store, tenant: str) -> list[str]:
    """The numbers of a case for each of the words, a minute apart."""
    numbers = []
    for index, words in enumerate([*WORDS, "无"]):
        more: dict[str, Any] = {"order": f"O-{index}", "external_ref": f"R-{index}"}
        case = sample_cases.opened(
            tenant,
            received=sample_cases.DAWN + index * MINUTE,
            form={"words": words},
            product="tablet",
            **more,
        )
        await store.recorder.write(sample_cases.update_after(case))
        numbers.append(case.opening.number)
    return numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("屏幕", [2, 0]),
        ("屏", [2, 0]),
        ("屏幕 客服", [0]),
        ("客服 屏幕", [0]),
        ("屏幕 快递", []),
        ("tablet", [2]),
        ("TABLET", [2]),
        ("的 屏幕 闪", [2]),
        ("rude", [3]),
        ("%_", [1]),
        ("0%", [1]),
        ("%", [1]),
        ("_", [1]),
        ("坏%不", []),
        ("/", []),
        ("'", []),
    ],
)
async def test_every_term_occurs(store: Store, tenant: str, text: str, expected: list[int]) -> None:
    numbers = await fill(store, tenant)
    page = await store.case_search.by_words(tenant, searchable(text).split(), None, 10)
    assert page == search.WordsPage(tuple(numbers[n] for n in expected), None, None)
    assert (await store.case_search.by_words(f"not-{tenant}", ["屏幕"], None, 9)).numbers == ()


async def test_words_are_found_page_by_page(store: Store, tenant: str) -> None:
    cases = [sample_cases.opened(tenant, form={"words": "屏坏了"}) for _ in range(7)]
    for case in cases:
        await store.recorder.write(sample_cases.update_after(case))
    numbers = [case.opening.number for case in cases]
    found: list[str] = []
    after = None
    while True:
        page = await store.case_search.by_words(tenant, ["屏"], after, 3)
        found += page.numbers
        if (after := page.next) is None:
            break
    assert found == sorted(numbers, reverse=True)


async def test_only_the_newest_are_read(
    store: Store, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_READ", 2)
    numbers = await fill(store, tenant)
    page = await store.case_search.by_words(tenant, ["屏幕"], None, 10)
    assert page.numbers == (numbers[2],)
    assert page.since == sample_cases.DAWN + 2 * MINUTE


async def test_the_end_of_a_number_is_enough(store: Store, tenant: str) -> None:
    numbers = await fill(store, tenant)
    for number in (numbers[0], numbers[4]):
        page = await store.case_search.by_words(tenant, ["zz"], None, 10, ending=number[-6:])
        assert page.numbers == (number,)


async def test_a_reference_is_found_in_any_spelling(store: Store, tenant: str) -> None:
    numbers = await fill(store, tenant)
    by = await store.case_search.by_reference(tenant, ["o-1", "O-1", "R-2"], 10)
    assert by == {"external_ref": [numbers[2]], "order": [numbers[1]], "product": [], "serial": []}
    by = await store.case_search.by_reference(tenant, ["tablet"], 2)
    assert by["product"] == numbers[:2:-1]
    assert await store.case_search.by_reference(tenant, ["%"], 2) == {name: [] for name in by}


async def test_cases_of_a_customer(store: Store, tenant: str) -> None:
    phone = Contact("phone", "+86 138-0000-0000")
    given = CustomerInput(name="王小明", contacts=(phone,))
    reserved = await store.intake.reserve(
        tenant, reservation(("shop", "1"), now=sample_cases.DAWN, customer=given)
    )
    case = sample_cases.opened(tenant, number=reserved.number, customer=reserved.customer)
    await store.recorder.write(sample_cases.update_after(case))
    ref = reserved.customer
    assert ref is not None
    for text, expected in {
        "13800000000": ([ref], []),
        "138 0000 0000": ([ref], []),
        "0086-13800000000": ([ref], []),
        "1380000000": ([], []),
        "王小明": ([], [ref]),
        "王小": ([], []),
        "%": ([], []),
    }.items():
        assert await store.customers.exactly(tenant, text, 10) == expected, text
    assert await store.case_search.of_customers(tenant, [ref], 10) == [reserved.number]
    assert await store.case_search.of_customers(tenant, [], 10) == []
    assert await store.customers.exactly(f"not-{tenant}", "王小明", 10) == ([], [])


async def test_nobody_finds_what_they_do_not_see(store: Store, tenant: str) -> None:
    numbers = await fill(store, tenant)
    nothing = Reach("mei", frozenset())
    all_of_them = Reach("mei", frozenset({("complaint", "received")}))
    for reach, expected in ((nothing, ()), (all_of_them, (numbers[2], numbers[0]))):
        page = await store.case_search.by_words(tenant, ["屏幕"], None, 10, reach=reach)
        assert page.numbers == expected
        by = await store.case_search.by_reference(tenant, ["tablet"], 10, reach)
        assert bool(by["product"]) is bool(expected)


def test_words_have_one_spelling() -> None:
    assert searchable("  Ａb\u3000Ｃ\n ß\u200b\x00 ") == "ab c ss"
    assert searchable("屏\ud800坏") == "屏坏"
    assert timedelta(seconds=search.HORIZON_SECONDS) < timedelta(hours=1)
