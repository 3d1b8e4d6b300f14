"""A complaint and an inquiry from start to closed, as a system and agents see it."""

import pytest

from tests.api.callers import WORDS, Callers, new_case
from tests.support.cases import FINDING, OFFER, SOLVED, SORTED
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")


async def reach(callers: Callers, number: str, state: str) -> None:
    """Wait until the case is in this state."""

    async def there() -> bool:
        found = await callers["liu.yang"].get(f"/v1/cases/{number}")
        return bool(found.json()["case"]["state"] == state)

    await until(there)


async def test_a_complaint_is_carried_to_its_end(callers: Callers) -> None:
    contact = {"kind": "phone", "value": "13800000001"}
    number = await callers.complaint(customer={"name": "张三", "contacts": [contact]})
    steps = [{"step": "accept", "form": {}}, {"step": "classify", "form": SORTED}]
    both = await callers["chen.min"].post(f"/v1/cases/{number}/steps", json={"steps": steps})
    assert both.status_code == 200, both.text
    assert both.json()["case"]["state"] == "classified"

    whole = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    claimed = await callers["liu.yang"].post(f"/v1/tasks/{whole['task']['id']}/claim")
    assert claimed.status_code == 200, claimed.text
    assert claimed.json()["case"]["assignee"] == "liu.yang"

    await callers.step(number, "investigate", FINDING)
    await callers.step(number, "propose", OFFER)
    await callers.step(number, "accept_solution", by="shop")
    await callers.step(number, "carry_out", {"done": "已道歉并补偿。"})
    await reach(callers, number, "following_up")
    closed = await callers.step(number, "follow_up", SOLVED)
    assert (closed["state"], closed["outcome"]) == ("closed", "solved")

    notices = (await callers["shop"].get(f"/v1/cases/{number}/notices")).json()["items"]
    assert {each["template"] for each in notices} == {"received", "offer", "outcome"}
    history = (await callers["shop"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert [entry["seq"] for entry in history] == list(range(1, len(history) + 1))


async def test_what_a_case_offers_is_what_the_engine_accepts(callers: Callers) -> None:
    number = await callers.complaint()
    mine = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    assert mine["words"] == WORDS
    assert mine["proposal"]["category"] == "product_quality"
    assert [offer["name"] for offer in mine["offers"]] == ["accept", "withdraw"]
    beside = ["notify", "ask_approval", "ask_assistance", "chase", "merge_into"]
    assert mine["task_actions"] == ["claim", "assign", "limit", "prioritise", *beside]
    shop = (await callers["shop"].get(f"/v1/cases/{number}")).json()
    assert [offer["name"] for offer in shop["offers"]] == ["withdraw"]
    assert shop["task_actions"] == []

    await callers["liu.yang"].post(f"/v1/tasks/{mine['task']['id']}/claim")
    other = (await callers["zhang.qian"].get(f"/v1/cases/{number}")).json()
    assert (other["offers"], other["task_actions"]) == ([], ["chase"])
    lead = (await callers["wang.fang"].get(f"/v1/cases/{number}")).json()
    assert [offer["name"] for offer in lead["offers"]] == ["accept", "withdraw"]

    await callers.step(number, "accept")
    sorting = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["offers"][0]
    assert sorting["name"] == "classify"
    assert sorting["default"] == mine["proposal"]
    assert set(sorting["form"]["required"]) == {"category", "severity"}
    await callers.step(number, "classify", sorting["default"])


async def test_an_inquiry_is_answered(callers: Callers) -> None:
    asked = new_case(kind="inquiry", channel="chat", form={"words": "发票怎么开?"})
    answer = await callers["app"].post("/v1/cases", json=asked)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/cases/{answer.json()['case']['number']}"
    number = answer.json()["case"]["number"]
    await callers.step(number, "accept", by="zhang.qian")
    await callers.step(number, "classify", {"category": "invoice"}, by="zhang.qian")
    handing = {"assignee": "zhang.qian", "team": "inquiries"}
    case = await callers.step(number, "assign", handing, by="zhang.qian")
    assert (case["assignee"], case["team"]) == ("zhang.qian", "inquiries")
    await callers.step(
        number, "answer", {"answer": "订单页可开票。", "minutes": 3}, by="zhang.qian"
    )
    # Nobody can be written to, so the answer is given in person.
    await reach(callers, number, "telling_by_hand")
    await callers.step(number, "told_by_hand", {"how": "在线告知"}, by="zhang.qian")
    assert (await callers.step(number, "confirm", {"solved": True}, by="app"))["state"] == "closed"
