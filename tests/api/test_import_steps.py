"""Cases that were under way elsewhere come with the steps that they rest on, and claim units."""

from typing import Any

import pytest

from tests.api.callers import Callers
from tests.api.test_import import ago, details, entries_of, old_case, send, statuses
from tests.api.test_orders import put, started

pytestmark = pytest.mark.xdist_group("api")

OFFER = {
    "step": "propose",
    "form": {
        "solution": "退还差价",
        "cost": {"amount": "20.00", "currency": "CNY"},
        "remedy": "refund",
    },
}
REVIEW: dict[str, Any] = {
    "step": "review",
    "form": {"ground": "quality", "ruling": "refund", "faulty": True},
}
ARRIVED = {"step": "receive", "form": {}}
DIAGNOSED = {"step": "diagnose", "form": {"outcome": "chargeable", "finding": "屏幕碎裂"}}
PRICE = {"amount": "300.00", "currency": "CNY"}
QUOTED = {
    "step": "quote",
    "form": {
        "price": PRICE,
        "work": "换屏",
        "lines": [{"cost": "part", "work": "换屏", "price": PRICE}],
    },
}


def returning(order: str, **more: Any) -> dict[str, Any]:
    """Return a line of a return whose goods are awaited."""
    given = {
        "kind": "returns", "state": "awaiting_goods", "category": "quality", "severity": None,
        "received_at": ago(days=6), "order": order, "steps": [REVIEW],
        "lines": [{"line": "1", "quantity": 1}],
    }  # fmt: skip
    line = old_case(**{**given, **more})
    return {name: value for name, value in line.items() if value is not None}


def repair(*steps: dict[str, Any], state: str, **more: Any) -> dict[str, Any]:
    line = old_case(kind="repair", state=state, category="screen", steps=steps, **more)
    del line["severity"]
    return line


async def order_of_phones(callers: Callers) -> str:
    line = {
        "line": "1", "product": "P-1", "quantity": 2, "unit_price": "99.00",
        "delivered_on": ago(days=8)[:10],
    }  # fmt: skip
    return await put(callers, line)


async def test_an_open_offer_waits_for_its_answer_here(callers: Callers) -> None:
    line = old_case(state="proposed", steps=[OFFER])
    assert statuses(await send(callers, line, dry_run=True)) == ["would_start"]
    number = (await send(callers, line))["lines"][0]["number"]
    opened, offered = await entries_of(callers, number)
    assert (opened["led_to"], offered["led_to"]) == ("proposing", "proposed")
    assert (offered["step"], offered["actor"]["id"]) == ("propose", "oldsys")
    assert await callers.store.outbox.of("default", number) == [], "nobody is told once more"
    unnamed = {"note": "好的", "offer": offered["seq"] + 7}
    wrong = await callers["liu.yang"].post(
        f"/v1/cases/{number}/steps/accept_solution", json=unnamed
    )
    assert wrong.json()["code"] == "other_offer"
    taken = await callers.step(number, "accept_solution", {"offer": offered["seq"]})
    assert taken["state"] == "carrying_out"


async def test_a_return_that_is_under_way_has_its_units(callers: Callers) -> None:
    order = await order_of_phones(callers)
    line = returning(order)
    number = (await send(callers, line))["lines"][0]["number"]
    case = await details(callers, number)
    assert case["state"] == "awaiting_goods"
    shown = (await callers["root"].get(f"/v1/cases/{number}")).json()
    units = [(each["goods"], each["decision"]) for each in shown["units"]]
    assert units == [("awaited", "accepted")]
    assert await callers.store.outbox.of("default", number) == []
    assert len(await callers.store.unit_claims.of("default", number)) == 1
    assert (await started(callers, order=order, lines=[{"line": "1", "quantity": 1}])).is_success
    one = [{"line": "1", "quantity": 1}]
    third = await started(callers, by="liu.yang", order=order, lines=one)
    assert third.json()["code"] == "unit_in_case"
    assert number in third.text
    assert (await callers.step(number, "receive", {}))["state"] == "inspecting"


