"""An inquiry continues as one case of another kind, received at the same moment."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from activities.conversion import ConversionActivity
from activities.ports.interfaces import PortFailed
from cases import CURRENT
from cases.common.proposals import proposal_of
from domain.engine.messages import Opening, PendingCall
from store.intake.intake import LEASE
from temporal.case_client import CaseClient
from tests.api.callers import Callers, api_client, new_case
from tests.support.cases import ZHANG
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

AGO = timedelta(hours=6)
I3 = "买了一个月的平板屏失灵，叫我寄回修一个月，怎么办？"
SORTED = {"category": "after_sales"}


def utc_now() -> datetime:
    return datetime.now(UTC)


def converting(
    callers: Callers, *, broken: bool = False, now: Callable[[], datetime] = utc_now
) -> ConversionActivity:
    """Return the worker's activity; a broken one dies after it has started the child."""
    start = CaseClient(callers.engine.client).start

    async def start_and_die(opening: Opening) -> None:
        await start(opening)
        raise ConnectionResetError

    zone = ZoneInfo("Asia/Shanghai")
    begins = start_and_die if broken else start
    return ConversionActivity(callers.store, begins, proposal_of, CURRENT, zone, now)


def pending_call(number: str, kind: str = "complaint", at: datetime | None = None) -> PendingCall:
    """Return the call that an inquiry makes when its entry 9 converts it."""
    params: dict[str, JsonValue] = {
        "kind": kind,
        "by": ZHANG.model_dump(mode="json"),
        "channel": "sms",
        "received_at": datetime.now(UTC).isoformat(),
        "form": {"words": I3},
    }
    return PendingCall(
        tenant="default",
        number=number,
        seq=9,
        n=0,
        port="conversion",
        template="conversion",
        done="child_started",
        refused="child_refused",
        customer=None,
        source="shop",
        params=params,
        at=at,
    )


async def inquiry(callers: Callers, received: datetime | None = None, **more: Any) -> str:
    """Return an inquiry that zhang.qian has claimed and may answer or convert."""
    at = (received or datetime.now(UTC) - AGO).isoformat()
    given = {
        "kind": "inquiry",
        "channel": "sms",
        "received_at": at,
        "form": {"words": I3},
        "customer": {"name": "沈悦", "contacts": [{"kind": "sms", "value": "13600000003"}]},
        "order": "SO-1",
        "product": "PAD-7",
    }
    answer = await callers["shop"].post("/v1/cases", json=new_case(**{**given, **more}))
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["case"]["number"]
    for step, form in (("accept", {}), ("classify", SORTED), ("claim", {})):
        await callers.step(number, step, form, by="zhang.qian")
    return number


async def ended(callers: Callers, number: str) -> dict[str, Any]:
    """Return the case once it is converted."""

    async def there() -> bool:
        row = await callers.store.cases.get("default", number)
        return row is not None and row.state == "converted"

    await until(there)
    page: dict[str, Any] = (await callers["zhang.qian"].get(f"/v1/cases/{number}")).json()
    return page


