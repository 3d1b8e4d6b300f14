"""Unit claims: a unit of an order is in at most one open case, whoever comes at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.language.goods import Goods
from store import Store
from store.errors import UnitTaken
from store.intake.records import OrderGoods, Reservation, Reserved
from store.orders.records import claims_of
from tests.store import sample_cases
from tests.support.moved_clock import MovedClock

ORDER = "SO-1"
ROUNDS = 20
LINE = Goods(line="1", product="P-1", quantity=1, ordered=2)


def units(quantity: int = 1, serials: Sequence[str] = (), order: str = ORDER) -> OrderGoods:
    goods = LINE.model_copy(update={"quantity": quantity, "serials": tuple(serials)})
    return OrderGoods(order=order, goods=(goods,), claimed=True)


async def start(
    store: Store, tenant: str, key: str, goods: OrderGoods, instead_of: str | None = None
) -> Reserved:
    now = sample_cases.DAWN
    return await store.intake.reserve(
        tenant,
        Reservation(
            digest=key, now=now, key=("test", key), prefix="TH", day=now.date(), source="shop",
            order_goods=goods, instead_of=instead_of,
        ),
    )  # fmt: skip


async def test_a_line_has_as_many_cases_as_units(store: Store, tenant: str) -> None:
    first = await start(store, tenant, "a", units())
    second = await start(store, tenant, "b", units())
    with pytest.raises(UnitTaken) as refused:
        await start(store, tenant, "c", units())
    assert refused.value.numbers == tuple(sorted((first.number, second.number)))
    again = await store.orders.find(tenant, ORDER)
    assert again is None, "claims need no order of ours"


async def test_nothing_is_left_of_a_start_that_is_refused(store: Store, tenant: str) -> None:
    await start(store, tenant, "a", units(2))
    with pytest.raises(UnitTaken):
        await start(store, tenant, "b", units())
    late = Reservation(
        digest="b", now=sample_cases.DAWN, key=("test", "b"), prefix="TH",
        day=sample_cases.DAWN.date(), source="shop",
    )  # fmt: skip
    assert await store.intake.find(tenant, late) is None


async def test_a_serial_number_is_in_one_case(store: Store, tenant: str) -> None:
    first = await start(store, tenant, "a", units(1, ["SN-1"]))
    with pytest.raises(UnitTaken) as refused:
        await start(store, tenant, "b", units(1, ["ｓｎ-1"], order="so-1"))
    assert refused.value.numbers == (first.number,)
    await start(store, tenant, "c", units(1, ["SN-2"]))


async def test_other_orders_and_tenants_are_not_in_the_way(store: Store, tenant: str) -> None:
    await start(store, tenant, "a", units(2))
    await start(store, tenant, "b", units(2, order="SO-2"))
    await start(store, f"{tenant}-2", "a", units(2))


async def test_a_repetition_has_the_same_goods_and_claims(store: Store, tenant: str) -> None:
    first = await start(store, tenant, "a", units(2, ["SN-1"]))
    before = await store.unit_claims.of(tenant, first.number)
    again = await start(store, tenant, "a", units(1))
    assert (again.number, again.order_goods) == (first.number, units(2, ["SN-1"]))
    assert await store.unit_claims.of(tenant, first.number) == before
    assert len(before) == 2


async def test_of_a_race_one_wins(store: Store, tenant: str) -> None:
    starts = (start(store, tenant, f"r{n}", units(2)) for n in range(8))
    came = await asyncio.gather(*starts, return_exceptions=True)
    winners = [each for each in came if isinstance(each, Reserved)]
    losers = [each for each in came if isinstance(each, UnitTaken)]
    assert (len(winners), len(losers)) == (1, 7), came
    assert {each.numbers for each in losers} == {(winners[0].number,)}


async def test_of_a_race_for_single_units_as_many_win_as_there_are(
    store: Store, tenant: str
) -> None:
    came = await asyncio.gather(
        *(start(store, tenant, f"s{n}", units(1)) for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(each, Reserved) for each in came) == 2, came
    assert sum(isinstance(each, UnitTaken) for each in came) == 6, came


async def test_a_case_that_goes_on_for_another_takes_its_units(store: Store, tenant: str) -> None:
    parent = await start(store, tenant, "a", units(2))
    child = await start(store, tenant, "b", units(2), instead_of=parent.number)
    assert await store.unit_claims.of(tenant, parent.number) == []
    assert len(await store.unit_claims.of(tenant, child.number)) == 2


async def test_a_closed_case_releases_and_a_reopened_one_claims_again(
    store: Store, tenant: str
) -> None:
    case = sample_cases.opened(tenant, order=ORDER)
    number, claims = case.opening.number, claims_of(ORDER, units(2).goods)
    await store.unit_claims.take(tenant, number, claims)
    update = sample_cases.update_after(case)
    await store.recorder.write(update)
    assert len(await store.unit_claims.of(tenant, number)) == 2
    closed = update.case.model_copy(
        update={"closed_at": sample_cases.DAWN, "last_seq": update.case.last_seq + 1}
    )
    await store.recorder.write(update.model_copy(update={"case": closed, "entries": ()}))
    assert await store.unit_claims.of(tenant, number) == []
    await store.unit_claims.take(tenant, "TH-9", claims_of(ORDER, units(1).goods))
    with pytest.raises(UnitTaken) as refused:
        await store.unit_claims.take(tenant, number, claims)
    assert refused.value.numbers == ("TH-9",)
    assert await store.unit_claims.of(tenant, number) == []


async def test_of_reopenings_at_the_same_time_one_wins(store: Store, tenant: str) -> None:
    claims = claims_of(ORDER, units(2).goods)
    came = await asyncio.gather(
        *(store.unit_claims.take(tenant, f"TH-{n}", claims) for n in range(6)),
        return_exceptions=True,
    )
    assert [each for each in came if each is None] == [None], came
    assert sum(isinstance(each, UnitTaken) for each in came) == 5, came


def read(serial: str, product: str | None = None, order: str | None = None) -> OrderGoods:
    return OrderGoods(order=order, goods=(), claimed=True, serials=(serial,), product=product)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        *((None, None, True), ("P-1", None, True), (None, "P-1", True)),
        *(("P-1", "ｐ-1", True), ("P-1", "P-2", False)),
    ],
)
async def test_a_number_that_no_order_knows_is_in_one_case(
    store: Store, tenant: str, one: str | None, other: str | None, same: bool
) -> None:
    first = await start(store, tenant, "a", read("SN-1", one))
    await start(store, tenant, "b", read("SN-2", one))
    await start(store, f"{tenant}-2", "a", read("SN-1", one))
    if same:
        with pytest.raises(UnitTaken) as refused:
            await start(store, tenant, "c", read("ｓｎ -1", other, order="SO-9"))
        taken = refused.value
        assert (taken.numbers, taken.line, taken.read) == ((first.number,), "sn-1", True)
    else:
        await start(store, tenant, "c", read("SN-1", other))


@pytest.mark.parametrize("typed_first", [True, False])
@pytest.mark.parametrize("product", [None, "P-1", "P-2"])
async def test_a_number_is_the_same_unit_whether_its_order_knows_it(
    store: Store, tenant: str, typed_first: bool, product: str | None
) -> None:
    both = [read("sn-1", product), units(1, ["SN-1"])]
    if not typed_first:
        both.reverse()
    first = await start(store, tenant, "a", both[0])
    if product == "P-2":
        await start(store, tenant, "b", both[1])
        return
    with pytest.raises(UnitTaken) as refused:
        await start(store, tenant, "b", both[1])
    assert (refused.value.numbers, refused.value.read) == ((first.number,), not typed_first)


async def test_of_a_race_for_a_number_one_wins(store: Store, tenant: str) -> None:
    starts = (start(store, tenant, f"n{n}", read("SN-1")) for n in range(8))
    came = await asyncio.gather(*starts, return_exceptions=True)
    assert sum(isinstance(each, Reserved) for each in came) == 1, came
    assert sum(isinstance(each, UnitTaken) for each in came) == 7, came


@pytest.mark.parametrize("typed_first", [True, False])
async def test_of_a_race_by_order_and_by_number_one_wins(
    store: Store, tenant: str, typed_first: bool
) -> None:
    both = [units(1, ["SN-1"]), read("SN-1", "P-1")]
    if typed_first:
        both.reverse()
    for n in range(ROUNDS):
        goods = [both[k % 2].model_copy() for k in range(4)]
        starts = (start(store, f"{tenant}-{n}", f"m{k}", each) for k, each in enumerate(goods))
        came = await asyncio.gather(*starts, return_exceptions=True)
        winners = [each for each in came if isinstance(each, Reserved)]
        losers = [each for each in came if isinstance(each, UnitTaken)]
        assert (len(winners), len(losers)) == (1, 3), came
        assert {each.numbers for each in losers} == {(winners[0].number,)}


async def test_a_number_goes_over_and_is_free_when_the_case_is_closed(
    store: Store, tenant: str
) -> None:
    parent = await start(store, tenant, "a", read("SN-1"))
    child = await start(store, tenant, "b", read("SN-1"), instead_of=parent.number)
    assert await store.unit_claims.of(tenant, parent.number) == []
    assert len(await store.unit_claims.of(tenant, child.number)) == 1
    case = sample_cases.opened(tenant, number=child.number, order=None)
    update = sample_cases.update_after(case)
    await store.recorder.write(update)
    closed = update.case.model_copy(
        update={"closed_at": sample_cases.DAWN, "last_seq": update.case.last_seq + 1}
    )
    await store.recorder.write(update.model_copy(update={"case": closed, "entries": ()}))
    await start(store, tenant, "c", read("SN-1"))


async def test_what_never_became_a_case_is_free_after_a_while(url: str, tenant: str) -> None:
    clock = MovedClock()
    store = await Store.open(url, clock=clock)
    claims = claims_of(ORDER, units(2).goods)
    await store.unit_claims.take(tenant, "TH-1", claims)
    with pytest.raises(UnitTaken):
        await store.unit_claims.take(tenant, "TH-2", claims)
    clock.ahead = timedelta(minutes=2)
    await store.unit_claims.take(tenant, "TH-2", claims)
    assert await store.unit_claims.of(tenant, "TH-1") == []
    await store.close()


async def test_what_is_recorded_as_open_stays_claimed(url: str, tenant: str) -> None:
    clock = MovedClock()
    store = await Store.open(url, clock=clock)
    case = sample_cases.opened(tenant, order=ORDER)
    claims = claims_of(ORDER, units(2).goods)
    await store.unit_claims.take(tenant, case.opening.number, claims)
    await store.recorder.write(sample_cases.update_after(case))
    clock.ahead = timedelta(days=9)
    with pytest.raises(UnitTaken):
        await store.unit_claims.take(tenant, "TH-2", claims)
    await store.close()


async def test_what_would_be_claimed_is_checked_and_nothing_is(store: Store, tenant: str) -> None:
    one, both = claims_of(ORDER, units(1).goods), claims_of(ORDER, units(2).goods)
    await store.unit_claims.check(tenant, [one, one])
    with pytest.raises(UnitTaken):
        await store.unit_claims.check(tenant, [one, both])
    await store.unit_claims.take(tenant, "TH-1", both)
    with pytest.raises(UnitTaken) as refused:
        await store.unit_claims.check(tenant, [one])
    assert refused.value.numbers == ("TH-1",)
