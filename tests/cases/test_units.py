"""Returns of several units: whatever is done, every unit is somewhere, and the money adds up."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from cases.returns.errors import NothingLeft, UnknownUnits, WrongSerial
from cases.returns.forms import GoodsReceipt, LineReceipt
from cases.returns.given import refunds
from cases.returns.unit_changes import units_of, wrong_serials
from cases.returns.units import HERE, Unit
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.goods import Decision, Goods, Settlement, Whereabouts
from domain.language.roles import the_world
from domain.language.values import Money
from domain.read_models.projection import pending_call
from tests.cases.random_walks import EVERYTHING
from tests.domain.case_driver import DAY, CaseDriver
from tests.support.cases import CHEN, LIU, SHOP, ZHAO

GRADES = ("A", "B", "C", "unsaleable")
GONE = {Settlement.RETURNED, Settlement.SCRAPPED}
DONE = {Settlement.REFUNDED, Settlement.REPLACED, *GONE}
DUE = {
    Settlement.REFUND_PENDING,
    Settlement.REPLACEMENT_PENDING,
    Settlement.RETURN_PENDING,
    Settlement.SCRAP_PENDING,
}
GOOD = {"grade": "A", "passed": True}
FAULTY = {"ground": "quality", "faulty": True}
WORN = {"grade": "C", "passed": False, "finding": "worn"}


def goods(line: str, quantity: int, price: str | None, *serials: str) -> Goods:
    return Goods(
        line=line,
        product=f"product-{line}",
        quantity=quantity,
        ordered=quantity,
        serials=serials,
        unit_price=Money(amount=Decimal(price)) if price else None,
        delivered_on=date(2026, 3, 1),
        channel="app",
    )


def reviewing(*lines: Goods) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", order="A-1", goods=lines)
    run.do(LIU, ("accept", {}), ("classify", {"category": "quality"}), ("claim", {}))
    return run


def seen(run: CaseDriver) -> list[tuple[str, str, str]]:
    return [(u.whereabouts.value, u.decision.value, u.settlement.value) for u in units_of(run.case)]


def due(run: CaseDriver) -> str:
    call = pending_call(run.process, run.case)
    assert call is not None
    assert call.port == "refund"
    return str(Money.stored(call.params))


def test_each_unit_goes_its_own_way() -> None:
    run = reviewing(goods("1", 3, "33.34"))
    exchange = {"line": "1", "quantity": 1, **FAULTY, "ruling": "exchange"}
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund", "lines": [exchange]}))
    assert [each[0] for each in seen(run)] == ["awaited"] * 3
    run.do(SHOP, ("ship", {"tracking": "SF1"}))
    run.do(EVERYTHING, ("receive", {"lines": [{"line": "1", "quantity": 2}], "rest": "lost"}))
    assert [each[0] for each in seen(run)] == ["received", "received", "lost"]
    run.do(EVERYTHING, ("inspect", GOOD))
    assert due(run) == "33.34 CNY"
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.do(the_world("replacement"), ("replaced", {"reference": "p"}))
    assert run.case.state == "telling"
    assert [each[2] for each in seen(run)] == ["replaced", "refunded", "none"]


def test_an_amount_is_shared_to_the_cent_and_a_worn_unit_takes_its_share_away() -> None:
    run = reviewing(goods("1", 3, "40.00"))
    run.do(
        LIU,
        (
            "review",
            {**FAULTY, "ruling": "refund", "amount": {"amount": "100.00"}, "reason": "worn"},
        ),
    )
    run.do(EVERYTHING, ("receive", {}))
    assert [str(u.approved) for u in units_of(run.case)] == ["33.34 CNY", "33.33 CNY", "33.33 CNY"]
    run.do(EVERYTHING, ("inspect", {**GOOD, "lines": [{"line": "1", "quantity": 1, **WORN}]}))
    assert due(run) == "66.66 CNY"
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    assert run.case.state == "sending_back"


def test_more_units_and_other_lines_than_there_are_and_other_serials_are_refused() -> None:
    run = reviewing(goods("1", 2, "10.00"), goods("2", 1, "5.00", "S-1"))
    ruling = {**FAULTY, "ruling": "refund"}
    for line, quantity in (("1", 3), ("3", 1)):
        lines = [{"line": line, "quantity": quantity, **ruling}]
        refused = run.refuse(UnknownUnits, LIU, ("review", {**ruling, "lines": lines}))
        assert refused.params == {"line": line, "lines": ["1", "2"]}
    run.do(LIU, ("review", ruling))
    wrong = [{"line": "2", "serial": "S-2"}]
    refused = run.refuse(WrongSerial, EVERYTHING, ("receive", {"lines": wrong}))
    assert refused.params == {"serials": ["S-2"], "sold": ["S-1"]}
    run.do(EVERYTHING, ("receive", {"lines": [{**wrong[0], "arrived": "wrong_item"}]}))
    assert seen(run)[-1][0] == "wrong_item"
    assert units_of(run.case)[-1].serial == "S-2"


def test_what_was_paid_back_is_not_exchanged_as_well() -> None:
    run = reviewing(goods("1", 1, "10.00"))
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund", "keeps_goods": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "r"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.refuse(NothingLeft, ZHAO, ("review", {**FAULTY, "ruling": "exchange"}))


def test_the_law_gives_seven_days_from_the_arrival() -> None:
    run = reviewing(goods("1", 1, "10.00"))
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund"}))
    assert "refund" not in run.case.clocks
    run.do(EVERYTHING, ("receive", {}))
    arrived = run.case.last.at
    assert run.case.clocks["refund"].due == arrived + timedelta(days=7)
    run.do(EVERYTHING, ("inspect", WORN))
    assert run.case.clocks["refund"].state.value == "cancelled"


@pytest.mark.parametrize("ruling", ["refund", "exchange"])
def test_a_fault_is_enough_for_seven_days_or_fifteen_for_an_exchange(ruling: str) -> None:
    for days, state in ((7, "awaiting_goods"), (8, None), (15, None), (16, "exception")):
        delivered = date(2026, 3, 2) - timedelta(days=days)
        run = reviewing(goods("1", 1, "10.00").model_copy(update={"delivered_on": delivered}))
        run.do(LIU, ("review", {**FAULTY, "ruling": ruling}))
        later = "awaiting_goods" if ruling == "exchange" else "exception"
        assert run.case.state == (state or later), days


@pytest.mark.parametrize("ground", ["quality", "personal"])
def test_what_an_order_says_of_a_day_to_come_is_no_delivery(ground: str) -> None:
    for days, state in ((0, "awaiting_goods"), (1, "exception"), (30, "exception")):
        delivered = date(2026, 3, 2) + timedelta(days=days)
        run = reviewing(goods("1", 1, "10.00").model_copy(update={"delivered_on": delivered}))
        run.do(LIU, ("review", {**FAULTY, "ground": ground, "ruling": "refund"}))
        assert run.case.state == state, days


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "awaiting_goods"),
        ({"channel": "store"}, "exception"),
        ({"product_line": "perishable"}, "exception"),
    ],
)
def test_the_seven_days_are_for_distance_sales_of_most_goods(
    more: dict[str, str], state: str
) -> None:
    run = reviewing(goods("1", 1, "10.00").model_copy(update=more))
    run.do(LIU, ("review", {"ground": "personal", "ruling": "refund"}))
    assert run.case.state == state


@st.composite
def line_parts(draw: st.DrawFn, lines: Sequence[str]) -> dict[str, Any]:
    part: dict[str, Any] = {"line": draw(st.sampled_from(lines))}
    return part | draw(st.fixed_dictionaries({}, optional={"quantity": st.integers(1, 3)}))


RULINGS = st.fixed_dictionaries(
    {
        "ground": st.sampled_from(["quality", "personal", "transport_damage", "other"]),
        "ruling": st.sampled_from(["refund", "exchange", "refused"]),
        "faulty": st.sampled_from([True, None]),
        "damaged": st.sampled_from([True, None]),
        "keeps_goods": st.booleans(),
        "reason": st.just("so"),
        "freight": st.just("merchant"),
    },
    optional={"amount": st.sampled_from([{"amount": "0.01"}, {"amount": "7.00"}])},
)
LOOKS = st.fixed_dictionaries(
    {"grade": st.sampled_from(GRADES), "passed": st.booleans(), "finding": st.just("so")}
)


@st.composite
def forms(draw: st.DrawFn, step: str, lines: Sequence[str]) -> dict[str, Any]:
    """A form for a step, of the sort that moves units."""
    parts = st.lists(line_parts(lines), max_size=2)
    if step in ("review", "decide"):
        rulings = [each | draw(RULINGS) for each in draw(parts)]
        return draw(RULINGS) | {"lines": [without(r) for r in rulings]}
    if step == "receive":
        rest = draw(st.sampled_from(["awaited", "short", "lost"]))
        return {"lines": draw(parts), "rest": rest}
    if step == "inspect":
        whole = draw(LOOKS) | {"not_wanted_back": draw(st.booleans())}
        return whole | {"lines": [each | draw(LOOKS) for each in draw(parts)]}
    simple: dict[str, dict[str, Any]] = {
        "ship": {"tracking": "SF1"},
        "choose": {"instead": draw(st.sampled_from(["refund", "exchange"]))},
        "refund": {"amount": {"amount": draw(st.sampled_from(["1.00", "9.99"]))}},
        "settle_by_hand": {"reference": "cash"},
        "send_by_hand": {"reference": "van"},
        "scrap": {"unclaimed": "not_wanted_back", "reason": "so"},
        "keep_for_customer": {"reason": "so"},
        "told_by_hand": {"how": "rang"},
        "follow_up": {"reached": True, "solved": draw(st.booleans()), "satisfaction": "satisfied"},
        "confirm": {"solved": draw(st.booleans())},
        "withdraw": {"reason": "so"},
        "reopen": {"reason": "so"},
        "approve_amount": {"amount": {"amount": "1.00"}, "reason": "so"},
        "reclassify": {"category": "quality"},
        "told": {"message": "m", "channel": "sms"},
        "tell_failed": {"reason": "no_contact"},
    }
    world = {"reason": draw(st.sampled_from(["out_of_stock", "closed"]))}
    done = {"reference": "r"}
    return simple.get(step, world if step.endswith("_refused") else done)


def without(ruling: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in ruling.items() if name != "override_reason"}


def actor_of(process: Process, run: CaseDriver, name: str) -> Any:
    step = next(s for s in process.steps(run.case, run.now) if s.name == name)
    if step.by & EVERYTHING.stands_for:
        return EVERYTHING
    call = pending_call(process, run.case)
    return the_world(call.port) if call else SHOP


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_done_units_and_money_add_up(data: st.DataObject) -> None:
    quantities = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    each = data.draw(st.sampled_from(["10.00", None]))
    lines = [goods(str(n), q, each) for n, q in enumerate(quantities, start=1)]
    run = reviewing(*lines)
    price = Decimal(10) * sum(quantities)
    for _ in range(data.draw(st.integers(1, 14))):
        names = [s.name for s in run.process.steps(run.case, run.now) if s.after is None]
        if not names:
            break
        name = data.draw(st.sampled_from(names))
        form = data.draw(forms(name, [line.line for line in lines]))
        if each is None and name in ("review", "decide"):
            form["paid"] = {"amount": str(price)}
        if data.draw(st.integers(0, 9)) == 0:
            run.pass_time(15 * DAY)
        try:
            run.do(actor_of(run.process, run, name), (name, form))
        except (Refusal, StopIteration):
            continue
        note(f"{name} led to {run.case.state}: {seen(run)}")
        check(run, price)


def check(run: CaseDriver, price: Decimal) -> None:
    """Every unit is there once; what is here is disposed of; no more is paid than was paid."""
    units = units_of(run.case)
    places = Counter((unit.line, unit.place) for unit in units)
    assert set(places.values()) == {1}
    assert len(units) == sum(each.quantity for each in run.case.opening.goods)
    assert sum(money.amount for _, money in refunds(run.process, run.case)) <= price
    closed = run.process.state_of(run.case).closed
    for unit in units:
        assert unit.settlement not in DUE or not closed, "what is due is done before it closes"
        if closed and unit.whereabouts in HERE:
            assert unit.settlement in DONE, "what came in was paid for, exchanged or given back"
        if unit.settlement is Settlement.REFUNDED:
            assert unit.approved is not None
        if unit.decision is Decision.UNDECIDED:
            assert unit.settlement in {Settlement.NONE, *DUE, *GONE}
        assert unit.whereabouts is not Whereabouts.NOT_REQUIRED or unit.grade is None


def test_what_was_scrapped_may_be_paid_for_but_is_not_awaited() -> None:
    """A customer who comes back on it can get the money as goodwill; the goods are no more."""
    run = reviewing(goods("1", 1, "10.00"))
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund"}))
    run.do(EVERYTHING, ("receive", {}), ("inspect", {**WORN, "not_wanted_back": True}))
    assert seen(run) == [("received", "accepted", "scrap_pending")]
    run.do(ZHAO, ("scrap", {"unclaimed": "not_wanted_back", "reason": "She said so."}))
    assert (run.case.state, seen(run)[0][2]) == ("telling", "scrapped")
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.do(ZHAO, ("review", {**FAULTY, "ruling": "refund"}))
    assert (run.case.state, seen(run)[0]) == (
        "refunding",
        ("received", "accepted", "refund_pending"),
    )


def test_a_withdrawal_takes_back_that_nobody_wants_it() -> None:
    run = reviewing(goods("1", 1, "10.00"))
    run.do(LIU, ("review", {**FAULTY, "ruling": "refund"}))
    run.do(EVERYTHING, ("receive", {}), ("inspect", {**WORN, "not_wanted_back": True}))
    run.do(SHOP, ("withdraw", {}))
    assert (run.case.state, seen(run)[0][2]) == ("sending_back", "return_pending")


def test_before_a_review_nobody_says_that_goods_need_not_come_back() -> None:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1")
    assert [unit.goods for unit in run.process.units(run.case)] == [Whereabouts.WITH_CUSTOMER]
    run.do(CHEN, ("accept", {}), ("classify", {"category": "quality"}))
    run.do(LIU, ("claim", {}))
    assert [unit.goods for unit in run.process.units(run.case)] == [Whereabouts.WITH_CUSTOMER]
    review = {
        "ground": "quality", "ruling": "refund", "faulty": True, "delivered_on": "2026-03-01",
        "freight": "merchant", "amount": {"amount": "20.00"}, "paid": {"amount": "20.00"},
        "keeps_goods": True,
    }  # fmt: skip
    run.do(LIU, ("review", review))
    assert [unit.goods for unit in run.process.units(run.case)] == [Whereabouts.NOT_REQUIRED]


def test_a_serial_number_that_none_of_them_has_must_say_whose_it_is() -> None:
    """Where one line has serial numbers and another none, it could be of the other."""
    known = Goods(line="1", product="P-1", quantity=1, ordered=1, serials=("SN-1",))
    other = Goods(line="2", product="P-2", quantity=1, ordered=1)
    units = tuple(Unit(goods, 1, goods.serials[0] if goods.serials else None)
                  for goods in (known, other))  # fmt: skip
    assert wrong_serials(units, GoodsReceipt(serial="ZZ9")) == ["ZZ9"]
    assert wrong_serials(units, GoodsReceipt(serial="sn-1")) == []
    of_other = GoodsReceipt(lines=(LineReceipt(line="2", serial="ZZ9"),))
    assert wrong_serials(units, of_other) == []
    assert wrong_serials(units[1:], GoodsReceipt(serial="ZZ9")) == []
