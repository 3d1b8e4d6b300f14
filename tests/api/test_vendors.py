"""Vendors and their bills: whose bill may be stated, and which cases a vendor sees."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.callers import Callers, new_case
from tests.api.colleagues import one_of_each_role

pytestmark = pytest.mark.xdist_group("api")

VENDOR = "bills.vendor"
LINE = {"cost": "labour", "work": "x", "price": {"amount": "80.00"}}
BILL: dict[str, Any] = {"total": {"amount": "80.00"}, "lines": [LINE]}


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
