"""Taking a case back through the API, on the real engine: the plan, the refusals, the saga."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import CURRENT
from cases.returns.stories import DRESS_TOO_SMALL
from domain.stories import CUSTOMER_REF, opening_for, requests
from ops.oracle.oracle import Oracle
from tests.api.callers import Callers, new_case
from tests.support.cases import new_number
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")
RETURNS = CURRENT["returns"]


async def refunded(callers: Callers) -> tuple[str, int]:
    """Return a return that was refunded, and the entry after which it was to be reviewed."""
    case_client, number = callers.app.state.services.case_client, new_number("TH")
    told = DRESS_TOO_SMALL.moved(datetime.now(UTC) - timedelta(minutes=1))
    await case_client.start(opening_for(RETURNS, told, number, CUSTOMER_REF))
    for act, asked in requests(told):
        if act.is_by_world:
            break
        await case_client.submit(number, asked.model_copy(update={"id": f"{number}-{asked.id}"}))
    entries = await reached(callers, number, "tell_failed")
    review = next(e["seq"] for e in entries if e["step"] == "review")
    return number, review - 1


async def history(callers: Callers, number: str) -> list[dict[str, Any]]:
    answer = await callers["zhou.hang"].get(f"/v1/cases/{number}/history")
    items: list[dict[str, Any]] = answer.json()["items"] if answer.is_success else []
    return items


async def reached(callers: Callers, number: str, what: str) -> list[dict[str, Any]]:
    """Return the history once it has an entry of this step or type."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = await history(callers, number)
        return any(what in {e["step"], e["type"]} for e in found)

    await until(there)
    return found


async def test_a_paid_refund_is_taken_back_once_and_the_case_goes_on(callers: Callers) -> None:
    number, to = await refunded(callers)
    manager, path = callers["zhou.hang"], f"/v1/cases/{number}/rewind"
    plan = (await manager.get(path, params={"to": to})).json()
    assert plan["state"] == "reviewing"
    (paid,) = [each for each in plan["effects"] if each["port"] == "refund"]
    body = {"to": to, "reason": "the wrong customer", "clocks": "as_then", "compensations": []}
    refused = await manager.post(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "uncompensated")
    assert paid["effect"] in refused.json()["params"]["effects"]
    body["compensations"] = [
        {"effect": e["effect"], "how": "reverse" if e is paid else "accept", "note": "it stays"}
        for e in plan["effects"]
    ]
    assert (await callers["liu.yang"].post(path, json=body)).status_code == 403
    done = await manager.post(path, json=body, headers={"Idempotency-Key": "back-1"})
    assert done.status_code == 200, done.text
    assert done.json()["case"]["state"] == "reviewing"
    again = await manager.post(path, json=body, headers={"Idempotency-Key": "back-1"})
    assert again.headers["Idempotent-Replayed"] == "true"
    entries = await reached(callers, number, "effect_done")
    assert [e["type"] for e in entries].count("rewound") == 1
    local_orders = await callers.store.local_orders.of("default", number)
    assert [row.template for row in local_orders if row.port == "refund"] == [
        "refund",
        "refund_reversal",
    ]
    assert local_orders[-1].params["reverses"] == paid["reference"]
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


@pytest.mark.parametrize(("to", "status", "code"), [(9999, 409, "nothing_to_rewind")])
async def test_a_plan_for_nowhere_is_refused(
    callers: Callers, to: int, status: int, code: str
) -> None:
    number = await callers.complaint()
    answer = await callers["zhou.hang"].get(f"/v1/cases/{number}/rewind", params={"to": to})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_plan_says_what_the_act_would_be_refused_with(callers: Callers) -> None:
    """Turned into another case, a case is over for good; before, only managers take it back."""
    new = await callers["shop"].post("/v1/cases", json=new_case(kind="inquiry"))
    number = new.json()["case"]["number"]
    for step, form in (("accept", {}), ("classify", {"category": "after_sales"}), ("claim", {})):
        await callers.step(number, step, form, by="zhang.qian")
    path = f"/v1/cases/{number}/rewind"
    plan = (await callers["zhang.qian"].get(path, params={"to": 2})).json()
    assert (plan["refused"]["code"], plan["clocks"]) == ("step_not_allowed", [])
    plan = (await callers["zhou.hang"].get(path, params={"to": 2})).json()
    assert plan["refused"] is None
    assert {each["clocks"]: bool(each["running"]) for each in plan["clocks"]} == {
        "go_on": True, "as_then": True, "restart": True,
    }  # fmt: skip
    await callers.step(number, "convert", {"kind": "complaint"}, by="zhang.qian")
    await reached(callers, number, "child_started")

    async def concluded() -> bool:
        row = await callers.store.cases.get("default", number)
        return row is not None and row.outcome == "converted"

    await reached(callers, number, "tell_failed")
    await callers.step(number, "told_by_hand", {"how": "by phone"}, by="zhang.qian")
    await until(concluded)
    english = {"Accept-Language": "en"}
    plan = (await callers["zhou.hang"].get(path, params={"to": 2}, headers=english)).json()
    assert "conversion" in [each["port"] for each in plan["effects"]]
    body = {"to": 2, "reason": "not a complaint", "clocks": "restart", "compensations": []}
    act = (await callers["zhou.hang"].post(path, json=body, headers=english)).json()
    assert plan["refused"] == {name: act[name] for name in ("code", "detail", "params")}
    assert act["code"] == "case_over"


async def test_a_system_sees_no_plan(callers: Callers) -> None:
    number = await callers.complaint()
    answer = await callers["shop"].get(f"/v1/cases/{number}/rewind", params={"to": 1})
    assert answer.status_code == 403
