"""Staff, teams and keys: for administrators; a key is shown once, and revoked for good."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.callers import Callers, add_people, api_client

pytestmark = pytest.mark.xdist_group("api")


async def test_me_is_whoever_owns_the_key(callers: Callers) -> None:
    me = (await callers["wang.fang"].get("/v1/me")).json()
    assert (me["tenant"], me["kind"], me["id"]) == ("default", "staff", "wang.fang")
    assert (me["roles"], me["teams"]) == (["lead"], ["complaints"])
    assert (await callers["shop"].get("/v1/me")).json()["kind"] == "system"


async def test_a_new_colleague_gets_a_key_and_leaves_again(callers: Callers) -> None:
    admin = callers["root"]
    assert (await admin.post("/v1/teams", json={"id": "night", "name": "夜班"})).status_code == 201
    new = {"id": "sun.li", "name": "孙丽", "roles": ["agent"], "teams": ["night"]}
    added = await admin.post("/v1/staff", json=new)
    assert (added.status_code, added.json()) == (201, {**new, "active": True})
    made = (await admin.post("/v1/keys", json={"staff": "sun.li"})).json()
    async with api_client(callers.app, made["key"]) as sun:
        number = await callers.complaint()
        assert (await sun.post(f"/v1/tasks/{number}-1/claim")).status_code == 200
        left = await admin.patch("/v1/staff/sun.li", json={"active": False})
        assert left.json()["active"] is False
        assert (await sun.get("/v1/me")).status_code == 401
        gone = await callers["wang.fang"].post(
            f"/v1/tasks/{number}-1/assign", json={"assignee": "sun.li"}
        )
        assert gone.json()["code"] == "unknown_staff"
        await admin.patch("/v1/staff/sun.li", json={"active": True})
        assert (await sun.get("/v1/me")).status_code == 200
        assert (await admin.delete(f"/v1/keys/{made['id']}")).status_code == 204
        assert (await sun.get("/v1/me")).status_code == 401
    listed = (await admin.get("/v1/keys")).json()["items"]
    revoked = next(key for key in listed if key["id"] == made["id"])
    assert revoked["revoked_at"] is not None
    assert made["key"] not in str(listed)
    assert "sun.li" in [p["id"] for p in (await admin.get("/v1/staff")).json()["items"]]
    assert "night" in [team["id"] for team in (await admin.get("/v1/teams")).json()["items"]]


async def test_roles_and_teams_change(callers: Callers) -> None:
    admin = callers["root"]
    new = {"id": "ma.li", "name": "马力", "roles": ["seat"], "teams": ["complaints"]}
    await admin.post("/v1/staff", json=new)
    made = (await admin.post("/v1/keys", json={"staff": "ma.li"})).json()
    async with api_client(callers.app, made["key"]) as ma:
        changes: list[dict[str, Any]] = [
            {"roles": ["agent", "lead"]},
            {"teams": ["inquiries"]},
            {"teams": []},
            {"roles": ["seat"], "teams": ["complaints"], "active": True},
        ]
        for change in changes:
            changed = await admin.patch("/v1/staff/ma.li", json=change)
            assert changed.status_code == 200, changed.text
            me = (await ma.get("/v1/me")).json()
            told = {**changed.json(), **change}
            assert changed.json() == told
            assert (me["roles"], me["teams"]) == (told["roles"], told["teams"])
    for wrong, pointer in (
        ({}, ""),
        ({"roles": []}, "/roles"),
        ({"roles": ["king"]}, "/roles"),
        ({"teams": ["nowhere"], "active": False}, "/teams"),
    ):
        answer = await admin.patch("/v1/staff/ma.li", json=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    kept = next(p for p in (await admin.get("/v1/staff")).json()["items"] if p["id"] == "ma.li")
    assert kept == {**new, "active": True}


async def test_a_handing_on_is_repeated_after_the_colleague_has_left(callers: Callers) -> None:
    admin, lead = callers["root"], callers["wang.fang"]
    new = {"id": "he.ping", "name": "何平", "roles": ["agent"], "teams": ["complaints"]}
    await admin.post("/v1/staff", json=new)
    number = await callers.complaint()
    path, sent = f"/v1/tasks/{number}-1/assign", {"assignee": "he.ping"}
    key = {"Idempotency-Key": "hand-on"}
    first = await lead.post(path, json=sent, headers=key)
    assert first.status_code == 200, first.text
    await admin.patch("/v1/staff/he.ping", json={"active": False})
    events = await callers.events(number)
    again = await lead.post(path, json=sent, headers=key)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])
    assert again.headers["idempotent-replayed"] == "true"
    for headers in ({}, {"Idempotency-Key": "another"}):
        anew = await lead.post(path, json=sent, headers=headers)
        assert (anew.status_code, anew.json()["code"]) == (422, "unknown_staff")
        assert anew.json()["params"]["who"] == "he.ping"
    assert await callers.events(number) == events


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("/v1/staff", {"id": "root", "name": "x", "roles": ["agent"]}, 409, "already_exists"),
        ("/v1/staff", {"id": "x", "name": "x", "roles": ["king"]}, 422, "invalid"),
        ("/v1/staff", {"id": "x", "name": "x", "roles": ["customer"]}, 422, "invalid"),
        ("/v1/staff", {"id": "x", "name": "x", "roles": ["agent"], "teams": ["y"]}, 422, "invalid"),
        ("/v1/teams", {"id": "complaints", "name": "x"}, 409, "already_exists"),
        ("/v1/keys", {"staff": "nobody.here"}, 422, "unknown_staff"),
        ("/v1/keys", {"system": "desk"}, 422, "invalid"),
        ("/v1/staff/nobody.here/invite", {}, 422, "unknown_staff"),
        ("/v1/staff/root/invite", {"password": "x"}, 422, "invalid"),
        ("/v1/keys", {"system": "x", "staff": "root"}, 422, "invalid"),
        ("/v1/keys", {}, 422, "invalid"),
    ],
)
async def test_what_an_administrator_may_not_do(
    callers: Callers, path: str, sent: dict[str, object], status: int, code: str
) -> None:
    answer = await callers["root"].post(path, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


ADMINISTRATION: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("GET", "/v1/staff", None),
    ("POST", "/v1/staff", {"id": "x", "name": "x", "roles": ["agent"]}),
    ("PATCH", "/v1/staff/x", {"active": True}),
    ("POST", "/v1/staff/liu.yang/invite", {}),
    ("GET", "/v1/teams", None),
    ("POST", "/v1/teams", {"id": "x", "name": "x"}),
    ("GET", "/v1/keys", None),
    ("POST", "/v1/keys", {"system": "x"}),
    ("DELETE", "/v1/keys/x", None),
)


async def test_only_administrators_administer(callers: Callers) -> None:
    for by in ("liu.yang", "zhou.hang", "shop"):
        for method, path, sent in ADMINISTRATION:
            answer = await callers[by].request(method, path, json=sent)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
            takes = "staff" if by == "shop" else ["administrator"]
            assert answer.json()["params"]["takes"] == takes
    people = (await callers["root"].get("/v1/staff")).json()["items"]
    assert "x" not in {person["id"] for person in people}
    assert (await callers["root"].delete("/v1/keys/x")).status_code == 404
    assert (await callers["root"].patch("/v1/staff/x", json={"active": True})).status_code == 404


@pytest.mark.parametrize("key", ["", "bj_", "bj__", "bj_x_y", "Basic x", "bj_\u00e9_y"])
async def test_a_key_that_is_none_opens_nothing(callers: Callers, key: str) -> None:
    header = {"Authorization": f"Bearer {key}".encode("latin-1")}
    answer = await callers["nobody"].get("/v1/me", headers=header)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def is_last(answer: httpx.Response) -> bool:
    code = answer.json()["code"] if answer.content else ""
    return (answer.status_code, code) == (409, "last_administrator")


async def test_somebody_who_administers_is_left(callers: Callers) -> None:
    tenant = "lonely"
    keys = await add_people(callers.store, tenant)
    async with api_client(callers.app, keys["root"]) as root:
        only = (await root.get("/v1/keys")).json()["items"]
        own = next(key["id"] for key in only if key["owner"]["id"] == "root")
        await root.post("/v1/staff", json={"id": "eve", "name": "E", "roles": ["administrator"]})
        for change in ({"active": False}, {"roles": ["agent"]}):
            assert is_last(await root.patch("/v1/staff/root", json=change)), change
        assert is_last(await root.delete(f"/v1/keys/{own}")), "eve has no key"
        zh = {"Accept-Language": "zh"}
        told = (await root.patch("/v1/staff/root", json={"active": False}, headers=zh)).json()
        assert "管理员" in told["detail"]
        changed = await root.patch("/v1/staff/root", json={"roles": ["administrator", "agent"]})
        assert (changed.status_code, changed.json()["active"]) == (200, True)
        eve = (await root.post("/v1/keys", json={"staff": "eve"})).json()["key"]
        async with api_client(callers.app, eve) as other:
            await asyncio.gather(
                root.patch("/v1/staff/eve", json={"active": False}),
                other.patch("/v1/staff/root", json={"roles": ["agent"]}),
            )
        assert await callers.store.people.somebody_has(tenant, "administrator")


async def test_who_leads_says_what_people_can_do_and_people_come_and_go(callers: Callers) -> None:
    liu, lead = callers["liu.yang"], callers["wang.fang"]
    profile, duty = "/v1/staff/liu.yang/profile", "/v1/staff/liu.yang/duty"
    skills = [{"kind": ["repair"], "region": ["成华区"]}]
    said = await lead.patch(profile, json={"skills": skills, "capacity": 3})
    assert said.status_code == 200
    shown = said.json()
    assert (shown["capacity"], shown["on_duty"], shown["since"]) == (3, False, None)
    assert shown["skills"] == [{**skills[0], "category": [], "product_line": []}]
    assert (await liu.patch(profile, json={"capacity": 9})).status_code == 403
    here = (await liu.patch(duty, json={"on_duty": True})).json()
    assert (here["on_duty"], here["capacity"]) == (True, 3)
    assert (await liu.get(profile)).json() == here
    assert (await callers["chen.min"].patch(duty, json={"on_duty": False})).status_code == 403
    assert (await lead.patch(duty, json={"on_duty": False})).json()["on_duty"] is False
    assert (await lead.get("/v1/staff/nobody/profile")).status_code == 404
    for wrong in (
        {},
        {"capacity": -1},
        {"skills": [{"shoe": ["42"]}]},
        {"skills": [{"kind": "x"}]},
    ):
        assert (await lead.patch(profile, json=wrong)).status_code == 422
