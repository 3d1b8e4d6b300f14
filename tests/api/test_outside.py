"""What is for staff reaches no system: every way out is tried, for every sort of caller."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.callers import SYSTEMS, Callers, new_case
from tests.api.colleagues import one_of_each_role
from tests.support.files import PDF
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

SECRET = "kept-among-us"
"""A word in all that staff write for staff."""
COST = "71.29"
PEOPLE = ("chen.min", "liu.yang", "wang.fang", "zhou.hang", "outside.")
INTERNAL = (SECRET, COST, *PEOPLE)
SORTED = {"category": "service_attitude", "severity": "minor"}
READERS = (
    "shop", "app", "outside.vendor", "outside.auditor", "chen.min", "zhou.hang", "root"
)  # fmt: skip
STAFF_ONLY = re.compile(
    r"/v1/(tasks|batches|staff|teams|keys|mailbox)|/rewind\?|^/v1/kinds/.*/flow"
)


@pytest.fixture(scope="module")
async def outside(callers: Callers) -> AsyncIterator[Callers]:
    async with one_of_each_role(callers, "outside") as everybody:
        yield everybody


@pytest.fixture(scope="module")
async def number(outside: Callers) -> str:
    """The number of a case of the shop in which staff wrote all that they may; its run is over."""
    number = await outside.complaint(by="shop")
    await outside.step(number, "accept", {"note": SECRET}, by="chen.min")
    await outside.step(number, "classify", {**SORTED, "note": SECRET}, by="chen.min")
    await outside.step(number, "assign", {"assignee": "liu.yang", "reason": SECRET}, by="chen.min")
    task = (await outside["liu.yang"].get(f"/v1/cases/{number}")).json()["task"]["id"]
    later = (datetime.now(UTC) + timedelta(hours=30)).isoformat()
    comment = {"body": SECRET}
    told = {"body": "We look into it.", "visibility": "public"}
    for by, path, body in (
        ("liu.yang", f"tasks/{task}/hold", {"until": later, "reason": SECRET}),
        ("liu.yang", f"tasks/{task}/resume", {"reason": SECRET}),
        ("zhou.hang", f"tasks/{task}/limit", {"limit": later, "reason": SECRET}),
        ("liu.yang", f"cases/{number}/notify", {"text": "Soon."}),
        ("liu.yang", f"cases/{number}/comments", comment),
        ("liu.yang", f"cases/{number}/comments", told),
    ):
        answer = await outside[by].post(f"/v1/{path}", json=body)
        assert answer.is_success, answer.text
    files = f"/v1/cases/{number}/attachments"
    for by, visibility, note in (("liu.yang", "internal", SECRET), ("wang.fang", "public", "")):
        said = {"name": "a.pdf", "visibility": visibility, "note": note}
        assert (await outside[by].post(files, content=PDF, params=said)).is_success
    finding = {"cause": "service", "reasonable": True, "finding": SECRET}
    await outside.step(number, "investigate", finding)
    await outside.step(number, "propose", {"solution": "Sorry.", "cost": {"amount": COST}})
    # The customer is told why staff end a case.
    await outside.step(number, "withdraw", {"reason": "Sent twice."}, by="liu.yang")

    async def archived() -> bool:
        runs = (await outside["root"].get(f"/v1/cases/{number}/archive")).json()["items"]
        return bool(runs)

    await until(archived)
    return number


async def paths(callers: Callers, number: str) -> list[str]:
    """Every GET route of the API, about this case where it is about one, and with its past."""
    runs = (await callers["root"].get(f"/v1/cases/{number}/archive")).json()["items"]
    files = (await callers["root"].get(f"/v1/cases/{number}/attachments")).json()["items"]
    (public,) = (str(each["seq"]) for each in files if each["public"])
    names = {"number": number, "run": runs[0]["run"], "kind": "complaint", "seq": public}
    operations = callers.app.openapi()["paths"]
    batch = "/v1/batches/" + "0" * 32
    needs = {"/v1/cases/{number}/rewind": "?to=1"}
    routes = [f"{p}{needs.get(p, '')}" for p, methods in operations.items() if "get" in methods]
    routes = [path.replace("/v1/batches/{id}", batch) for path in routes]
    filled = [re.sub(r"\{(\w+)\}", lambda m: names.get(m[1], f"{number}-1"), p) for p in routes]
    past = [f"/v1/cases/{number}?seq={seq}" for seq in range(1, 12)]
    return [*filled, *past, *(f"/v1/tasks/{number}-{n}" for n in (1, 2, 3))]


@pytest.mark.parametrize("reader", READERS)
async def test_nothing_internal_reaches_a_system(
    outside: Callers, number: str, reader: str
) -> None:
    for path in await paths(outside, number):
        answer = await outside[reader].get(path)
        assert answer.status_code < 500, path
        about_the_case = f"/v1/cases/{number}" in path
        if reader in SYSTEMS:
            assert [word for word in INTERNAL if word in answer.text] == [], path
        if reader in SYSTEMS and STAFF_ONLY.search(path):
            assert answer.status_code == 403, path
        elif reader in {"app", "outside.vendor"} and about_the_case:
            assert answer.status_code == 404, path
        elif about_the_case and reader in SYSTEMS and path.endswith("/duplicates"):
            assert answer.status_code == 403, path
        elif about_the_case:
            assert answer.status_code in {200, 422}, path


@pytest.fixture(scope="module")
async def repair(outside: Callers) -> str:
    """The number of a repair of the shop that the vendor holds, after our own people."""
    body = new_case(kind="repair", form={"words": "It leaks.", "model": "KX-7"})
    number: str = (await outside["shop"].post("/v1/cases", json=body)).json()["case"]["number"]
    other, vendor = "outside.repairer", "outside.vendor"
    for by, step, form in (
        ("chen.min", "accept", {"note": SECRET}),
        ("chen.min", "classify", {"category": "leaking", "note": SECRET}),
        ("chen.min", "assign", {"assignee": other, "reason": SECRET}),
        (other, "decline_job", {"reason": SECRET}),
        ("chen.min", "assign", {"assignee": vendor, "reason": SECRET}),
        (vendor, "take_job", {"note": "By noon."}),
        (vendor, "visit", {}),
        (vendor, "diagnose", {"outcome": "covered", "finding": "A seal.", "evidence": "Receipt."}),
    ):
        await outside.step(number, step, form, by=by)
    task = (await outside[vendor].get(f"/v1/cases/{number}")).json()["task"]["id"]
    later = (datetime.now(UTC) + timedelta(hours=30)).isoformat()
    public = {"body": "Bring a seal.", "visibility": "public"}
    for by, path, sent in (
        ("zhou.hang", f"tasks/{task}/limit", {"limit": later, "reason": SECRET}),
        ("chen.min", f"cases/{number}/comments", {"body": SECRET}),
        ("chen.min", f"cases/{number}/comments", public),
        (vendor, f"cases/{number}/comments", {"body": "It was the seal."}),
        (other, f"cases/{number}/comments", {"body": SECRET}),
        ("zhou.hang", f"tasks/{task}/hold", {"until": later, "reason": SECRET}),
    ):
        answer = await outside[by].post(f"/v1/{path}", json=sent)
        assert answer.is_success, answer.text
    return number


async def test_nothing_internal_reaches_a_vendor_at_work(outside: Callers, repair: str) -> None:
    vendor, read = outside["outside.vendor"], 0
    colleagues = [*PEOPLE[:-1], "outside.repairer"]
    for path in await vendors_paths(outside, repair):
        answer = await vendor.get(path)
        assert answer.status_code < 500, path
        assert [word for word in (SECRET, *colleagues) if word in answer.text] == [], path
        read += answer.status_code == 200
    assert read > 20
    plan = await vendor.get(f"/v1/cases/{repair}/rewind?to=1")
    assert (plan.status_code, plan.json()["code"]) == (403, "forbidden")


async def vendors_paths(callers: Callers, number: str) -> list[str]:
    """Every GET route about a case, its past and each of its tasks; the run is not over."""
    operations = callers.app.openapi()["paths"]
    case = (await callers["root"].get(f"/v1/cases/{number}")).json()["case"]
    names = {"number": number, "run": "none", "kind": "repair", "id": f"{number}-1", "seq": "1"}
    names |= {"ref": case["customer"] or "cu-0", "version": "2026-1"}
    routes = [path for path, methods in operations.items() if "get" in methods]
    filled = [re.sub(r"\{(\w+)\}", lambda m: names[m[1]], path) for path in routes]
    last = case["last_seq"]
    past = [f"/v1/cases/{number}?seq={seq}" for seq in range(1, last + 1)]
    return [*filled, *past, *(f"/v1/tasks/{number}-{seq}" for seq in range(1, last + 1))]


async def test_a_vendor_reads_what_it_said_and_what_it_needs(outside: Callers, repair: str) -> None:
    vendor = outside["outside.vendor"]
    entries = (await vendor.get(f"/v1/cases/{repair}/history?limit=100")).json()["items"]
    assert entries[0]["form"]["form"]["model"] == "KX-7"
    by_step = {entry["step"]: entry for entry in entries if entry["step"]}
    assert by_step["take_job"]["form"] == {"note": "By noon."}
    assert by_step["diagnose"]["form"]["finding"] == "A seal."
    assert by_step["diagnose"]["actor"]["id"] == "outside.vendor"
    assert by_step["decline_job"]["form"] == {}
    assert by_step["assign"]["form"] == {"assignee": "outside.vendor"}
    (limited,) = [entry["form"] for entry in entries if entry["type"] == "limited"]
    assert {*limited} == {"limit"}
    page = (await vendor.get(f"/v1/cases/{repair}")).json()
    assert (page["case"]["assignee"], page["case"]["state"]) == ("outside.vendor", "repairing")
    assert page["task"]["assignee"] == "outside.vendor"
    assert (page["hold"]["by"], page["hold"]["reason"]) == ("staff", "")
    said = ["Bring a seal.", "It was the seal."]
    comments = (await vendor.get(f"/v1/cases/{repair}/comments")).json()["items"]
    assert [c["body"] for c in comments] == [c["body"] for c in page["comments"]] == said
    assert [c["author"]["id"] for c in comments] == ["staff", "outside.vendor"]
    inside = (await outside["chen.min"].get(f"/v1/cases/{repair}/comments")).json()["items"]
    assert len(inside) == 4


async def test_staff_read_what_is_theirs(outside: Callers, number: str) -> None:
    for path in ("history", "diff", "comments"):
        answer = await outside["outside.auditor"].get(f"/v1/cases/{number}/{path}?limit=100")
        assert SECRET in answer.text or answer.status_code == 422
        assert "liu.yang" in (await outside["zhou.hang"].get(f"/v1/cases/{number}/{path}")).text
    run = (await outside["root"].get(f"/v1/cases/{number}/archive")).json()["items"][0]["run"]
    inside = (await outside["root"].get(f"/v1/cases/{number}/archive/{run}")).json()
    assert inside["history"]["events"]
    system = (await outside["shop"].get(f"/v1/cases/{number}/archive/{run}")).json()
    assert system["history"] is None


async def test_the_playbook_is_for_those_who_work_on_the_case(
    outside: Callers, number: str
) -> None:
    shown = {
        who: (await outside[who].get(f"/v1/cases/{number}")).json() for who in ("shop", "zhou.hang")
    }
    assert shown["shop"]["playbook"] == shown["shop"]["proposal_reasons"] == []
    assert shown["shop"]["guidance"] is None
    assert "staff_heard" in {each["name"] for each in shown["zhou.hang"]["playbook"]}
    assert shown["zhou.hang"]["guidance"]["category"] == "service_attitude"


async def test_a_system_reads_what_it_said_and_what_is_the_customers(
    outside: Callers, number: str
) -> None:
    entries = (await outside["shop"].get(f"/v1/cases/{number}/history")).json()["items"]
    seqs = [entry["seq"] for entry in entries]
    assert seqs == list(range(1, len(seqs) + 1)), "none is left out, so that paging stays simple"
    opened, *rest = entries
    assert opened["actor"]["id"] == "shop"
    assert opened["form"]["form"]["words"]
    by_step = {entry["step"]: entry["form"] for entry in rest}
    assert by_step["classify"] == {"category": "service_attitude"}
    assert by_step["propose"] == {"solution": "Sorry."}
    assert by_step["accept"] == by_step["withdraw"] == {}
    assert [e["form"] for e in rest if e["type"] == "notified"] == [{"text": "Soon."}]
    assert {e["actor"]["id"] for e in rest if e["actor"]["kind"] == "staff"} == {"staff"}


async def test_a_system_cannot_find_out_by_filters(outside: Callers) -> None:
    for asked in ({"assignee": "liu.yang"}, {"team": "complaints"}, {"on_hold": "true"}):
        answer = await outside["shop"].get("/v1/cases", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_answers_and_refusals_name_nobody_to_a_system(outside: Callers) -> None:
    number = await outside.complaint(by="shop")
    await outside.step(number, "accept", {}, by="chen.min")
    await outside.step(number, "classify", SORTED, by="chen.min")
    await outside.step(number, "assign", {"assignee": "liu.yang"}, by="chen.min")
    path = f"/v1/cases/{number}/steps"
    stale = await outside["shop"].post(f"{path}/withdraw", json={}, headers={"If-Match": '"1"'})
    late = await outside["shop"].post(f"{path}/accept", json={})
    done = await outside["shop"].post(f"{path}/withdraw", json={"reason": "Solved itself."})
    assert (stale.status_code, late.status_code, done.status_code) == (412, 409, 200)
    for answer in (stale, late, done):
        assert [word for word in PEOPLE if word in answer.text] == []


async def test_a_vendor_sees_the_repairs_that_are_its_own(outside: Callers) -> None:
    body: dict[str, Any] = new_case(
        kind="repair",
        form={"words": "It leaks."},
        customer={"name": "李四", "contacts": [{"kind": "phone", "value": "13800004711"}]},
    )
    number = (await outside["shop"].post("/v1/cases", json=body)).json()["case"]["number"]
    vendor = outside["outside.vendor"]

    async def listed() -> set[str]:
        cases = (await vendor.get("/v1/cases", params={"limit": 100})).json()["items"]
        tasks = await vendor.get("/v1/tasks", params={"scope": "all", "limit": 100})
        assert {each["number"] for each in tasks.json()["items"]} <= {c["number"] for c in cases}
        return {each["number"] for each in cases}

    assert (await vendor.get(f"/v1/cases/{number}")).status_code == 404
    assert number not in await listed()
    await outside.step(number, "accept", {}, by="chen.min")
    await outside.step(number, "classify", {"category": "leaking"}, by="chen.min")
    assert (await vendor.get(f"/v1/cases/{number}/history")).status_code == 404
    for holder, status in (("outside.repairer", 404), ("outside.vendor", 200)):
        await outside.step(number, "assign", {"assignee": holder}, by="chen.min")
        assert (await vendor.get(f"/v1/cases/{number}")).status_code == status
        assert (number in await listed()) is (status == 200)
        if status == 404:
            await outside.step(number, "decline_job", {"reason": "Too far."}, by=holder)
    held = (await vendor.get(f"/v1/cases/{number}")).json()
    assert held["customer"]["name"] == "李四", "whoever holds it goes there"
    assert (await vendor.get(f"/v1/cases/{number}/history")).status_code == 200
    assert (await vendor.get("/v1/cases", params={"limit": 1})).json()["items"]
