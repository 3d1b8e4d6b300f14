"""Vendors and their bills: whose bill may be stated, and which cases a vendor sees."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.callers import Callers, new_case
from tests.api.colleagues import one_of_each_role
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

VENDOR = "bills.vendor"
LINE = {"cost": "labour", "work": "x", "price": {"amount": "80.00"}}
BILL: dict[str, Any] = {"total": {"amount": "80.00"}, "lines": [LINE], "reference": "B-1"}


@pytest.fixture(scope="module")
async def everybody(callers: Callers) -> AsyncIterator[Callers]:
    async with one_of_each_role(callers, "bills") as everybody:
        yield everybody


@pytest.fixture
async def mended(everybody: Callers) -> str:
    """The number of a repair that the vendor mended, and is to give back."""
    body = new_case(kind="repair", form={"words": "It leaks."})
    number: str = (await everybody["shop"].post("/v1/cases", json=body)).json()["case"]["number"]
    covered = {"outcome": "covered", "finding": "A seal.", "evidence": "Receipt."}
    for by, step, form in (
        ("chen.min", "accept", {}),
        ("chen.min", "classify", {"category": "leaking"}),
        ("chen.min", "assign", {"assignee": VENDOR}),
        (VENDOR, "take_job", {}),
        (VENDOR, "visit", {}),
        (VENDOR, "diagnose", covered),
        (VENDOR, "repair", {"work": "A new seal."}),
        (VENDOR, "test", {"passed": True}),
    ):
        await everybody.step(number, step, form, by=by)
    return number


async def test_whose_bill_it_is_is_a_vendor_of_ours(everybody: Callers, mended: str) -> None:
    path = f"/v1/cases/{mended}/steps/state_bill"
    for nobody in ("bills.repairer", "liu.yang", "no.such.firm"):
        answer = await everybody["liu.yang"].post(path, json={**BILL, "vendor": nobody})
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == ("/vendor", "unknown_vendor")
    answer = await everybody["liu.yang"].post(path, json={**BILL, "vendor": VENDOR})
    assert answer.status_code == 200, answer.text


async def test_who_worked_on_a_case_sees_it_until_its_bill_is_stated(
    everybody: Callers, mended: str
) -> None:
    vendor, case = everybody[VENDOR], f"/v1/cases/{mended}"

    async def is_listed() -> bool:
        listed = (await vendor.get("/v1/cases", params={"limit": 100})).json()["items"]
        return mended in {each["number"] for each in listed}

    await everybody.step(mended, "hand_over", {}, by=VENDOR)

    async def told() -> bool:
        state: str = (await everybody["root"].get(case)).json()["case"]["state"]
        return state == "telling_by_hand"

    await until(told)
    await everybody.step(mended, "told_by_hand", {"how": "He rang."}, by="liu.yang")
    assert await is_listed()
    for path in ("", "/history", "/comments"):
        assert (await vendor.get(f"{case}{path}")).status_code == 200
    stated = await vendor.post(f"{case}/steps/state_bill", json={**BILL, "reference": "B-7"})
    assert stated.status_code == 200, stated.text
    await everybody.step(mended, "approve_bill", {}, by="wang.fang")
    again = await vendor.post(f"{case}/steps/state_bill", json={**BILL, "reference": "B-7"})
    assert (again.status_code, again.json()["code"]) == (409, "bill_approved")
    await everybody.step(mended, "confirm", {"solved": True}, by="shop")
    assert (await vendor.get(case)).json()["case"]["closed_at"]
    assert await is_listed()
    late = await vendor.post(f"{case}/steps/state_bill", json=BILL)
    assert late.status_code == 200, late.text
    assert (await everybody["bills.repairer"].get(case)).status_code == 200


async def test_who_only_declined_a_case_does_not_see_it(everybody: Callers) -> None:
    body = new_case(kind="repair", form={"words": "It leaks."})
    number: str = (await everybody["shop"].post("/v1/cases", json=body)).json()["case"]["number"]
    for by, step, form in (
        ("chen.min", "accept", {}),
        ("chen.min", "classify", {"category": "leaking"}),
        ("chen.min", "assign", {"assignee": VENDOR}),
        (VENDOR, "decline_job", {"reason": "Too far."}),
    ):
        await everybody.step(number, step, form, by=by)
    assert (await everybody[VENDOR].get(f"/v1/cases/{number}")).status_code == 404
    assert (await everybody[VENDOR].post(f"/v1/cases/{number}/steps/state_bill", json=BILL)
            ).status_code == 404  # fmt: skip
