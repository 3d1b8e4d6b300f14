"""The page of a case: what it shows to whom, notes, messages, the timeline, taking it back."""

import re

import pytest

from tests.web.cases import (
    FINDING,
    HTMX,
    a_case,
    details,
    elements,
    opened,
    send,
    text_of,
    typed_in,
)
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")


async def test_the_page_says_what_the_case_is_and_waits_for(site: Site) -> None:
    number = await a_case(site, upto="investigating", order="D-1")
    other = await a_case(site)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    title = text_of(page, "case-head")
    for words in (number, "投诉", "处理中", "由 liu.yang 办理", "待我方处理", "D-1", "产品质量"):
        assert words in title, words
    [current] = elements(page, "//ol[@class='stages']/li[@aria-current='step']")
    assert current.text == "处理"
    customer = text_of(page, "case-customer")
    assert "王女士" in customer
    assert "13800001234" in customer
    assert other in customer
    assert number not in customer.replace(f"parent={number}", "")
    assert len(elements(page, "//*[@id='case-clocks']//*[name()='svg']")) >= 2


async def test_steps_are_buttons_and_those_withheld_say_why(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert [each.text for each in elements(page, "//a[contains(@class,'btn-step')]")] == [
        "重新分类",
    ]
    [main] = elements(page, "//*[@data-shortcut='e']")
    assert (main.text, main.get("class")) == ("查明原因", "btn btn-primary btn-main")
    # What gives the case up is kept apart, closed, and behind everything else.
    [apart] = elements(page, "//details[@id='steps-apart'][not(@open)]")
    assert [each.text for each in apart.iter("a")] == ["撤销"]
    assert not apart.xpath("following-sibling::*")
    theirs = (await site["zhang.qian"].get(f"/cases/{number}")).text
    assert not elements(theirs, "//a[contains(@class,'btn-step')]")
    [why] = elements(theirs, "//*[@class='withheld']")
    assert "查明原因" in why.text_content()
    assert "liu.yang" in why.text_content()


async def test_who_holds_the_case_has_the_form_open(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    form = typed_in(page, "step-form")
    assert set(FINDING) - {"/cause", "/reasonable"} <= set(form)
    assert 'hx-post="/cases/' in page
    other = (await site["wang.fang"].get(f"/cases/{number}")).text
    assert not elements(other, "//form[@id='step-form']")
    asked = (await site["wang.fang"].get(f"/cases/{number}?step=reclassify")).text
    assert typed_in(asked, "step-form")["/impact"] == "one"


async def test_the_playbook_stands_beside_the_form_and_ticks_what_was_done(site: Site) -> None:
    received = await a_case(site)
    empty = (await site["liu.yang"].get(f"/cases/{received}")).text
    assert text_of(empty, "case-playbook").strip() == ""
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    shown = [each.text_content() for each in elements(page, "//*[@id='case-playbook']//li")]
    assert shown == [
        "☐ 已联系客户",
        "☐ 已核实商品和批次",
        "☐ 已查看照片或凭证",
        "☐ 已评估人身安全风险",
    ]
    form = typed_in(page, "step-form") | FINDING
    sent = await send(site, number, "investigate", {**form, "/checked/0/check": "evidence_seen"})
    assert sent.status_code == 200, sent.text
    partial = text_of(sent.text, "case-playbook")
    assert "☑ 已查看照片或凭证 已完成" in partial
    [third] = [each for each in (await details(site, number))["playbook"] if each["done"]]
    assert third == {
        "name": "evidence_seen", "label": "Photos or evidence seen", "required": False, "done": True
    }  # fmt: skip


async def test_a_note_is_internal_and_a_message_is_not(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    note = typed_in(page, "note-form") | {"/body": "客户情绪激动 <script>alert(1)</script>"}
    buttons = {
        form: elements(page, f"//form[@id='{form}']//button[@type='submit']")[0]
        for form in ("note-form", "message-form", "public-form")
    }
    assert buttons["note-form"].text == "保存内部备注"
    assert buttons["message-form"].text == "发送给客户 王女士"
    looks = {form: button.get("class") for form, button in buttons.items()}
    assert looks["note-form"] != looks["message-form"] == looks["public-form"]
    address = f"/cases/{number}/notes"
    saved = await site["liu.yang"].post(address, data=note, headers=HTMX)
    assert saved.status_code == 200, saved.text
    assert "&lt;script&gt;alert(1)" in saved.text
    await site["liu.yang"].post(address, data=note, headers=HTMX)
    public = typed_in(page, "public-form") | {"/body": "配件明天到。"}
    assert (await site["liu.yang"].post(address, data=public, headers=HTMX)).status_code == 200
    [kept, said] = (await details(site, number))["comments"]
    assert (kept["visibility"], kept["body"]) == ("internal", note["/body"])
    assert (said["visibility"], said["body"]) == ("public", "配件明天到。")
    timeline = (await site["liu.yang"].get(f"/cases/{number}/timeline?show=messages")).text
    assert "配件明天到。" in timeline
    assert "客户情绪激动" not in timeline


async def test_a_message_waits_and_can_be_called_back(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "notify") | {"/text": "王女士您好，配件明天到。"}
    sent = await send(site, number, "notify", form)
    assert sent.status_code == 200, sent.text
    assert typed_in(sent.text, "message-form")["/text"] == ""
    [address] = elements(sent.text, "//form[contains(@class,'waiting-message')]/@action")
    waits = text_of(sent.text, "case-waiting")
    assert "王女士您好，配件明天到。" in waits
    # It names to whom it goes, and beside that who wrote it.
    assert "发送给客户 王女士" in waits
    assert "liu.yang 撰写" in waits
    theirs = await site["zhang.qian"].post(address, headers=HTMX)
    assert theirs.status_code == 403
    back = await site["liu.yang"].post(address, headers=HTMX)
    assert back.status_code == 200, back.text
    assert typed_in(back.text, "message-form")["/text"] == "王女士您好，配件明天到。"
    assert not elements(back.text, "//form[contains(@class,'waiting-message')]")
    notices = (await site.callers["liu.yang"].get(f"/v1/cases/{number}/notices")).json()["items"]
    assert not [each for each in notices if each["text"]]
    missing = await site["liu.yang"].post(f"/cases/{number}/messages/none/call-back", headers=HTMX)
    assert missing.status_code == 404


async def test_an_empty_note_is_refused_beside_its_field(site: Site) -> None:
    number = await a_case(site)
    for body in ("", "  ", "x" * 4001):
        form = {"/body": body, "audience": "customer", "request": "r"}
        answer = await site["liu.yang"].post(f"/cases/{number}/notes", data=form, headers=HTMX)
        assert answer.status_code == 422
        assert typed_in(answer.text, "public-form")["/body"] == body
        assert elements(answer.text, "//textarea[@aria-invalid='true']")


async def test_the_timeline_is_read_page_by_page(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    for place in range(25):
        await site.callers["liu.yang"].post(
            f"/v1/cases/{number}/comments", json={"body": f"第{place}条"}
        )
    page = (await site["liu.yang"].get(f"/cases/{number}?show=notes")).text
    seen = elements(page, "//p[@class='timeline-text']/text()")
    assert seen == [f"第{place}条" for place in range(24, 4, -1)]
    [more] = elements(page, "//*[@id='timeline-more']/button/@hx-get")
    older = (await site["liu.yang"].get(more)).text
    rest = elements(f"<ol>{older}</ol>", "//p[@class='timeline-text']/text()")
    assert rest == [f"第{place}条" for place in range(4, -1, -1)]
    assert "timeline-more" not in older
    everything = (await site["liu.yang"].get(f"/cases/{number}")).text
    [more] = elements(everything, "//*[@id='timeline-more']/button/@hx-get")
    older = (await site["liu.yang"].get(more)).text
    assert "建单" in older
    assert (
        await site["liu.yang"].get(f"/cases/{number}/timeline?show=nonsense")
    ).status_code == 422
    assert (await site["liu.yang"].get(f"/cases/{number}/timeline?before=x")).status_code == 400


async def test_the_way_of_the_case_and_its_record(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    drawn = (await site["liu.yang"].get(f"/cases/{number}/picture")).text
    assert "state waits-staff visited here" in drawn
    file = await site["liu.yang"].get(f"/cases/{number}/record.pdf")
    assert file.status_code == 200
    assert file.content.startswith(b"%PDF")
    parts = (await site["liu.yang"].get(f"/cases/{number}/parts")).text
    targets = set(re.findall(r'<hx-partial hx-target="([^"]+)"', parts))
    assert targets.isdisjoint({"#step", "#step-form", "#note-form", "#message-form"})
    assert (await site["liu.yang"].get(f"/cases/{number}/steps")).text == ""


async def test_a_case_is_taken_back_with_its_plan(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    await send(site, number, "investigate", {**form, **FINDING})
    form = await opened(site, number, "propose")
    form |= {"/solution": "退货", "/cost/amount": "10"}
    await send(site, number, "propose", form)
    assert "回退到此处" not in (await site["liu.yang"].get(f"/cases/{number}")).text
    page = (await site["zhou.hang"].get(f"/cases/{number}")).text
    assert "回退到此处" in page
    plan = await site["zhou.hang"].get(f"/cases/{number}/rewind/4", headers=HTMX)
    assert plan.status_code == 200, plan.text
    assert "处理中" in plan.text
    typed = typed_in(plan.text, "step-form")
    assert typed["/to"] == "4"
    rows = [name for name in typed if name.endswith("/effect")]
    assert rows
    typed["/reason"] = "方案有误"
    missing = await send(site, number, "rewind", typed, "zhou.hang")
    assert missing.status_code == 422
    assert typed_in(missing.text, "step-form")["/reason"] == "方案有误"
    for row in rows:
        at = row.rpartition("/")[0]
        typed |= {f"{at}/how": "accept", f"{at}/note": "已电话说明"}
    answer = await send(site, number, "rewind", typed, "zhou.hang")
    assert answer.status_code == 200, answer.text
    assert (await details(site, number))["case"]["state"] == "investigating"
    theirs = await site["liu.yang"].get(f"/cases/{number}/rewind/9999", headers=HTMX)
    assert theirs.status_code in (403, 409)
    assert (await site["liu.yang"].get(f"/cases/{number}/steps/rewind")).status_code == 404


async def test_what_is_not_there_looks_the_same_as_what_is_not_for_one(site: Site) -> None:
    for path in ("", "/parts", "/steps/accept", "/timeline", "/picture", "/record.pdf"):
        answer = await site["liu.yang"].get(f"/cases/TS202601010000019{path}")
        assert answer.status_code == 404, path
        assert (await site["nobody"].get(f"/cases/TS202601010000019{path}")).status_code in (
            303,
            401,
        )
    number = await a_case(site)
    assert (await site["liu.yang"].get(f"/cases/{number}/steps/fly")).status_code == 404
    answer = await send(site, number, "fly", {"seen": "1.1."})
    assert answer.status_code == 404


async def test_what_others_wrote_is_shown_as_text(site: Site) -> None:
    words = "<img src=x onerror=alert(1)>{{7*7}}</script>"
    customer = {"name": words[:60], "contacts": [{"kind": "wechat", "value": words[:60]}]}
    number = await a_case(site, upto="investigating", form={"words": words}, customer=customer)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert "<img src=x" not in page
    assert words in text_of(page)
    assert not elements(page, "//script[not(@src)] | //*[@style] | //*[@onerror]")


async def test_another_language_says_the_same(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    cookies = "; ".join(f"{n}={v}" for n, v in site["liu.yang"].cookies.items())
    headers = {"Cookie": f"lang=en; {cookies}"}
    page = (await site["liu.yang"].get(f"/cases/{number}", headers=headers)).text
    for words in (
        "Find the cause",
        "Save the internal note",
        "Send to the customer",
        "Waits for us",
    ):
        assert words in page


async def test_what_moves_a_case_on_is_the_main_act_also_where_it_is_to_be_assigned(
    site: Site,
) -> None:
    number = await a_case(site)
    await site.callers.step(number, "accept")
    sorts = {"category": "product_quality", "severity": "minor"}
    await site.callers.step(number, "classify", sorts)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    [main] = elements(page, "//*[contains(@class,'btn-main')]")
    assert (main.text, main.get("data-shortcut")) == ("分配", "e")
    assert len(elements(page, "//*[@id='step-assign']")) == 1
    [claim] = elements(page, "//*[@id='case-steps']//form//button")
    assert "btn-primary" not in claim.get("class")


async def test_who_moves_a_case_away_hears_where_it_is_and_what_comes_next(site: Site) -> None:
    number = await a_case(site)
    await site.callers.step(number, "claim")
    form = await opened(site, number, "accept")
    stays = await send(site, number, "accept", form)
    assert "case-left" not in stays.text
    form = await opened(site, number, "classify")
    form |= {"/category": "product_quality", "/severity": "minor"}
    answer = await send(site, number, "classify", form)
    assert answer.status_code == 200, answer.text
    [left] = elements(answer.text, "//*[contains(@class,'case-left')]")
    for words in ("分类", "本单现已不在你手上", "待领取：客服专员、组长、座席", "下一个 (g)"):
        assert words in left.text_content(), words
    form = await opened(site, number, "assign")
    answer = await send(site, number, "assign", {**form, "/assignee": "wang.fang"})
    [left] = elements(answer.text, "//*[contains(@class,'case-left')]")
    assert "由 wang.fang 办理" in left.text_content()


async def test_an_answer_is_to_the_offer_that_is_shown_in_words(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    await send(site, number, "investigate", {**form, **FINDING})
    form = await opened(site, number, "propose")
    form |= {"/solution": "换新", "/cost/amount": "10"}
    assert (await send(site, number, "propose", form)).status_code == 200
    page = (await site["liu.yang"].get(f"/cases/{number}?step=reject_solution")).text
    shown = text_of(page, "step")
    assert "10.00" in shown
    assert "换新" in shown
    [offer] = elements(page, "//form[@id='step-form']//input[@name='/offer']")
    assert offer.get("type") == "hidden"
    newest = (await details(site, number))["case"]["last_seq"]
    assert offer.get("value") == str(newest)
    refused = await send(site, number, "reject_solution", typed_in(page, "step-form"))
    assert refused.status_code == 200, refused.text
    form = await opened(site, number, "propose")
    form |= {"/solution": "退一赔三", "/cost/amount": "30"}
    await send(site, number, "propose", form)
    # A draft may name an older offer: then a person chooses, and nothing is answered unseen.
    stale = await opened(site, number, "accept_solution") | {"/offer": str(newest)}
    answer = await send(site, number, "accept_solution", stale)
    assert answer.status_code in (409, 422)
    choices = elements(answer.text, "//select[@name='/offer']/option")
    assert [each.get("value") for each in choices if each.get("selected") is not None] == [
        str(newest)
    ]
    assert any("退一赔三" in each.text for each in choices)


async def test_a_clock_says_in_a_word_that_it_is_nearly_due_as_the_inbox_does(site: Site) -> None:
    number = await a_case(site)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    [near, *_] = elements(page, "//*[@id='case-clocks']//*[contains(@class,'time-near')]")
    assert "响应时限" in near.text_content()
    assert "◔ 即将超时" in near.text_content()


async def test_a_limit_that_a_message_in_the_local_mailbox_met_says_that_nobody_was_reached(
    site: Site,
) -> None:
    number = await a_case(site)
    await site.callers.step(number, "notify", {"text": "王女士您好，已收到。"})
    await site.callers.store.outbox_queue.mark_due_delivered("default")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    [said, *_] = elements(page, "//*[@id='case-clocks']//p[@class='not-reached']")
    for words in ("响应时限", "通知客户", "尚未通知到任何人", "本地信箱"):
        assert words in said.text_content(), words
    [line] = elements(page, "//*[@id='timeline']//li[.//p[contains(.,'已收到')]]")
    assert "发给客户，尚未通知到任何人" in line.text_content()
    assert "客户可见" not in line.text_content()
    assert "目前尚未因此收到消息" in text_of(page, "why-response-1")
