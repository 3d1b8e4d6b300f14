"""Tenants do not see each other, and a system sees only the cases that it brought in."""

from collections.abc import AsyncIterator

import pytest

from tests.api.callers import Callers, add_people, new_case, open_clients

pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture(scope="module")
async def rival(callers: Callers) -> AsyncIterator[Callers]:
    """Another brand on the same engine, with people of the same names."""
    keys = await add_people(callers.store, "rival")
    async with open_clients(callers.app, callers.engine, keys) as rival:
        yield rival


async def test_another_tenants_case_is_not_there(callers: Callers, rival: Callers) -> None:
    number = await callers.complaint()
    before = await callers.events(number)
    agent = rival["liu.yang"]
    for path in ("", "/history", "/comments", "/notices", "/archive"):
        assert (await agent.get(f"/v1/cases/{number}{path}")).status_code == 404, path
    assert (await agent.get(f"/v1/tasks/{number}-1")).status_code == 404
    for path in (f"/v1/cases/{number}/steps/accept", f"/v1/tasks/{number}-1/claim"):
        answer = await agent.post(path, json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    said = await agent.post(f"/v1/cases/{number}/comments", json={"body": "x"})
    assert said.status_code == 404
    linked = await agent.post("/v1/cases", json=new_case(parent=number))
    assert linked.json()["errors"][0]["pointer"] == "/parent"
    assert await callers.events(number) == before


async def test_lists_and_references_are_each_tenants_own(callers: Callers, rival: Callers) -> None:
    sent = new_case(customer={"contacts": [{"kind": "phone", "value": "13800000003"}]})
    ours = (await callers["shop"].post("/v1/cases", json=sent)).json()["case"]
    theirs = (await rival["shop"].post("/v1/cases", json=sent)).json()["case"]
    assert ours["number"] != theirs["number"]
    assert ours["customer"] != theirs["customer"]
    found = (await rival["liu.yang"].get("/v1/cases")).json()["items"]
    assert {item["tenant"] for item in found} == {"rival"}
    tasks = (await rival["liu.yang"].get("/v1/tasks", params={"scope": "all"})).json()["items"]
    assert {item["tenant"] for item in tasks} == {"rival"}
    stolen = new_case(customer={"ref": ours["customer"]})
    answer = await rival["shop"].post("/v1/cases", json=stolen)
    assert answer.json()["code"] == "unknown_customer"


async def test_a_system_sees_only_its_own(callers: Callers) -> None:
    number = await callers.complaint(by="shop")
    for path in ("", "/history", "/comments", "/notices", "/archive"):
        assert (await callers["shop"].get(f"/v1/cases/{number}{path}")).status_code == 200
        assert (await callers["app"].get(f"/v1/cases/{number}{path}")).status_code == 404
    sources = {item["source"] for item in (await callers["app"].get("/v1/cases")).json()["items"]}
    assert sources <= {"app"}
    other = await callers["app"].get("/v1/cases", params={"source": "shop"})
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")


async def test_a_system_reads_of_a_customer_what_it_told_itself(callers: Callers) -> None:
    phone, mail, home = (
        {"kind": "phone", "value": "13800000021"},
        {"kind": "email", "value": "li@example.com"},
        {"kind": "address", "value": "南京路 1 号"},
    )
    whole = {"name": "李四", "contacts": [phone, mail, home]}
    first = await callers.complaint(by="shop", customer=whole)
    second = await callers.complaint(by="app", customer={"contacts": [phone]})
    told = (await callers["app"].get(f"/v1/cases/{second}")).json()["customer"]
    unsaid = dict.fromkeys(("type", "tier", "preferred_channel"))
    assert told == {"ref": told["ref"], "name": None, "contacts": [phone], "names": [], **unsaid}
    for by, number in (("shop", first), ("liu.yang", first), ("liu.yang", second)):
        seen = (await callers[by].get(f"/v1/cases/{number}")).json()["customer"]
        assert seen == {"ref": told["ref"], **whole, "names": ["李四"], **unsaid}


async def test_a_phone_shows_nothing_of_whoever_else_has_it(callers: Callers) -> None:
    """Nobody has checked whose phone it is: each case shows what was given with it."""
    phone = {"kind": "phone", "value": "138 0000 0023"}
    mail = {"kind": "email", "value": "alice@example.com"}
    alice = {"name": "李一", "contacts": [{"kind": "phone", "value": "13800000023"}, mail]}
    first = await callers.complaint(by="shop", customer=alice)
    for given in (
        {"contacts": [phone]},
        {"name": "王二", "contacts": [phone]},
        {"name": "王二", "contacts": [phone, {"kind": "email", "value": "eve@example.com"}]},
        {"name": "王二"},
    ):
        number = await callers.complaint(by="shop", customer=given)
        shown = (await callers["shop"].get(f"/v1/cases/{number}")).json()["customer"]
        assert shown["name"] == given.get("name")
        assert shown["contacts"] == given.get("contacts", [])
        assert "李一" not in str(shown)
        assert "alice" not in str(shown)
    shown = (await callers["shop"].get(f"/v1/cases/{first}")).json()["customer"]
    assert (shown["name"], shown["contacts"]) == (alice["name"], alice["contacts"])


@pytest.mark.parametrize("by", ["shop", "liu.yang"])
async def test_two_names_on_one_phone_are_two_people(callers: Callers, by: str) -> None:
    phone = {"kind": "phone", "value": f"1380000{len(by):04d}"}
    numbers = {
        name: await callers.complaint(by=by, customer={"name": name, "contacts": [phone]})
        for name in ("李一", "王二", "赵三")
    }
    for name, number in numbers.items():
        for reader in (by, "wang.fang"):
            shown = (await callers[reader].get(f"/v1/cases/{number}")).json()["customer"]
            assert shown["name"] == name, "whoever asks sees what was given"
            assert shown["names"] == [name]
            assert shown["contacts"] == [phone]
    refs = {
        (await callers["wang.fang"].get(f"/v1/cases/{number}")).json()["customer"]["ref"]
        for number in numbers.values()
    }
    assert len(refs) == len(numbers)


async def test_a_reference_to_anothers_customer_leads_nowhere(callers: Callers) -> None:
    phone = {"kind": "phone", "value": "13800000022"}
    number = await callers.complaint(by="shop", customer={"name": "王五", "contacts": [phone]})
    ref = (await callers["shop"].get(f"/v1/cases/{number}")).json()["customer"]["ref"]
    sent = new_case(customer={"ref": ref})
    stolen = await callers["app"].post("/v1/cases", json=sent)
    assert (stolen.status_code, stolen.json()["code"]) == (422, "unknown_customer")
    for by in ("shop", "liu.yang"):
        assert (await callers[by].post("/v1/cases", json=new_case(**sent))).status_code == 201


async def test_the_engine_itself_refuses_a_stranger(callers: Callers, rival: Callers) -> None:
    """Without the store's rows, as while it is down, the engine refuses."""
    number = await callers.complaint(by="shop")
    services = rival.app.state.services
    found, services.store.cases = services.store.cases, _Blind()
    try:
        for caller in (rival["liu.yang"], callers["app"]):
            answer = await caller.post(f"/v1/cases/{number}/steps/withdraw", json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    finally:
        services.store.cases = found


class _Blind:
    async def get(self, _tenant: str, _number: str) -> None:
        return None


async def test_comments_of_staff_are_internal_unless_they_say_otherwise(callers: Callers) -> None:
    number = await callers.complaint()
    path = f"/v1/cases/{number}/comments"
    for by, sent in (
        ("liu.yang", {"body": "客户情绪激动。"}),
        ("liu.yang", {"body": "我们正在核实。", "visibility": "public"}),
        ("shop", {"body": "客户补充了照片。"}),
    ):
        assert (await callers[by].post(path, json=sent)).status_code == 201
    inside = (await callers["zhang.qian"].get(path)).json()["items"]
    outside = (await callers["shop"].get(path)).json()["items"]
    assert [c["visibility"] for c in inside] == ["internal", "public", "public"]
    assert [c["body"] for c in outside] == ["我们正在核实。", "客户补充了照片。"]
    assert inside[2]["author"] == {"kind": "system", "id": "shop"}
    first = (await callers["shop"].get(path, params={"limit": 1})).json()
    rest = (await callers["shop"].get(path, params={"limit": 1, "cursor": first["next"]})).json()
    assert (first["items"] + rest["items"], rest["next"]) == (outside, None)
    foreign = await callers["liu.yang"].get(path, params={"cursor": first["next"]})
    assert (foreign.status_code, foreign.json()["code"]) == (400, "bad_cursor")
    secret = await callers["shop"].post(path, json={"body": "x", "visibility": "internal"})
    assert (secret.status_code, secret.json()["code"]) == (403, "forbidden")
