"""What a policy would change in real cases, page by page; nothing is written."""

from typing import Any

import pytest

from domain.engine.messages import DEFAULT_TENANT
from tests.api.callers import Callers
from tests.api.test_batch_retries import classified
from tests.api.test_policies import AUTHOR, document

pytestmark = pytest.mark.xdist_group("api")
LONGER = ("      - {budget: PT48H}\n", "      - {budget: PT96H}\n")


async def diff(callers: Callers, text: str, **more: Any) -> tuple[list[dict[str, Any]], int]:
    """Return all that would change, and how many cases were looked at."""
    asked = {"document": text, "limit": 3, **more}
    effects: list[dict[str, Any]] = []
    seen, cursor, total = 0, None, 0
    while True:
        body = {**asked, "cursor": cursor} if cursor else asked
        answer = await callers[AUTHOR].post("/v1/policy:diff", json=body)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        effects += page["items"]
        seen += page["looked_at"]
        total = page["total"] if cursor is None else total
        cursor = page["next"]
        if cursor is None:
            assert seen == total
            return effects, seen


async def test_every_open_case_is_looked_at_once(callers: Callers) -> None:
    numbers = [await classified(callers) for _ in range(4)]
    before = [await callers.store.entries.of(DEFAULT_TENANT, number) for number in numbers]
    effects, seen = await diff(callers, document("t-diff", LONGER))
    by_number = {each["number"]: each for each in effects}
    assert len(by_number) == len(effects)
    assert seen >= len(numbers)
    for number in numbers:
        moved = {each["clock"]: each for each in by_number[number]["clocks"]}
        assert moved["resolution"]["due_before"] < moved["resolution"]["due_after"]
    after = [await callers.store.entries.of(DEFAULT_TENANT, number) for number in numbers]
    assert after == before


async def test_the_same_promises_change_nothing(callers: Callers) -> None:
    number = await classified(callers)
    row = await callers.store.cases.get(DEFAULT_TENANT, number)
    assert row is not None
    body = {"policy": row.policy_version, "limit": 100}
    page = (await callers[AUTHOR].post("/v1/policy:diff", json=body)).json()
    assert number not in {each["number"] for each in page["items"]}


async def test_what_is_wrong_is_told(callers: Callers) -> None:
    async def code(by: str = AUTHOR, **body: Any) -> str:
        answer = await callers[by].post("/v1/policy:diff", json=body)
        return f"{answer.status_code} {answer.json()['code']}"

    assert await code() == "422 invalid"
    assert await code(policy="none") == "404 no_such_policy"
    assert await code(policy="2026-1", document="x") == "422 invalid"
    assert await code(policy="2026-1", cursor="x") == "400 bad_cursor"
    assert await code("wang.fang", policy="2026-1") == "403 forbidden"