async def test_goods_that_are_here_wait_for_the_inspection(callers: Callers) -> None:
    line = returning(await order_of_phones(callers), state="inspecting", steps=[REVIEW, ARRIVED])
    number = (await send(callers, line))["lines"][0]["number"]
    case = await details(callers, number)
    assert case["state"] == "inspecting"
    assert "refund" in {each["clock"] for each in case["clocks"]}


async def test_a_unit_that_another_case_has_is_refused_tried_or_not(callers: Callers) -> None:
    order = await order_of_phones(callers)
    lines = [returning(order) for _ in range(3)]
    for dry_run, status in ((True, "would_start"), (False, "started")):
        report = await send(callers, *lines, dry_run=dry_run)
        assert sorted(statuses(report)) == ["refused", status, status]
        [refused] = [each for each in report["lines"] if each["status"] == "refused"]
        assert refused["problem"]["code"] == "unit_in_case"
    tried = await send(callers, returning(order), dry_run=True)
    assert tried["lines"][0]["problem"]["code"] == "unit_in_case"
    closed = returning(order, state="closed", steps=None, closed_at=ago(days=1), outcome="solved")
    assert statuses(await send(callers, closed)) == ["started"], "a closed case claims nothing"


async def test_a_repair_waits_for_the_answer_to_its_quote(callers: Callers) -> None:
    line = repair(ARRIVED, DIAGNOSED, QUOTED, state="quoted", form={"serial": "IMP-77"})
    number = (await send(callers, line))["lines"][0]["number"]
    assert await callers.store.outbox.of("default", number) == []
    again = repair(state="taken", form={"serial": "imp-77"})
    for dry_run in (True, False):
        [refused] = (await send(callers, again, dry_run=dry_run))["lines"]
        assert refused["problem"]["code"] == "unit_in_case"
    entries = await entries_of(callers, number)
    yes = {"offer": entries[-1]["seq"]}
    assert (await callers.step(number, "accept_quote", yes))["state"] == "repairing"


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no steps": ({"state": "proposed"}, "/steps", "steps_missing"),
    "elsewhere": ({"state": "carrying_out", "steps": [OFFER]}, "/steps", "steps_lead_elsewhere"),
    "closed": (
        {"state": "closed", "outcome": "solved", "closed_at": ago(days=1), "steps": [OFFER]},
        "/steps", "steps_when_closed",
    ),
    "no step": (
        {"state": "proposed", "steps": [OFFER, {"step": "claim"}]},
        "/steps/1/step", "enum",
    ),
    "form": (
        {"state": "proposed", "steps": [{"step": "propose", "form": {"solution": "x"}}]},
        "/steps/0/form/cost", "missing",
    ),
    "world": ({"state": "paying", "steps": [OFFER]}, "/state", "not_imported"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "pointer", "code"), WRONG.values(), ids=WRONG)
async def test_steps_that_lead_nowhere_are_refused_in_both_languages(
    callers: Callers, more: dict[str, Any], pointer: str, code: str
) -> None:
    line, said = old_case(**more), []
    for dry_run, language in ((True, "zh"), (False, "en")):
        report = await send(callers, line, dry_run=dry_run, headers={"Accept-Language": language})
        [refused] = report["lines"]
        errors = {each["pointer"]: each for each in refused["problem"]["errors"]}
        assert errors[pointer]["code"] == code
        said.append(errors[pointer]["detail"])
    assert said[0] != said[1]
    assert "%(" not in "".join(said)


async def test_what_nobody_may_decide_here_is_not_taken_over(callers: Callers) -> None:
    """More than was paid for the order, and a step that only time takes."""
    much = {**REVIEW, "form": {**REVIEW["form"], "amount": {"amount": "5000", "currency": "CNY"}}}
    line = returning(await order_of_phones(callers), steps=[much])
    paid = old_case(state="carrying_out", steps=[OFFER, {"step": "offer_lapsed", "form": {}}])
    for dry_run in (True, False):
        report = await send(callers, line, paid, dry_run=dry_run)
        codes = [each["problem"]["code"] for each in report["lines"]]
        assert codes == ["refund_too_high", "step_not_allowed"]
