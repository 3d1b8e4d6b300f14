"""Many cases in one request: each has its result, no faster than they are recorded."""

from typing import Any

import pytest

from api.http.limits import MAX_BODY, MAX_BULK_BODY
from tests.api.callers import Callers, new_case

pytestmark = pytest.mark.xdist_group("api")


async def send(callers: Callers, cases: list[Any], **headers: str) -> list[dict[str, Any]]:
    """Send the cases and return the results."""
    answer = await callers["shop"].post("/v1/cases:bulk", json={"cases": cases}, headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(cases)))
    return results


async def test_each_case_has_its_own_answer(callers: Callers) -> None:
    twice = new_case()
    cases = [
        new_case(),
        new_case(kind="refund"),
        new_case(external_ref=None),
        "no case at all",
        twice,
        new_case(channel="pigeon"),
        {**twice, "form": {"words": "别的"}},
    ]
    first = await send(callers, cases[:5])
    codes = [(r["status"], (r["problem"] or {}).get("code")) for r in first]
    assert codes == [
        (201, None),
        (422, "invalid"),
        (400, "key_missing"),
        (422, "invalid"),
        (201, None),
    ]
    assert first[1]["problem"]["errors"][0]["pointer"] == "/kind"
    second = await send(callers, cases)
    assert [second[0]["number"], second[4]["number"]] == [first[0]["number"], first[4]["number"]]
    assert second[6]["problem"]["code"] == "key_reused"


async def test_a_hundred_are_recorded_when_the_answer_comes(callers: Callers) -> None:
    cases = [new_case(external_ref=f"hundred-{n}") for n in range(100)]
    numbers = {result["number"] for result in await send(callers, cases)}
    assert len(numbers) == 100
    again = {result["number"] for result in await send(callers, cases)}
    assert again == numbers
    for number in numbers:
        assert await callers.store.cases.get("default", number) is not None


async def test_a_key_counts_for_each_in_its_place(callers: Callers) -> None:
    cases = [new_case(external_ref=None) for _ in range(3)]
    first = await send(callers, cases, **{"Idempotency-Key": "batch-1"})
    again = await send(callers, cases, **{"Idempotency-Key": "batch-1"})
    assert [r["number"] for r in first] == [r["number"] for r in again]
    assert len({r["number"] for r in first}) == 3


async def test_a_batch_may_be_larger_but_not_too_large(callers: Callers) -> None:
    """A bulk request may be larger than any other, up to a mebibyte."""
    cases = [new_case(form={"words": "长" * 4000}) for _ in range(30)]
    assert sum(len(case["form"]["words"].encode()) for case in cases) > MAX_BODY
    assert {result["status"] for result in await send(callers, cases)} == {201}
    large = await callers["shop"].post("/v1/cases:bulk", json={"cases": ["x" * MAX_BULK_BODY]})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    for count in (0, 101):
        many = await callers["shop"].post("/v1/cases:bulk", json={"cases": [{}] * count})
        assert (many.status_code, many.json()["code"]) == (422, "invalid")
