"""A case filled to its bound through the API: what is refused, and that it still moves."""

from typing import Any

import httpx
import pytest

from ops.oracle.oracle import Oracle
from tests.api.callers import Callers
from tests.support.cases import FINDING, OFFER, SORTED

pytestmark = pytest.mark.xdist_group("api")
LONG = "🀄" * 3980


async def submit(callers: Callers, number: str, *steps: tuple[str, Any]) -> httpx.Response:
    body = {"steps": [{"step": name, "form": form} for name, form in steps]}
    return await callers["liu.yang"].post(
        f"/v1/cases/{number}/steps", json=body, headers={"If-Match": "*"}
    )


async def fill(callers: Callers, number: str, step: str, form: dict[str, Any], text: str) -> Any:
    """Take a step with ever new long texts until it is refused; return the refusal."""
    for place in range(200):
        tag = (await callers["liu.yang"].get(f"/v1/cases/{number}")).headers["ETag"]
        answer = await callers["liu.yang"].post(
            f"/v1/cases/{number}/steps",
            json={"steps": [{"step": step, "form": {**form, text: f"{place} {LONG}"}}]},
            headers={"If-Match": tag},
        )
        if answer.status_code != 200:
            return answer.json()
    raise AssertionError("it is never full")


async def held(callers: Callers) -> str:
    number = await callers.complaint()
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", SORTED, by="chen.min")
    await callers.step(number, "claim")
    return number


async def test_ten_long_messages_at_once_are_too_much(callers: Callers) -> None:
    number = await held(callers)
    refused = await submit(
        callers, number, *[("notify", {"text": f"{n}{LONG}"}) for n in range(10)]
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "request_too_large")
    assert "65536" in refused.json()["detail"]


async def test_a_case_that_one_person_filled_still_goes_to_its_end(callers: Callers) -> None:
    number = await held(callers)
    assert (await fill(callers, number, "notify", {}, "text"))["code"] == "case_full"
    refused = await fill(callers, number, "reclassify", SORTED, "note")
    assert (refused["status"], refused["code"]) == (409, "case_full")
    page = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    offered = [each["name"] for each in page["offers"]]
    assert "investigate" in offered
    assert "reclassify" not in offered
    for name, form in (
        ("investigate", FINDING),
        ("propose", OFFER),
        ("accept_solution", {}),
        ("carry_out", {"done": "Apologised."}),
    ):
        await callers.step(number, name, form)
    assert await Oracle(callers.engine.client, callers.store).case(number) == []
