"""A message to the customer through the API: once, without moving the case, in their record."""

from typing import Any

import pytest

from ops.oracle.oracle import Oracle
from tests.api.callers import Callers
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")
TEXT = {"text": "您好，我们正在核实，明天中午前答复您。"}


async def said(callers: Callers, number: str, by: str = "chen.min", **headers: str) -> Any:
    return await callers[by].post(f"/v1/cases/{number}/notify", json=TEXT, headers=headers)


async def notices(callers: Callers, number: str) -> list[dict[str, Any]]:
    items = (await callers["shop"].get(f"/v1/cases/{number}/notices")).json()["items"]
    return [each for each in items if each["template"] == "message"]


async def test_it_is_said_once_and_moves_nothing(callers: Callers) -> None:
    number = await callers.complaint()
    before = await callers["chen.min"].get(f"/v1/cases/{number}")
    done = await said(callers, number, **{"Idempotency-Key": "say-1"})
    assert done.status_code == 200, done.text
    assert done.headers["ETag"] == before.headers["ETag"]
    assert f'"{done.json()["receipt"]["etag"]}"' == before.headers["ETag"]
    again = await said(callers, number, **{"Idempotency-Key": "say-1"})
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    (notice,) = await notices(callers, number)
    assert (notice["text"], notice["to"]) == (TEXT["text"], "customer")

    after = (await callers["chen.min"].get(f"/v1/cases/{number}")).json()
    clocks = {clock["clock"]: clock["state"] for clock in after["clocks"]}
    assert (clocks["response"], clocks["acceptance"]) == ("met", "running")
    moved = await callers["chen.min"].post(
        f"/v1/cases/{number}/steps/accept", json={}, headers={"If-Match": before.headers["ETag"]}
    )
    assert moved.status_code == 200, "what is only said makes nobody's view stale"
    record = await callers["chen.min"].get(f"/v1/cases/{number}/record")
    assert TEXT["text"] in record.text
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def test_an_impatient_finger(callers: Callers) -> None:
    number = await callers.complaint()
    assert (await said(callers, number)).status_code == 200
    refused = await said(callers, number)
    assert (refused.status_code, refused.json()["code"]) == (409, "step_just_done")
    assert "told the customer just this" in refused.json()["detail"]


@pytest.mark.parametrize(("by", "status", "code"), [("shop", 403, "step_not_allowed")])
async def test_a_system_does_not_write_to_customers(
    callers: Callers, by: str, status: int, code: str
) -> None:
    number = await callers.complaint()
    refused = await said(callers, number, by)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await said(callers, number, "app")).status_code == 404


async def test_nobody_is_told_of_a_case_without_a_customer(callers: Callers) -> None:
    number = await callers.complaint(by="chen.min", channel="phone")
    refused = await said(callers, number)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_customer")
    known = await callers.complaint(
        by="chen.min", customer={"contacts": [{"kind": "phone", "value": "13800000077"}]}
    )
    assert (await said(callers, known)).status_code == 200


async def test_it_is_delivered_as_notices_are(callers: Callers) -> None:
    """The dispatcher sends it: its row waits until then, under one id."""
    number = await callers.complaint()
    await said(callers, number)
    await callers.store.outbox_queue.mark_due_delivered("default")

    async def arrived() -> bool:
        return all(each["status"] == "delivered" for each in await notices(callers, number))

    await until(arrived)
    (notice,) = await notices(callers, number)
    assert notice["message"] == f"note-{number}-{notice['seq']}-0"