async def children(callers: Callers, number: str) -> list[dict[str, Any]]:
    """Return the cases that came of it, once they are recorded."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await callers["zhang.qian"].get("/v1/cases", params={"parent": number})
        found[:] = answer.json()["items"]
        return bool(found)

    await until(there)
    return found


async def test_i3_goes_on_as_a_complaint_from_the_moment_it_was_raised(callers: Callers) -> None:
    received = datetime.now(UTC).replace(microsecond=0) - AGO
    number = await inquiry(callers, received)
    await callers.step(number, "convert", {"kind": "complaint"}, by="zhang.qian")
    (child,) = await children(callers, number)
    page = await ended(callers, number)
    assert (child["kind"], child["parent"], child["words"]) == ("complaint", number, I3)
    assert child["number"].startswith("TS")
    same = ("received_at", "customer", "order", "product", "channel", "source")
    assert {name: child[name] for name in same} == {name: page["case"][name] for name in same}
    assert datetime.fromisoformat(child["received_at"]) == received
    assert [each["number"] for each in page["children"]] == [child["number"]]
    assert page["case"]["outcome"] == "converted"

    whole = (await callers["shop"].get(f"/v1/cases/{child['number']}")).json()
    started = {clock["clock"]: clock["started_at"] for clock in whole["clocks"]}
    assert {datetime.fromisoformat(started[name]) for name in ("response", "acceptance")} == {
        received
    }
    breached = [clock for clock in whole["clocks"] if clock["state"] == "breached"]
    assert [clock["clock"] for clock in breached] == ["response"], "nobody gains time"

    notices = (await callers["shop"].get(f"/v1/cases/{number}/notices")).json()["items"]
    both = [each for each in notices if each["template"] == "converted"]
    assert [(each["status"], each["channel"]) for each in both] == [("delivered", "local_mailbox")]
    (row,) = [
        r for r in await callers.store.outbox.of("default", number) if r.template == "converted"
    ]
    assert row.params == {"kind": "complaint", "number": child["number"]}


async def test_a_conversion_is_older_than_callers_may_be(callers: Callers) -> None:
    number = await inquiry(callers, datetime.now(UTC) - timedelta(days=6, hours=23))
    await callers.step(number, "convert", {"kind": "repair"}, by="zhang.qian")
    (child,) = await children(callers, number)
    opened = (await callers["liu.yang"].get(f"/v1/cases/{child['number']}/history")).json()[
        "items"
    ][0]
    assert opened["actor"]["id"] == "zhang.qian"
    assert opened["form"]["received_at"] == child["received_at"]


async def test_the_child_is_due_when_its_parent_was(callers: Callers) -> None:
    number, due = await inquiry(callers), datetime.now(UTC).replace(microsecond=0) + AGO
    assigned = {"assignee": "zhang.qian", "limit": due.isoformat(), "reason": "promised by phone"}
    done = await callers["zhang.qian"].post(f"/v1/cases/{number}/steps/assign", json=assigned)
    assert done.status_code == 200, done.text
    await callers.step(number, "convert", {"kind": "complaint"}, by="zhang.qian")
    (child,) = await children(callers, number)
    path = f"/v1/cases/{child['number']}/clocks"
    clocks = (await callers["zhang.qian"].get(path)).json()["items"]
    (resolution,) = [each for each in clocks if each["clock"] == "resolution"]
    assert datetime.fromisoformat(resolution["due_at"]) == due
    limit = resolution["limit"]
    assert (limit["by"], limit["of"], limit["entry"]) == ("zhang.qian", number, 1)


async def test_the_day_and_the_lease_are_the_servers(callers: Callers) -> None:
    """A dead worker's clock was three days ahead: nobody waits; the number has the right day."""
    ago = datetime.now(UTC) - timedelta(days=3)
    number = await inquiry(callers)
    asked = pending_call(number, at=ago)
    with pytest.raises(ConnectionResetError):
        await converting(callers, broken=True, now=lambda: ago).conversion(asked)
    later = converting(callers, now=lambda: ago + timedelta(seconds=6))
    found = str((await later.conversion(asked)).form["number"])
    assert found[2:10] == f"{ago.astimezone(ZoneInfo('Asia/Shanghai')):%Y%m%d}"


async def test_a_double_click_makes_one(callers: Callers) -> None:
    number = await inquiry(callers)
    path, key = f"/v1/cases/{number}/steps/convert", {"Idempotency-Key": "click"}
    body = {"kind": "complaint"}
    one, two = await asyncio.gather(
        *(callers["zhang.qian"].post(path, json=body, headers=key) for _ in range(2))
    )
    assert (one.status_code, two.status_code) == (200, 200)
    assert one.json()["receipt"] == two.json()["receipt"] | {
        "attempt": one.json()["receipt"]["attempt"]
    }
    again = await callers["zhang.qian"].post(path, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "step_not_offered")
    await ended(callers, number)
    assert len(await children(callers, number)) == 1


