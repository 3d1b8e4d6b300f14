"""Units over HTTP: in one case by what is read on them, handed over, held against the order."""

from typing import Any

import httpx
import pytest

from tests.api.callers import WORDS, Callers, new_case
from tests.api.colleagues import one_of_each_role
from tests.api.test_orders import CABLE, PHONE, new_id, put, started
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")


async def test_a_case_that_names_no_line_is_held_against_the_whole_order(callers: Callers) -> None:
    id = await put(callers, {**PHONE, "serials": []}, CABLE)
    number = (await started(callers, order=id)).json()["number"]
    steps = [{"step": "accept"}, {"step": "classify", "form": {"category": "personal"}}]
    done = await callers["liu.yang"].post(f"/v1/cases/{number}/steps", json={"steps": steps})
    assert done.status_code == 200, done.text
    await callers.step(number, "claim", by="liu.yang")
    amount = {"amount": "100.00", "currency": "CNY"}
    review = {"ground": "transport_damage", "damaged": True, "ruling": "refund", "amount": amount,
              "reason": "as agreed"}  # fmt: skip
    for stated, status in (("4017.91", 409), ("4017.90", 200)):
        answer = await callers["liu.yang"].post(
            f"/v1/cases/{number}/steps/review",
            json={**review, "paid": {"amount": stated, "currency": "CNY"}},
        )
        assert answer.status_code == status, answer.text
        if status != 200:
            assert answer.json()["code"] == "refund_too_high"
            assert answer.json()["params"]["worth"] == "4017.90 CNY"
    (unit,) = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["units"]
    assert unit["freight"] == "merchant", "by the ground: nobody said it"


async def test_a_unit_that_no_order_knows_is_in_one_open_case(callers: Callers) -> None:
    serial = f"SN-{new_id()}"

    async def start(by: str = "shop", **more: Any) -> httpx.Response:
        form = {"words": WORDS, "serial": more.pop("serial", serial)}
        return await callers[by].post("/v1/cases", json=new_case(kind="repair", form=form, **more))

    first = (await start()).json()["number"]
    for more in ({"serial": serial.lower()}, {"order": new_id()}, {"product": "P-1"}):
        again = await start(**more)
        assert (again.status_code, again.json()["code"]) == (409, "unit_in_case"), again.text
        params = again.json()["params"]
        assert (params["cases"], params["serial"]) == ([first], serial.lower())
        assert first in again.json()["detail"]
    hidden = await start(by="app")
    assert (hidden.status_code, hidden.json()["params"]["cases"]) == (409, [])
    assert first not in hidden.text
    complaint = new_case(form={"words": f"{WORDS} {serial}"})
    assert (await callers["shop"].post("/v1/cases", json=complaint)).status_code == 201
    gone = await callers["shop"].post(f"/v1/cases/{first}/steps/withdraw", json={})
    assert gone.status_code == 200, gone.text
    assert (await start()).status_code == 201


async def test_a_return_that_goes_on_for_a_repair_has_its_unit(callers: Callers) -> None:
    serial = f"SN-{new_id()}"
    body = new_case(kind="repair", form={"words": WORDS, "serial": serial})
    async with one_of_each_role(callers, "here") as everybody:
        number = (await everybody["shop"].post("/v1/cases", json=body)).json()["number"]
        for by, step, form in (
            ("chen.min", "accept", {}),
            ("chen.min", "classify", {"category": "screen"}),
            ("chen.min", "assign", {"assignee": "here.repairer"}),
            ("here.repairer", "take_job", {}),
            ("here.repairer", "receive", {}),
            ("here.repairer", "diagnose", {"outcome": "hopeless", "finding": "The board."}),
        ):
            await everybody.step(number, step, form, by=by)
        for kind in ("complaint", "inquiry"):
            left = await everybody["liu.yang"].post(
                f"/v1/cases/{number}/steps/convert", json={"kind": kind}
            )
            assert (left.status_code, left.json()["code"]) == (409, "goods_here")
            assert left.json()["params"]["kinds"] == ["returns"]
        await everybody.step(number, "convert", {"kind": "returns"}, by="liu.yang")

    async def converted() -> bool:
        now = await callers.store.cases.get("default", number)
        return now is not None and now.state in {"converted", "telling_numbers_by_hand"}

    await until(converted)
    case = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    (child,) = [each["number"] for each in case["children"]]
    (unit,) = (await callers["liu.yang"].get(f"/v1/cases/{child}")).json()["units"]
    assert (unit["goods"], unit["serial"]) == ("received", serial)
    assert await callers.store.unit_claims.of("default", number) == []
    assert len(await callers.store.unit_claims.of("default", child)) == 1
    again = await callers["shop"].post(
        "/v1/cases", json=new_case(kind="repair", form={"words": WORDS, "serial": serial})
    )
    assert again.json()["params"]["cases"] == [child]
