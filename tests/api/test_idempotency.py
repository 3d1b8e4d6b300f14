"""Whatever is posted twice under one Idempotency-Key happens once, and another body is refused."""

from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from api.app import bare_app
from tests.api.callers import Callers, new_case

pytestmark = pytest.mark.xdist_group("api")

WITHOUT_KEY = {
    *("/v1/batches/{id}/cancel", "/v1/cases/{number}/comments/read", "/v1/orders:import"),
    *("/v1/policies", "/v1/policies/{version}/release"),
    *("/v1/policy:preview", "/v1/policy:diff"),
}
"""What makes nothing new when it is done again: orders stand under the caller's own numbers,
policies under their versions, and what only asks makes nothing at all."""


class Post(NamedTuple):
    """A request, another one that is not the same, and what lists what it made."""

    by: str
    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    listed: str


BATCH = {"kind": "complaint", "step": "accept", "form": {}, "reason": "r", "dry_run": True}
POSTS = {
    "comment": Post(
        "shop", "/v1/cases/{number}/comments", {"body": "好"}, {"body": "坏"},
        "/v1/cases/{number}/comments",
    ),
    "message": Post(
        "chen.min", "/v1/cases/{number}/notify", {"text": "好"}, {"text": "坏"},
        "/v1/cases/{number}/notices",
    ),
    "batch": Post("zhou.hang", "/v1/batches", BATCH, {**BATCH, "reason": "s"}, "/v1/batches"),
    "case": Post(
        "shop", "/v1/cases", new_case(external_ref=None),
        {**new_case(external_ref=None), "channel": "phone"}, "/v1/cases?limit=100",
    ),
}  # fmt: skip


@pytest.mark.parametrize("post", POSTS.values(), ids=POSTS)
async def test_the_same_twice_happens_once(callers: Callers, post: Post) -> None:
    number = await callers.complaint()
    path, caller = post.path.format(number=number), callers[post.by]
    listed = post.listed.format(number=number)
    key = {"Idempotency-Key": uuid4().hex}
    before = len((await caller.get(listed)).json()["items"])
    first = await caller.post(path, json=post.body, headers=key)
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    made = len((await caller.get(listed)).json()["items"])
    again = await caller.post(path, json=post.body, headers=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (first.status_code, "true")
    assert again.json().get("id") == first.json().get("id")
    other = await caller.post(path, json=post.other, headers=key)
    assert (other.status_code, other.json()["type"].rpartition("_")[2]) == (422, "reused")
    assert len((await caller.get(listed)).json()["items"]) == made
    assert made > before or made == 100 or post.path == "/v1/batches"


async def test_a_comment_under_another_key_or_by_another_is_another(callers: Callers) -> None:
    number = await callers.complaint()
    path, body = f"/v1/cases/{number}/comments", {"body": "一样"}
    key = {"Idempotency-Key": "same"}
    answers = [
        await callers["shop"].post(path, json=body, headers=key),
        await callers["liu.yang"].post(path, json=body, headers=key),
        await callers["liu.yang"].post(path, json=body),
        await callers["liu.yang"].post(path, json=body),
    ]
    assert len({each.json()["id"] for each in answers}) == 4


@pytest.mark.parametrize("path", ["/v1/staff", "/v1/teams"])
async def test_whoever_is_added_twice_is_added_once(callers: Callers, path: str) -> None:
    root, key = callers["root"], {"Idempotency-Key": uuid4().hex}
    body: dict[str, Any] = {"id": uuid4().hex[:12], "name": "新人"}
    if path == "/v1/staff":
        body |= {"roles": ["seat", "agent"], "teams": []}
    first, again = [await root.post(path, json=body, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    taken = await root.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    unkeyed = await root.post(path, json=body)
    for refused in (taken, unkeyed):
        assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
    others: list[dict[str, Any]] = [
        {"name": "别人"},
        {"id": uuid4().hex[:12]},
        {"reason": "Another one."},
    ]
    others += [{"roles": ["lead"]}, {"teams": ["complaints"]}] if path == "/v1/staff" else []
    for other in others:
        reused = await root.post(path, json={**body, **other}, headers=key)
        assert (reused.status_code, reused.json()["code"]) == (422, "key_reused"), other
    elsewhere = {"/v1/staff": "/v1/teams", "/v1/teams": "/v1/staff"}[path]
    sent: dict[str, Any] = {"id": body["id"], "name": "新人"}
    sent |= {"roles": ["seat"]} if elsewhere == "/v1/staff" else {}
    reused = await root.post(elsewhere, json=sent, headers=key)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    if path == "/v1/staff":
        await root.patch(f"/v1/staff/{body['id']}", json={"roles": ["agent"]})
    assert (await root.post(path, json=body, headers=key)).json() == first.json()


async def test_a_key_that_is_asked_for_twice_is_made_once(callers: Callers) -> None:
    root, key = callers["root"], {"Idempotency-Key": uuid4().hex}
    first = await root.post("/v1/keys", json={"system": "till"}, headers=key)
    count = len((await root.get("/v1/keys")).json()["items"])
    again = await root.post("/v1/keys", json={"system": "till"}, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    assert first.json()["id"] in again.json()["detail"]
    other = await root.post("/v1/keys", json={"system": "kiosk"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len((await root.get("/v1/keys")).json()["items"]) == count


async def test_a_link_that_is_asked_for_twice_is_made_once(callers: Callers) -> None:
    root, key = callers["root"], {"Idempotency-Key": uuid4().hex}
    first = await root.post("/v1/staff/liu.yang/invite", json={}, headers=key)
    assert first.status_code == 201
    assert first.json()["path"].startswith("/sign-in/link#")
    again = await root.post("/v1/staff/liu.yang/invite", json={}, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    assert again.json()["params"] == {"id": first.json()["id"]}
    for id, body in (("chen.min", {}), ("liu.yang", {"reason": "Another one."})):
        other = await root.post(f"/v1/staff/{id}/invite", json=body, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_every_post_takes_a_key() -> None:
    paths: dict[str, Any] = bare_app().openapi()["paths"]
    posts = {path: methods["post"] for path, methods in paths.items() if "post" in methods}
    without = {
        path
        for path, operation in posts.items()
        if "Idempotency-Key" not in {each["name"] for each in operation.get("parameters", ())}
    }
    assert without == WITHOUT_KEY
