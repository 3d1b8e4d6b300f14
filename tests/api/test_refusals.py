"""Everything that can be wrong with a request: a clear problem, and no event in history."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.http.limits import MAX_BODY
from api.http.problems import MEDIA_TYPE, URN, status_of
from tests.api.callers import Callers, api_client
from tests.support.cases import FINDING, OFFER, SORTED

pytestmark = pytest.mark.xdist_group("api")

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Wrong:
    """A request on a case that liu.yang holds and that waits to be accepted."""

    code: str
    path: str = "steps/accept"
    by: str = "liu.yang"
    body: Any = field(default_factory=dict)
    content: str | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    says: str = ""


WRONG = {
    "no key": Wrong("unauthenticated", by="nobody"),
    "no such step": Wrong("no_such_step", "steps/refund", says="investigate"),
    "field nobody knows": Wrong("wrong_form", body={"nonsense": 1}),
    "field missing": Wrong("wrong_form", "steps/classify", body={"category": "price"}),
    "form is no object": Wrong("invalid", body=[1]),
    "step not offered": Wrong("step_not_offered", "steps/carry_out", body={"done": "x"}),
    "role of nobody": Wrong("step_not_allowed", by="root", says="Agent"),
    "a system's role": Wrong("step_not_allowed", by="shop"),
    "the timer's step": Wrong("step_not_offered", "steps/offer_lapsed"),
    "held by another": Wrong("task_taken", by="chen.min", says="liu.yang"),
    "claimed by another": Wrong("task_taken", "steps/claim", by="chen.min", says="liu.yang"),
    "another's system": Wrong("not_found", "steps/withdraw", by="app"),
    "handed to a stranger": Wrong(
        "unknown_staff", "steps/assign", body={"assignee": "nobody.here"}, says="nobody.here"
    ),
    "handed to no team": Wrong(
        "invalid", "steps/assign", body={"assignee": "liu.yang", "team": "nowhere"}
    ),
    "handed to the wrong role": Wrong(
        "not_a_candidate", "steps/assign", body={"assignee": "root"}, says="root"
    ),
    "roles are not the caller's to say": Wrong(
        "wrong_form", "steps/assign", body={"assignee": "root", "roles": ["agent"]}
    ),
    "stale": Wrong("stale", headers={"If-Match": '"1"'}, says="liu.yang"),
    "stale, weakly": Wrong("stale", headers={"If-Match": 'W/"1"'}),
    "no etag": Wrong("malformed", headers={"If-Match": "12"}),
    "no key of ours": Wrong("malformed", headers={"Idempotency-Key": "a b"}),
    "second step not possible": Wrong(
        "step_not_offered", "steps",
        body={"steps": [{"step": "accept"}, {"step": "propose", "form": {
            "solution": "x", "cost": {"amount": "1"}}}]},
    ),
    "second form wrong": Wrong(
        "wrong_form", "steps",
        body={"steps": [{"step": "accept"}, {"step": "classify", "form": {"category": "x"}}]},
    ),
    "no steps": Wrong("invalid", "steps", body={"steps": []}),
    "not JSON": Wrong("malformed", content="{", headers=JSON),
    "not UTF-8": Wrong("malformed", content=b'{"note": "\xff"}', headers=JSON),
    "a NUL": Wrong("malformed", content=r'{"note": "a\u0000b"}', headers=JSON),
    "a NUL in a name": Wrong("malformed", content=r'{"a\u0000b": 1}', headers=JSON),
    "half a character": Wrong("malformed", content=r'{"note": "\ud800"}', headers=JSON),
    "not a number": Wrong("malformed", content='{"note": NaN}', headers=JSON),
    "too deep": Wrong("malformed", content="[" * 100_000 + "]" * 100_000, headers=JSON),
    "a form, not JSON": Wrong(
        "unsupported_media_type", content="note=x",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    "no content type": Wrong("unsupported_media_type", content="{}"),
    "another charset": Wrong(
        "unsupported_media_type", content="{}",
        headers={"Content-Type": "application/json; charset=gbk"},
    ),
    "too large": Wrong("too_large", body={"note": "x" * MAX_BODY}),
}  # fmt: skip


@pytest.fixture(scope="module")
async def held(callers: Callers) -> str:
    """A complaint that waits to be accepted by liu.yang, who holds it."""
    number = await callers.complaint()
    await callers.step(number, "claim")
    return number


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_request_is_refused_without_a_trace(
    callers: Callers, held: str, name: str
) -> None:
    wrong = WRONG[name]
    sent: dict[str, Any] = {"json": wrong.body}
    if wrong.content is not None:
        sent = {"content": wrong.content}
    before = await callers.events(held)
    answer = await callers[wrong.by].post(
        f"/v1/cases/{held}/{wrong.path}", headers=dict(wrong.headers), **sent
    )
    problem = answer.json()
    assert (problem["code"], answer.status_code) == (wrong.code, status_of(wrong.code)), problem
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert problem["type"] == URN + wrong.code
    assert problem["trace_id"] == answer.headers["x-trace-id"]
    assert wrong.says in problem["detail"]
    assert problem["title"] != wrong.code
    assert "–" not in problem["detail"], "a parameter of the text is missing"
    assert await callers.events(held) == before


async def test_the_steps_that_are_named_are_those_that_somebody_may_take(
    callers: Callers, held: str
) -> None:
    answer = await callers["liu.yang"].post(f"/v1/cases/{held}/steps/refund", json={})
    named = set(answer.json()["params"]["steps"])
    assert {"accept", "investigate", "accept_solution", "told_by_hand"} <= named
    assert not named & {"told", "tell_failed", "offer_lapsed", "lapse"}


@pytest.mark.parametrize("content", ["{", r'{"note": "a\u0000b"}', "[" * 9999, '{"note": NaN}'])
async def test_what_cannot_be_read_is_said_in_chinese(
    callers: Callers, held: str, content: str
) -> None:
    chinese = {**JSON, "Accept-Language": "zh"}
    path = f"/v1/cases/{held}/steps/accept"
    answer = await callers["liu.yang"].post(path, content=content, headers=chinese)
    assert answer.json()["code"] == "malformed"
    assert not re.search(r"[a-z]{2,}", answer.json()["detail"])


async def test_a_wrong_field_is_pointed_at(callers: Callers, held: str) -> None:
    steps = [{"step": "accept"}, {"step": "classify", "form": {"category": "x", "severity": 1}}]
    answer = await callers["liu.yang"].post(f"/v1/cases/{held}/steps", json={"steps": steps})
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {"/steps/1/form/severity": "enum"}


async def test_a_wrong_category_is_pointed_at_with_those_there_are(
    callers: Callers, held: str
) -> None:
    form = {"category": "x", "severity": "minor"}
    steps = [{"step": "accept"}, {"step": "classify", "form": form}]
    answer = await callers["liu.yang"].post(f"/v1/cases/{held}/steps", json={"steps": steps})
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/steps/1/form/category", "no_such_category")
    assert fault["params"]["known"][0] == "product_quality"


async def test_a_body_in_pieces_is_counted_too(callers: Callers, held: str) -> None:
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 4096
            yield b" " * 4096

    answer = await callers["liu.yang"].post(
        f"/v1/cases/{held}/steps/accept", content=pieces(), headers=JSON
    )
    assert answer.json()["code"] == "too_large"
    assert sent <= MAX_BODY + 2 * 4096


async def test_a_number_that_was_misheard_is_said_to_be(callers: Callers, held: str) -> None:
    wrong = held[:-1] + str((int(held[-1]) + 1) % 10)
    for answer in (
        await callers["liu.yang"].get(f"/v1/cases/{wrong}"),
        await callers["liu.yang"].post(f"/v1/cases/{wrong}/steps/accept", json={}),
        await callers["liu.yang"].post(f"/v1/tasks/{wrong}-1/claim"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "number_misread")


async def test_nothing_is_nothing(callers: Callers) -> None:
    nobody = "TS202603024829107"
    for path in (
        f"/v1/cases/{nobody}",
        f"/v1/tasks/{nobody}-1",
        "/v1/tasks/x",
        "/v1/x",
        "/v1/kinds/x",
    ):
        answer = await callers["liu.yang"].get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    steps = await callers["liu.yang"].post(f"/v1/cases/{nobody}/steps/accept", json={})
    assert steps.json()["code"] == "not_found"
    assert (await callers["liu.yang"].put("/v1/cases", json={})).json()[
        "code"
    ] == "method_not_allowed"


async def test_refusals_are_in_the_callers_language(callers: Callers, held: str) -> None:
    path, key = f"/v1/cases/{held}/steps/accept", callers.keys["chen.min"]
    for accepted, language, word in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "领取此任务"),
        ("en-GB;q=0.9, zh;q=0.1", "en", "has held this task since"),
        ("fr", "zh-CN", "领取此任务"),
        ("", "zh-CN", "领取此任务"),
    ):
        async with api_client(callers.app, key, **{"Accept-Language": accepted}) as caller:
            answer = await caller.post(path, json={})
        assert answer.headers["content-language"] == language
        assert word in answer.json()["detail"]


async def test_a_key_makes_a_step_happen_once(callers: Callers) -> None:
    number = await callers.complaint()
    path, key = f"/v1/cases/{number}/steps/accept", {"Idempotency-Key": '"once"'}
    first = await callers["liu.yang"].post(path, json={"note": "一"}, headers=key)
    again = await callers["liu.yang"].post(path, json={"note": "一"}, headers=key)
    assert first.status_code == again.status_code == 200
    assert again.json()["receipt"] == first.json()["receipt"]
    events = await callers.events(number)
    other = await callers["liu.yang"].post(path, json={"note": "二"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "request_reused")
    stranger = await callers["chen.min"].post(path, json={"note": "一"}, headers=key)
    assert stranger.json()["code"] == "step_not_offered"
    assert await callers.events(number) == events


async def test_a_task_that_is_done_says_who_did_it(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept", by="chen.min")
    late = await callers["liu.yang"].post(f"/v1/tasks/{number}-1/claim")
    assert (late.status_code, late.json()["code"]) == (409, "task_done")
    assert late.json()["params"]["by"] == "chen.min"
    free = await callers["liu.yang"].post(f"/v1/tasks/{number}-2/release")
    assert (free.status_code, free.json()["code"]) == (409, "task_not_claimed")
    for step, form in (("classify", SORTED), ("claim", {}), ("investigate", FINDING)):
        await callers.step(number, step, form)
    await callers.step(number, "propose", OFFER)
    waiting = await callers["liu.yang"].post(f"/v1/cases/{number}/steps/claim", json={})
    assert (waiting.status_code, waiting.json()["code"]) == (409, "no_task")


async def test_a_case_that_is_over_takes_nothing_but_repeats_what_it_took(callers: Callers) -> None:
    number = await callers.complaint()
    path, key = f"/v1/cases/{number}/steps/withdraw", {"Idempotency-Key": "the-last"}
    first = await callers["shop"].post(path, json={}, headers=key)
    assert first.status_code == 200, first.text
    assert first.json()["case"]["outcome"] == "withdrawn"
    assert "idempotent-replayed" not in first.headers
    again = await callers["shop"].post(path, json={}, headers=key)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])
    assert again.headers["idempotent-replayed"] == "true"
    await callers.engine.client.get_workflow_handle(number).result()
    late = await callers["shop"].post(path, json={})
    assert (late.status_code, late.json()["code"]) == (409, "case_over")


async def test_if_match_lets_the_newest_in(callers: Callers) -> None:
    number = await callers.complaint()
    seen = (await callers["liu.yang"].get(f"/v1/cases/{number}")).headers["etag"]
    path = f"/v1/cases/{number}/steps/accept"
    answer = await callers["liu.yang"].post(path, json={}, headers={"If-Match": seen})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
