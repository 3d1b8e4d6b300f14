"""Steps and actions sent from the page of a case: done once, refused with what was typed kept."""

import re

import pytest

from tests.api.callers import new_case
from tests.web.cases import (
    FINDING,
    HTMX,
    a_case,
    details,
    elements,
    opened,
    send,
    typed_in,
)
from tests.web.site import Site, sign_in, site_client

pytestmark = pytest.mark.xdist_group("web")


async def test_a_step_is_taken_and_the_page_is_as_it_is_now(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    answer = await send(site, number, "investigate", {**form, **FINDING})
    assert answer.status_code == 200, answer.text
    assert (await details(site, number))["case"]["state"] == "proposing"
    # The form of the next step is open, and everything else is as it is now.
    targets = re.findall(r'<hx-partial hx-target="([^"]+)"', answer.text)
    assert {"#step", "#case-head", "#case-steps", "#timeline[data-show='']", "#case-clocks"} <= set(
        targets
    )
    assert "待提出方案" in answer.text
    assert 'action="/cases/' + number + '/steps/propose"' in answer.text
    assert "同批次屏幕有虚焊。" in answer.text
    # Sent again by an impatient finger it is done once.
    again = await send(site, number, "investigate", {**form, **FINDING})
    assert again.status_code == 200, again.text
    assert (await details(site, number))["case"]["state"] == "proposing"


async def test_without_scripts_the_page_comes_again(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    address = f"/cases/{number}/steps/investigate"
    wrong = await site["liu.yang"].post(address, data={**form, "/finding": "只填了一半"})
    assert wrong.status_code == 422
    assert typed_in(wrong.text, "step-form")["/finding"] == "只填了一半"
    assert "<html" in wrong.text
    right = await site["liu.yang"].post(address, data={**form, **FINDING})
    assert right.status_code == 303
    assert right.headers["location"] == f"/cases/{number}"


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    await send(site, number, "investigate", {**form, **FINDING})
    form = await opened(site, number, "propose")
    form |= {"/solution": "退一赔三 <b>加急</b>\n第二行", "/cost/amount": "12,5"}
    answer = await send(site, number, "propose", form)
    assert answer.status_code == 422
    assert typed_in(answer.text, "step-form") == form
    [amount] = elements(answer.text, "//*[@aria-invalid='true']")
    assert amount.get("name") == "/cost/amount"
    assert amount.get("data-focus") is not None
    [told] = elements(answer.text, f"//*[@id='{amount.get('aria-describedby')}']")
    assert "请用普通数字填写金额" in told.text_content()
    assert "<b>加急</b>" not in answer.text
    answer = await send(site, number, "propose", {**form, "/cost/amount": "12.50"})
    assert answer.status_code == 200, answer.text
    assert (await details(site, number))["case"]["state"] == "proposed"


async def test_a_refusal_by_the_rules_stands_on_top(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "withdraw")
    answer = await send(site, number, "withdraw", {**form, "/reason": ""})
    assert answer.status_code == 422
    [alert] = elements(answer.text, "//form//*[@role='alert']")
    assert alert.get("data-code") == "reason_missing"


async def test_a_field_that_the_form_does_not_have_is_refused(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    answer = await send(site, number, "investigate", {**form, **FINDING, "/roles/0": "management"})
    assert answer.status_code == 422
    assert (await details(site, number))["case"]["state"] == "investigating"


async def test_a_form_that_does_not_say_what_was_seen_is_none(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    for seen in ("", "1", "x.y.z", "1.2.yesterday"):
        answer = await send(site, number, "investigate", {**FINDING, "seen": seen})
        assert answer.status_code == 422, answer.text
    assert (await details(site, number))["case"]["state"] == "investigating"


async def test_two_collide_and_both_see_what_happened(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    mine = await opened(site, number, "investigate")
    theirs = await opened(site, number, "reclassify", "wang.fang")
    theirs |= {"/category": "logistics", "/severity": "minor"}
    assert (await send(site, number, "reclassify", theirs, "wang.fang")).status_code == 200
    mine |= FINDING
    answer = await send(site, number, "investigate", mine)
    assert answer.status_code == 412
    assert (await details(site, number))["case"]["state"] == "investigating"
    [news] = elements(answer.text, "//*[@data-news]")
    for words in ("wang.fang", "重新分类", "物流"):
        assert words in news.text_content(), words
    kept = typed_in(answer.text, "step-form")
    assert {name: kept[name] for name in FINDING} == FINDING
    [button] = elements(answer.text, "//form//button[@type='submit']")
    assert "仍要提交" in button.text_content()
    # What was seen now counts: sent anyway, it is done.
    assert (await send(site, number, "investigate", kept)).status_code == 200
    assert (await details(site, number))["case"]["state"] == "proposing"


async def test_what_the_customer_wrote_meanwhile_is_read_first(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    mine = await opened(site, number, "notify")
    said = {"body": "我已经搬家了，新地址另发。"}
    # A colleague puts on the record what the customer said on the telephone.
    answer = await site.callers["wang.fang"].post(
        f"/v1/cases/{number}/comments", json={**said, "visibility": "public"}
    )
    assert answer.status_code == 201, answer.text
    text = {"/text": "我们按原地址上门。"}
    stopped = await send(site, number, "notify", {**mine, **text})
    assert stopped.status_code == 412
    assert "我已经搬家了" in stopped.text
    kept = typed_in(stopped.text, "message-form")
    assert kept["/text"] == text["/text"]
    assert (await send(site, number, "notify", kept)).status_code == 200


async def test_what_one_did_oneself_stops_nobody(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    mine = await opened(site, number, "investigate")
    limit = await opened(site, number, "prioritise")
    limit |= {"/priority": "P2", "/reason": "客户很急"}
    assert (await send(site, number, "prioritise", limit)).status_code == 200
    answer = await send(site, number, "investigate", {**mine, **FINDING})
    assert answer.status_code == 200, answer.text


async def test_a_stop_lists_what_others_did_and_nothing_of_ones_own(site: Site) -> None:
    """I claimed, a customer wrote, I send what stood in a form since before all that."""
    number = await a_case(site, upto="investigating", order="OWN-ACTS")
    mine = await opened(site, number, "investigate")
    urgent = await opened(site, number, "prioritise")
    await send(site, number, "prioritise", urgent | {"/priority": "P1", "/reason": "催"})
    note = {"body": "我自己的备注", "visibility": "internal"}
    await site.callers["liu.yang"].post(f"/v1/cases/{number}/comments", json=note)
    said = {"body": "到底什么时候好？", "visibility": "public"}
    await site.callers["wang.fang"].post(f"/v1/cases/{number}/comments", json=said)
    stopped = await send(site, number, "investigate", mine | FINDING)
    assert stopped.status_code == 412
    [news] = elements(stopped.text, "//*[@data-news]")
    assert said["body"] in news.text_content()
    for own in ("liu.yang", "调整优先级", note["body"]):
        assert own not in news.text_content(), own
    kept = typed_in(stopped.text, "step-form")
    assert (await send(site, number, "investigate", kept)).status_code == 200


async def test_the_loser_of_a_step_keeps_the_text_and_hears_who_won(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate", "wang.fang")
    won = await opened(site, number, "investigate")
    assert (await send(site, number, "investigate", {**won, **FINDING})).status_code == 200
    text = {**FINDING, "/finding": "我的看法不同"}
    lost = await send(site, number, "investigate", {**form, **text}, "wang.fang")
    assert lost.status_code == 412
    kept = typed_in(lost.text, "step-form")
    assert kept["/finding"] == "我的看法不同"
    assert "liu.yang" in lost.text
    assert "不能办理此步骤" in lost.text
    assert not elements(lost.text, "//form[@id='step-form']//button[@type='submit']")


async def test_a_task_is_claimed_by_one(site: Site) -> None:
    number = await a_case(site)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    [form] = elements(page, "//form[contains(@action,'/steps/claim')]")
    pressed = {str(name): str(value) for name, value in form.form_values()}
    other = (await site["wang.fang"].get(f"/cases/{number}")).text
    [form] = elements(other, "//form[contains(@action,'/steps/claim')]")
    late = {str(name): str(value) for name, value in form.form_values()}
    assert (await send(site, number, "claim", pressed)).status_code == 200
    assert (await details(site, number))["case"]["assignee"] == "liu.yang"
    answer = await send(site, number, "claim", late, "wang.fang")
    assert answer.status_code == 409
    [news] = elements(answer.text, "//*[@hx-target='#case-news']")
    assert "liu.yang已于" in news.text_content()
    assert "领取此任务" in news.text_content()
    # The page is as it is now, and nothing was filled in.
    assert elements(answer.text, "//*[@hx-target='#case-head']")
    for needless in ("刷新", "填写的内容"):
        assert needless not in news.text_content()
    assert (await details(site, number))["case"]["assignee"] == "liu.yang"


async def test_actions_on_the_task(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "assign", "wang.fang")
    page = await site["wang.fang"].get(f"/cases/{number}/steps/assign")
    offered = elements(page.text, "//select[@name='/assignee']/option/@value")
    assert {"liu.yang", "wang.fang"} <= set(offered)
    assert "chen.min" in offered
    form |= {"/assignee": "wang.fang", "/reason": "liu.yang 请假"}
    assert (await send(site, number, "assign", form, "wang.fang")).status_code == 200
    hold = await opened(site, number, "hold", "wang.fang")
    hold |= {"/reason": "等客户回国", "/until": "2020-01-01T10:00"}
    past = await send(site, number, "hold", hold, "wang.fang")
    assert past.status_code == 422
    assert typed_in(past.text, "step-form")["/reason"] == "等客户回国"
    shown = await site["wang.fang"].get(f"/cases/{number}")
    assert "由 wang.fang 办理" in shown.text


@pytest.mark.parametrize("by_script", [True, False])
async def test_who_gives_a_case_out_of_sight_is_told_that_it_is_done(
    site: Site, by_script: bool
) -> None:
    vendor, callers = f"gives.{by_script}".lower(), site.callers
    await callers.store.people.add_staff("default", vendor, "顺达", ("vendor",))
    body = new_case(kind="repair", form={"words": "漏水。", "model": "KX-7"})
    started = (await callers["shop"].post("/v1/cases", json=body)).json()
    number = started["case"]["number"]
    for step, sent in (
        ("accept", {}),
        ("classify", {"category": "leaking"}),
        ("assign", {"assignee": vendor, "reason": "厂商"}),
    ):
        await callers.step(number, step, sent, by="chen.min")
    async with site_client(site.app, await sign_in(callers, vendor)) as client:
        path = f"/cases/{number}/steps/decline_job"
        opened_form = await client.get(path, headers=HTMX)
        form = {**typed_in(opened_form.text, "step-form"), "/reason": "没有配件。"}
        answer = await client.post(path, data=form, headers=HTMX if by_script else {})
        assert answer.status_code == 200, answer.text
        said = elements(answer.text, "//*[@id='case-left']")[0]
        assert "已完成" in said.text_content()
        assert [each.get("href") for each in said.iter("a")] == ["/inbox"]
        assert [each.get("action") for each in said.iter("form")] == ["/next"]
        if by_script:
            emptied = elements(answer.text, "//hx-partial[not(normalize-space())]/@hx-target")
            assert {"#step", "#case-steps"} <= set(emptied)
        assert (await client.get(f"/cases/{number}")).status_code == 404
    assert (await details(site, number))["case"]["assignee"] is None


async def test_what_the_customer_is_told_is_marked_as_theirs(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await site["liu.yang"].get(f"/cases/{number}/steps/withdraw", headers=HTMX)
    [label] = elements(form.text, "//label[@for='step-form-reason']")
    assert "客户可见" in label.text_content()
