"""What a policy would decide for a case, and by which row; nothing is written."""

from typing import Any

import pytest
from sqlalchemy import func, select

from store.cases.tables import cases
from tests.api.callers import WORDS, Callers
from tests.api.test_policies import document, in_force, publish, release
from tests.support.cases import SORTED

pytestmark = pytest.mark.xdist_group("api")
ASKED = {"kind": "complaint", "channel": "review", "form": {"words": WORDS}}


async def preview(callers: Callers, **more: Any) -> dict[str, Any]:
    answer = await callers["chen.min"].post("/v1/policy:preview", json={**ASKED, **more})
    assert answer.status_code == 200, answer.text
    tried: dict[str, Any] = answer.json()
    return tried


def clock(tried: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in tried["clocks"] if each["clock"] == name)
    return dict(found)


async def count_cases(callers: Callers) -> int:
    async with callers.store._sessions.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(cases)) or 0)


async def test_each_answer_names_its_row(callers: Callers) -> None:
    before = await count_cases(callers)
    serious = {**SORTED, "severity": "serious", "impact": "many"}
    ordering = "ordering:\n  head_starts:\n    - {when: {priority: P1}, head_start: PT8H}\n"
    text = f"{document('t-try')}{ordering}    - {{head_start: PT0S}}\n"
    tried = await preview(callers, classification=serious, document=text)
    assert (tried["policy"], tried["state"]) == ("t-try", "received")
    assert tried["team"] == {
        "value": "complaints",
        "table": "teams",
        "row": 1,
        "because": {"kind": "complaint", "severity": "serious"},
    }
    assert (tried["priority"]["value"], tried["priority"]["row"]) == ("P1", 1)
    assert (tried["head_start"]["value"], tried["head_start"]["row"]) == ("PT8H", 1)
    resolution = clock(tried, "resolution")
    assert (resolution["budget"], resolution["row"]) == ("P1D", 1)
    assert resolution["because"] == {"severity": "serious"}
    agent = [each for each in tried["authority"] if each["role"] == "agent"]
    assert [(each["pot"], each["amount"], each["row"]) for each in agent] == [
        ("payment", "1000", 1)
    ]
    assert await count_cases(callers) == before


async def test_it_is_what_a_case_then_gets(callers: Callers) -> None:
    await in_force(callers, document("t-as", ("budget: PT15M", "budget: PT7M")), "t-as")
    tried = await preview(callers)
    number = await callers.complaint(channel="review")
    await release(callers, "2026-1")
    case = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["case"]
    clocks = (await callers["liu.yang"].get(f"/v1/cases/{number}/clocks")).json()["items"]
    assert case["policy_version"] == tried["policy"] == "t-as"
    for each in clocks:
        assert clock(tried, each["clock"])["budget"] == each["budget"]
    assert clock(tried, "response")["budget"] == "PT7M"


async def test_what_is_wrong_is_told(callers: Callers) -> None:
    async def code(**more: Any) -> str:
        answer = await callers["chen.min"].post("/v1/policy:preview", json={**ASKED, **more})
        return f"{answer.status_code} {answer.json()['code']}"

    assert await code(kind="nothing") == "422 invalid"
    assert await code(policy="none") == "404 no_such_policy"
    assert await code(document="version: 1") == "422 invalid"
    assert await code(classification={"impact": "huge"}) == "422 wrong_form"
    assert await code(form={}) == "422 wrong_form"
    assert (await publish(callers, document("t-by"))).status_code == 201
    assert (await preview(callers, policy="t-by"))["policy"] == "t-by"