async def test_of_twenty_at_once_one_converts(callers: Callers) -> None:
    number = await inquiry(callers)
    kinds = ["complaint", "repair", "returns", "complaint"] * 5
    agents = [api_client(callers.app, callers.keys["zhang.qian"]) for _ in kinds]
    path = f"/v1/cases/{number}/steps/convert"
    answers = await asyncio.gather(
        *(agent.post(path, json={"kind": kind}) for agent, kind in zip(agents, kinds, strict=True))
    )
    for agent in agents:
        await agent.aclose()
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    won = kinds[[answer.status_code for answer in answers].index(200)]
    await ended(callers, number)
    assert [child["kind"] for child in await children(callers, number)] == [won]


@pytest.mark.parametrize("kind", ["nonsense", "inquiry", "Complaint"])
async def test_a_kind_that_there_is_not_is_refused_with_the_choices(
    callers: Callers, kind: str
) -> None:
    number = await inquiry(callers)
    path = f"/v1/cases/{number}/steps"
    for body, url, pointer in (
        ({"kind": kind}, f"{path}/convert", "/kind"),
        (
            {"steps": [{"step": "convert", "form": {"kind": kind}}]},
            path,
            "/steps/0/form/kind",
        ),
    ):
        answer = await callers["zhang.qian"].post(url, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "cannot_convert")
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "unknown_kind")
        assert "complaint, repair, returns" in answer.json()["detail"]
    page = (await callers["zhang.qian"].get(f"/v1/cases/{number}")).json()
    assert (page["case"]["state"], page["children"]) == ("answering", [])
    (offer,) = [each for each in page["offers"] if each["name"] == "convert"]
    assert offer["form"]["properties"]["kind"]["enum"] == ["complaint", "repair", "returns"]


async def test_whoever_may_not_convert_leaves_no_child(callers: Callers) -> None:
    new = await callers["shop"].post("/v1/cases", json=new_case(kind="inquiry"))
    early, number = new.json()["case"]["number"], await inquiry(callers)
    body = {"kind": "complaint"}
    for who, which, status, code in (
        ("zhang.qian", early, 409, "step_not_offered"),
        ("shop", number, 403, "step_not_allowed"),
        ("app", number, 404, "not_found"),
    ):
        answer = await callers[who].post(f"/v1/cases/{which}/steps/convert", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), who
        listed = await callers["zhang.qian"].get("/v1/cases", params={"parent": which})
        assert listed.json()["items"] == []


async def test_a_worker_that_died_after_starting_the_child_starts_no_second(
    callers: Callers,
) -> None:
    """The child was started, nothing was answered, and the call is still pending."""
    number = await inquiry(callers)
    asked = pending_call(number)
    hurt = converting(callers, broken=True)
    with pytest.raises(ConnectionResetError):
        await hurt.conversion(asked)
    with pytest.raises(PortFailed, match="another attempt"):
        await converting(callers).conversion(asked)
    (started,) = await children(callers, number)

    def lease_is_over() -> datetime:
        return utc_now() + LEASE

    found = await converting(callers, now=lease_is_over).conversion(asked)
    again = await converting(callers).conversion(asked)
    assert found.form["number"] == again.form["number"] == started["number"]
    assert len(await children(callers, number)) == 1


@pytest.mark.parametrize("kind", ["nonsense", "inquiry"])
async def test_what_the_world_cannot_start_comes_back(callers: Callers, kind: str) -> None:
    number = await inquiry(callers)
    asked = pending_call(number, kind)
    said = await converting(callers).conversion(asked)
    assert (said.step, said.form) == ("child_refused", {"reason": "unknown_kind"})


async def test_a_call_that_would_leave_the_customers_thing_with_us_is_refused(
    callers: Callers,
) -> None:
    """Also one that was on its way while the store was down, so that nothing refused the step."""
    number = await inquiry(callers)
    call = pending_call(number)
    here: dict[str, JsonValue] = {"handed_over": {"received": True, "serial": "SN-9"}}
    outcome = await converting(callers).conversion(
        call.model_copy(update={"params": {**call.params, **here}})
    )
    assert (outcome.step, outcome.form) == ("child_refused", {"reason": "goods_here"})
    listed = await callers["zhang.qian"].get("/v1/cases", params={"parent": number})
    assert listed.json()["items"] == []
