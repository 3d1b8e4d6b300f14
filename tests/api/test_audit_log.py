"""What administrators do, and who looks at whom, is in the audit log with actor and reason."""

import asyncio

import pytest

from app.policy import note_policy
from store.audit.records import AuditEvent
from tests.api.callers import Callers

pytestmark = pytest.mark.xdist_group("api")


async def acts(callers: Callers, what: str, subject: str) -> list[AuditEvent]:
    found = await callers.store.audit_log.events("default", 1000, what)
    return [act for act in found if act.subject == subject]


async def test_what_administrators_do_is_written_down_with_its_reason(callers: Callers) -> None:
    admin = callers["root"]
    new = {"id": "he.xi", "name": "何喜", "roles": ["agent"], "reason": "Joins in May."}
    assert (await admin.post("/v1/staff", json=new)).status_code == 201
    made = (await admin.post("/v1/keys", json={"staff": "he.xi"})).json()
    change = {"active": False, "reason": "Left again."}
    assert (await admin.patch("/v1/staff/he.xi", json=change)).status_code == 200
    assert [(act.what, act.reason) for act in await acts(callers, "staff", "he.xi")] == [
        ("staff.changed", "Left again."),
        ("staff.added", "Joins in May."),
    ]
    assert (await admin.post("/v1/keys", json={"staff": "he.xi"})).status_code == 422
    gone = await admin.delete(f"/v1/keys/{made['id']}", params={"reason": "Laptop lost."})
    assert gone.status_code == 204
    revoked, added = await acts(callers, "key", made["id"])
    assert (revoked.what, revoked.reason) == ("key.revoked", "Laptop lost.")
    assert (added.what, added.reason) == ("key.added", "")
    assert (revoked.actor.kind, revoked.actor.id) == ("staff", "root")
    assert made["key"] not in str([revoked, added])
    assert "何喜" not in str(await callers.store.audit_log.events("default", 1000))


async def test_a_refused_change_is_not_an_act(callers: Callers) -> None:
    before = len(await callers.store.audit_log.events("default", 1000))
    refused = await callers["liu.yang"].post("/v1/teams", json={"id": "x", "name": "x"})
    assert refused.status_code == 403
    unknown = await callers["root"].patch("/v1/staff/nobody", json={"active": True})
    assert unknown.status_code == 404
    assert len(await callers.store.audit_log.events("default", 1000)) == before


async def test_a_view_of_a_customer_is_written_down_once_a_day(callers: Callers) -> None:
    known = {"name": "林夕", "contacts": [{"kind": "phone", "value": "13812340001"}]}
    number = await callers.complaint(customer=known)
    ref = (await callers.store.cases.get("default", number)).customer  # type: ignore[union-attr]
    assert ref is not None
    assert await acts(callers, "customer", ref) == []
    assert (await callers["shop"].get(f"/v1/cases/{number}")).json()["customer"]["ref"] == ref
    assert await acts(callers, "customer", ref) == []
    for who in ("liu.yang", "wang.fang", "liu.yang"):
        seen = (await callers[who].get(f"/v1/cases/{number}")).json()["customer"]
        assert seen["name"] == "林夕"
    viewed = await acts(callers, "customer", ref)
    assert sorted((act.what, act.actor.id) for act in viewed) == [
        ("customer.viewed", "liu.yang"),
        ("customer.viewed", "wang.fang"),
    ]
    assert "1381234" not in str(viewed)


async def test_a_record_is_the_customers_and_its_view_is_written_down(callers: Callers) -> None:
    known = {"name": "林夕", "contacts": [{"kind": "phone", "value": "13812340009"}]}
    number = await callers.complaint(customer=known)
    ref = (await callers.store.cases.get("default", number)).customer  # type: ignore[union-attr]
    assert ref is not None
    for who in ("shop", "liu.yang"):
        assert (await callers[who].get(f"/v1/cases/{number}/record")).status_code == 200
    (viewed,) = await acts(callers, "customer", ref)
    assert (viewed.what, viewed.actor.id) == ("customer.viewed", "liu.yang")


async def test_another_policy_is_an_act_and_the_same_one_is_none(callers: Callers) -> None:
    for version in ("2026-1", "2026-1", "2026-1-office", "2026-1-office", "2026-1"):
        await asyncio.gather(*(note_policy(callers.store, version) for _ in range(2)))
    found = await callers.store.audit_log.events("default", 10, "policy")
    told = [(act.subject, act.details["before"]) for act in reversed(found)]
    office_hours = "2026-1-office"
    assert told == [("2026-1", None), (office_hours, "2026-1"), ("2026-1", office_hours)]
    assert {act.actor.id for act in found} == {"api"}
