"""Customers over HTTP: found, corrected as versions, merged and taken apart, by those who may."""

from itertools import count
from typing import Any

import httpx
import pytest

from tests.api.callers import Callers, new_case
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

_drawn = count(1)


def phone() -> str:
    """Return a number that no other test has."""
    return f"1391234{next(_drawn):04}"


async def started(callers: Callers, name: str | None, number: str) -> tuple[str, str]:
    """Start a case; return its number and its customer's reference."""
    contacts = [{"kind": "phone", "value": number}]
    customer = {"contacts": contacts} | ({"name": name} if name else {})
    answer = await callers["shop"].post("/v1/cases", json=new_case(customer=customer))
    assert answer.status_code in {201, 202}, answer.text
    case = answer.headers["location"].rpartition("/")[2]

    async def found() -> bool:
        return (await callers["liu.yang"].get(f"/v1/cases/{case}")).is_success

    await until(found)
    shown = (await callers["liu.yang"].get(f"/v1/cases/{case}")).json()
    return case, str(shown["customer"]["ref"])


async def correct(callers: Callers, ref: str, **change: Any) -> httpx.Response:
    body = {"reason": "他来电说的", **change}
    return await callers["liu.yang"].patch(f"/v1/customers/{ref}", json=body)


async def read(callers: Callers, ref: str, tail: str = "", by: str = "liu.yang") -> Any:
    answer = await callers[by].get(f"/v1/customers/{ref}{tail}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_customer_is_found_by_any_spelling_and_corrected(callers: Callers) -> None:
    number = phone()
    case, ref = await started(callers, "王小名", number)
    found = await callers["liu.yang"].get(
        "/v1/customers", params={"contact": f"+86 {number[:3]}-{number[3:7]} {number[7:]}"}
    )
    assert [each["ref"] for each in found.json()["items"]] == [ref]
    answer = await correct(
        callers, ref, name="王小明", tier="vip", type="person", preferred_channel="wechat",
        consent={"sms": "refused"}, contacts=[{"kind": "wechat", "value": f"wx{number}"}],
    )  # fmt: skip
    record = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert (record["name"], record["tier"], record["names"]) == (
        "王小明",
        "vip",
        ["王小明", "王小名"],
    )
    assert record["former_contacts"] == [{"kind": "phone", "value": number}]
    assert record["consent"] == {"sms": "refused"}
    one, two = (await read(callers, ref, "/versions"))["items"]
    assert (one["what"], one["by"], one["name"]) == ("added", None, "王小名")
    assert (two["what"], two["by"]["id"], two["reason"]) == ("corrected", "liu.yang", "他来电说的")
    shown = (await callers["liu.yang"].get(f"/v1/cases/{case}")).json()["customer"]
    assert (shown["name"], shown["tier"]) == ("王小明", "vip")
    assert [each["value"] for each in shown["contacts"]] == [f"wx{number}"]
    # The system that brought the case in is shown what it gave.
    own = (await callers["shop"].get(f"/v1/cases/{case}")).json()["customer"]
    assert (own["name"], own["tier"]) == ("王小名", None)
    assert [each["value"] for each in own["contacts"]] == [number]


async def test_a_new_case_knows_the_tier_and_the_system_is_not_told(callers: Callers) -> None:
    """Policies may ask it: a case keeps what it was when it was opened."""
    number = phone()
    before, ref = await started(callers, "周先生", number)
    assert (await correct(callers, ref, tier="vip")).status_code == 200
    after, again = await started(callers, "周先生", number)
    assert again == ref
    tiers = []
    for case in (before, after):
        history = await callers["liu.yang"].get(f"/v1/cases/{case}/history")
        tiers.append(history.json()["items"][0]["form"].get("tier"))
    assert tiers == [None, "vip"]
    told = await callers["shop"].get(f"/v1/cases/{after}/history")
    assert "vip" not in told.text


async def test_two_on_one_number_are_merged_and_taken_apart(callers: Callers) -> None:
    number = phone()
    first, one = await started(callers, "王小明", number)
    second, two = await started(callers, "李雷", number)
    assert one != two
    lead = callers["wang.fang"]
    body = {"into": one, "reason": "夫妻共用"}
    merged = await lead.post(f"/v1/customers/{two}/merge", json=body)
    assert (merged.status_code, merged.json()["merged"]) == (200, [two])
    again = await lead.post(f"/v1/customers/{two}/merge", json=body)
    assert again.headers["idempotent-replayed"] == "true"
    assert (await read(callers, two))["ref"] == one
    for ref in (one, two):
        listed = await lead.get("/v1/cases", params={"customer": ref})
        assert {each["number"] for each in listed.json()["items"]} == {first, second}
    # The shop's filter narrows to what it brought in, by the reference that it knows.
    own = await callers["app"].get("/v1/cases", params={"customer": two})
    assert own.json()["items"] == []
    undone = await lead.post(f"/v1/customers/{two}/unmerge", json={"reason": "弄错了"})
    assert (undone.json()["ref"], undone.json()["merged"]) == (two, [])
    versions = (await read(callers, two, "/versions"))["items"]
    assert [(each["what"], each["into"]) for each in versions] == [
        ("added", None), ("merged", one), ("unmerged", one),
    ]  # fmt: skip
    events = await callers.store.audit_log.events("default", 20, "customer.")
    assert {"customer.merged", "customer.unmerged"} <= {each.what for each in events}


async def test_who_may(callers: Callers) -> None:
    _, ref = await started(callers, "王小明", phone())
    body = {"into": "cu-none", "reason": "x"}
    for by, status in (("shop", 403), ("nobody", 401), ("liu.yang", 403), ("wang.fang", 422)):
        answer = await callers[by].post(f"/v1/customers/{ref}/merge", json=body)
        assert answer.status_code == status, (by, answer.text)
    for by, status in (("shop", 403), ("liu.yang", 200)):
        assert (await callers[by].get(f"/v1/customers/{ref}")).status_code == status
        patched = await callers[by].patch(
            f"/v1/customers/{ref}", json={"tier": "vip", "reason": "x"}
        )
        assert patched.status_code == status
    assert (await callers["liu.yang"].get("/v1/customers/cu-none")).status_code == 404


def fault_of(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["errors"]
    return fault["pointer"], fault["code"]


async def test_nobody_prefers_what_they_refuse(callers: Callers) -> None:
    _, ref = await started(callers, "王小明", phone())
    refuses = {"consent": {"sms": "refused"}}
    both = await correct(callers, ref, preferred_channel="sms", **refuses)
    assert fault_of(both) == ("/preferred_channel", "channel_refused")
    assert (await read(callers, ref))["version"] == 1, "nothing was written"
    assert (await correct(callers, ref, preferred_channel="sms")).status_code == 200
    assert fault_of(await correct(callers, ref, **refuses)) == ("/consent/sms", "channel_preferred")
    moved = await correct(callers, ref, preferred_channel="email", **refuses)
    assert moved.status_code == 200, moved.text
    back = await correct(callers, ref, preferred_channel="sms")
    assert fault_of(back) == ("/preferred_channel", "channel_refused")
    given = await correct(callers, ref, preferred_channel="sms", consent={"sms": "given"})
    assert given.json()["preferred_channel"] == "sms"


async def test_what_is_refused(callers: Callers) -> None:
    _, ref = await started(callers, "王小明", phone())
    lead = callers["wang.fang"]
    same = await lead.post(f"/v1/customers/{ref}/merge", json={"into": ref, "reason": "x"})
    assert (same.status_code, same.json()["code"]) == (409, "same_customer")
    undone = await lead.post(f"/v1/customers/{ref}/unmerge", json={"reason": "x"})
    assert (undone.status_code, undone.json()["code"]) == (409, "not_merged")
    unseen = {"contacts": [{"kind": "phone", "value": "\u200b"}]}
    wrong: list[dict[str, Any]] = [{}, {"tier": "gold"}, {"reason": " "}, {"vip": True}]
    for change in (*wrong, unseen, {"consent": {"fax": "given"}}):
        assert (await correct(callers, ref, **change)).status_code == 422, change
    headers = {"If-Match": '"1"', "Idempotency-Key": f"tier-{ref}"}
    for tier, status in (("vip", 200), ("vip", 200), ("member", 422)):
        answer = await callers["liu.yang"].patch(
            f"/v1/customers/{ref}", json={"tier": tier, "reason": "x"}, headers=headers
        )
        assert answer.status_code == status, answer.text
    stale = await callers["liu.yang"].patch(
        f"/v1/customers/{ref}", json={"tier": "member", "reason": "x"}, headers={"If-Match": '"1"'}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "customer_changed")
    assert stale.json()["params"] == {"version": 2}
    assert len((await read(callers, ref, "/versions"))["items"]) == 2


@pytest.mark.parametrize("spelt", ["无", "不详", "unknown", "-", "没有", "13800000000000000000"])
async def test_a_number_that_is_none_leaves_a_case_readable(callers: Callers, spelt: str) -> None:
    contact = {"kind": "phone", "value": spelt}
    customer = {"name": "赵六", "contacts": [contact]}
    started = await callers["shop"].post("/v1/cases", json=new_case(customer=customer))
    assert started.status_code in {201, 422}, started.text
    if started.status_code == 201:
        number = started.headers["location"].rpartition("/")[2]
        read = await callers["liu.yang"].get(f"/v1/cases/{number}")
        assert read.status_code == 200, read.text
        assert read.json()["customer"]["contacts"] == [contact]
