"""Requests to others on the page of a case: asked, shown as cards, answered by those who may."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.web.cases import HTMX, a_case, details, elements, opened, send, text_of, typed_in
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")
ZONE = ZoneInfo("Asia/Shanghai")


async def ask(site: Site, number: str, amount: str = "800.00") -> int:
    """Ask for an approval as the page does; return the entry that asks."""
    form = await opened(site, number, "ask_approval")
    typed = {"/amount/amount": amount, "/amount/currency": "CNY", "/reason": "老客户，请批准。"}
    answer = await send(site, number, "ask_approval", form | typed)
    assert answer.status_code == 200, answer.text
    [request] = (await details(site, number))["requests"]
    seq: int = request["seq"]
    return seq


async def test_an_approval_is_asked_shown_and_given(site: Site) -> None:
    number = await a_case(site, upto="investigating", order="SIDE-1")
    seq = await ask(site, number)
    own = (await site["liu.yang"].get(f"/cases/{number}")).text
    card = text_of(own, f"request-{seq}")
    assert "审批" in card
    assert "老客户，请批准。" in card
    assert "¥800.00" in card
    assert not elements(own, f"//*[@id='approve_request-{seq}']"), "not one's own"
    theirs = (await site["zhou.hang"].get(f"/cases/{number}")).text
    [button] = elements(theirs, f"//*[@id='approve_request-{seq}']")
    form = await site["zhou.hang"].get(button.get("hx-get"), headers=HTMX)
    assert "老客户，请批准。" in form.text, "what is approved is said"
    fields = typed_in(form.text, "step-form")
    assert fields["/request"] == str(seq)
    answer = await send(site, number, "approve_request", fields, "zhou.hang")
    assert answer.status_code == 200, answer.text
    assert "已同意" in text_of(answer.text, f"request-{seq}")
    inbox = (await site["liu.yang"].get("/inbox?view=all&order=SIDE-1")).text
    assert "有新动态" in text_of(inbox, f"row-{number}")


async def test_of_two_requests_the_chosen_one_is_answered(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    first = await ask(site, number)
    second = {"amount": {"amount": "900.00"}, "reason": "另一笔"}
    await site.callers.step(number, "ask_approval", second, by="liu.yang")
    chosen = f"/cases/{number}/steps/decline_request?request={first}"
    form = await site["zhou.hang"].get(chosen, headers=HTMX)
    fields = typed_in(form.text, "step-form")
    assert fields["/request"] == str(first)
    sent = fields | {"/reason": "金额过高"}
    answer = await send(site, number, "decline_request", sent, "zhou.hang")
    assert answer.status_code == 200, answer.text
    states = {each["seq"]: each["state"] for each in (await details(site, number))["requests"]}
    assert states[first] == "declined"
    assert sorted(states.values()) == ["declined", "open"]


async def test_a_team_is_asked_and_finds_it_in_its_inbox(site: Site) -> None:
    number = await a_case(site, upto="investigating", order="SIDE-4")
    form = await opened(site, number, "ask_assistance")
    due_at = (datetime.now(UTC) + timedelta(hours=5)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    typed = {"/team": "inquiries", "/question": "电池有问题吗？", "/due_at": due_at}
    answer = await send(site, number, "ask_assistance", form | typed)
    assert answer.status_code == 200, answer.text
    inbox = (await site["zhang.qian"].get("/inbox?view=requests&order=SIDE-4")).text
    assert elements(inbox, f"//*[@id='row-{number}']")
    others = (await site["wang.fang"].get("/inbox?view=requests&order=SIDE-4")).text
    assert not elements(others, f"//*[@id='row-{number}']")
    fields = await opened(site, number, "answer_request", "zhang.qian")
    sent = fields | {"/answer": "是电池的问题。"}
    answered = await send(site, number, "answer_request", sent, "zhang.qian")
    assert answered.status_code == 200, answered.text
    assert "是电池的问题。" in text_of(answered.text, "case-requests")


async def test_a_chase_is_noted_and_counted(site: Site) -> None:
    number = await a_case(site, upto="investigating", order="SIDE-5")
    form = await opened(site, number, "chase", "wang.fang")
    sent = form | {"/channel": "phone", "/note": "客户第二次来电"}
    answer = await send(site, number, "chase", sent, "wang.fang")
    assert answer.status_code == 200, answer.text
    assert "已催办 1 次" in text_of(answer.text, "case-chases")
    inbox = (await site["liu.yang"].get("/inbox?view=mine&order=SIDE-5")).text
    assert "已催办 1 次" in text_of(inbox, f"row-{number}")
    assert "有新动态" in text_of(inbox, f"row-{number}")
