"""What is typed and not sent: kept by the server for its author, filled in again, sent but once."""

from datetime import timedelta

import httpx
import pytest

from app.drafts import get_draft
from tests.web.cases import FINDING, HTMX, a_case, elements, opened, send, text_of, typed_in
from tests.web.drafts import caller_of, said, scheduled, send_what_is_due
from tests.web.site import Site, colleague

pytestmark = pytest.mark.xdist_group("web")

LATER = timedelta(hours=1)


async def keep(
    site: Site, form: dict[str, str], counter: int, who: str = "liu.yang"
) -> httpx.Response:
    """Keep a form as its page does."""
    return await site[who].post("/drafts", data={**form, "counter": str(counter)}, headers=HTMX)


async def test_a_form_opens_with_its_draft(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    typed = {**form, "/finding": "写到一半 <b>\n第二行"}
    answer = (await keep(site, typed, 5)).json()
    assert (answer["saved"], answer["counter"]) == (True, 5)
    assert answer["said"].startswith("已保存 ")
    again = await opened(site, number, "investigate")
    assert again["/finding"] == typed["/finding"]
    assert again["counter"] == "5"
    page = (await site["liu.yang"].get(f"/cases/{number}?step=investigate")).text
    assert "的草稿" in text_of(page, "step-form")
    assert "<b>" not in text_of(page, "main").replace(typed["/finding"], "")
    # It is nobody else's.
    theirs = await opened(site, number, "investigate", "wang.fang")
    assert theirs["/finding"] == ""


async def test_the_page_of_another_person_neither_keeps_nor_discards(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    mine = {**form, "/finding": "刘洋写的"}
    assert (await keep(site, {**mine, "person": "liu.yang"}, 5)).json()["saved"]
    theirs = await keep(site, {**mine, "/finding": "王芳写的", "person": "wang.fang"}, 6)
    assert theirs.status_code == 401
    sent = {"draft": form["draft"], "counter": "7", "person": "wang.fang"}
    refused = await site["liu.yang"].post("/drafts/discard", data=sent, headers=HTMX)
    assert refused.status_code == 401
    assert (await opened(site, number, "investigate"))["/finding"] == "刘洋写的"


async def test_what_comes_late_neither_overwrites_nor_revives(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    assert (await keep(site, {**form, "/finding": "新"}, 7)).json()["saved"]
    late = (await keep(site, {**form, "/finding": "旧"}, 6)).json()
    assert (late["saved"], late["counter"]) == (False, 7)
    assert (await opened(site, number, "investigate"))["/finding"] == "新"
    answer = await send(
        site, number, "investigate", {**form, **FINDING, "counter": "9", "known": "7"}
    )
    assert answer.status_code == 200, answer.text
    assert not (await keep(site, {**form, "/finding": "旧"}, 8)).json()["saved"]
    caller = await caller_of(site, "liu.yang")
    kept = await get_draft(site.app.state.services, caller, f"{number}/investigate")
    assert kept is not None
    assert kept.content is None


async def test_what_was_written_elsewhere_is_told_and_stays(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    assert (await keep(site, {**form, "/finding": "另一处写的"}, 7)).json()["saved"]
    told = (await keep(site, {**form, "/finding": "字"}, 8)).json()
    assert (told["saved"], told["elsewhere"]["text"]) == (False, "另一处写的")
    assert told["elsewhere"]["said"].startswith("另一处也写了")
    for odd in ("", "x", "７", "-7", f"7{'0' * 20}", "8 9"):
        assert not (await keep(site, {**form, "known": odd, "/finding": "字"}, 8)).json()["saved"]
    thrown = {"draft": form["draft"], "counter": "9", "known": ""}
    await site["liu.yang"].post("/drafts/discard", data=thrown, headers=HTMX)
    assert (await opened(site, number, "investigate"))["/finding"] == "另一处写的"
    assert (await keep(site, {**form, "known": "7", "/finding": "字"}, 8)).json()["saved"]


async def test_a_refusal_keeps_the_draft(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    half = {**form, "/finding": "只填了一半"}
    await keep(site, half, 3)
    refused = await send(site, number, "investigate", {**half, "counter": "4"})
    assert refused.status_code == 422
    assert typed_in(refused.text, "step-form")["counter"] == "4"
    assert (await opened(site, number, "investigate"))["/finding"] == "只填了一半"


async def test_notes_and_messages_have_their_own(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    texts = {"note-form": "/body", "public-form": "/body", "message-form": "/text"}
    for n, (id, field) in enumerate(texts.items()):
        form = {**typed_in(page, id), field: f"草稿 {id}"}
        assert (await keep(site, form, n + 1)).json()["saved"], id
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    for id, field in texts.items():
        assert typed_in(page, id)[field] == f"草稿 {id}"
    note = {**typed_in(page, "note-form"), "counter": "10"}
    answer = await site["liu.yang"].post(f"/cases/{number}/notes", data=note, headers=HTMX)
    assert answer.status_code == 200
    part = await site["liu.yang"].get(f"/cases/{number}/notes", headers=HTMX)
    assert typed_in(part.text, "note-form")["/body"] == ""
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert typed_in(page, "public-form")["/body"] == "草稿 public-form"


async def test_new_cases_have_one_for_each_origin(site: Site) -> None:
    async def form(query: str = "") -> dict[str, str]:
        return typed_in(
            (await site["liu.yang"].get(f"/cases/new/complaint{query}")).text, "new-case"
        )

    parent = await a_case(site)
    await keep(site, {**await form(), "/form/words": "门铃漏水"}, 1)
    of_parent = await form(f"?parent={parent}")
    assert of_parent["/form/words"] == ""
    await keep(site, {**of_parent, "/form/words": "上次没修好"}, 1)
    assert (await form())["/form/words"] == "门铃漏水"
    assert (await form(f"?parent={parent}"))["/form/words"] == "上次没修好"
    page = (await site["liu.yang"].get("/me/drafts")).text
    links = elements(page, "//a[contains(@class,'draft-link')]/@href")
    for link in links:
        assert (await site["liu.yang"].get(link)).status_code == 200, link
    started = await site["liu.yang"].post(
        "/cases/new/complaint",
        data={**await form(), "/customer/contacts/0/value": "13800009999", "counter": "2"},
        headers=HTMX,
    )
    assert started.headers.get("hx-redirect"), started.text
    assert (await form())["/form/words"] == ""
    assert (await form(f"?parent={parent}"))["/form/words"] == "上次没修好"


async def test_my_drafts_are_listed_and_discarded(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate", "wang.fang")
    await keep(site, {**form, "/finding": "主管的看法"}, 1, "wang.fang")
    page = (await site["wang.fang"].get("/me/drafts")).text
    [row] = [each for each in elements(page, "//li[@data-row]") if number in each.text_content()]
    assert "主管的看法" in row.text_content()
    assert "查明原因" in row.text_content()
    [link] = row.xpath(".//a/@href")
    opened_by_link = (await site["wang.fang"].get(link.partition("#")[0])).text
    assert typed_in(opened_by_link, "step-form")["/finding"] == "主管的看法"
    [discarding] = row.xpath(".//form")
    pressed = {str(name): str(value) for name, value in discarding.form_values()}
    answer = await site["wang.fang"].post("/drafts/discard", data=pressed)
    assert answer.headers["location"] == "/me/drafts"
    assert number not in (await site["wang.fang"].get("/me/drafts")).text
    assert (await opened(site, number, "investigate", "wang.fang"))["/finding"] == ""


async def test_a_draft_is_listed_by_what_was_written_else_by_what_was_chosen(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    chosen = {**form, "/cause": "production", "/reasonable": "true", "/finding": ""}

    async def listed() -> str:
        page = (await site["liu.yang"].get("/me/drafts")).text
        [row] = [e for e in elements(page, "//li[@data-row]") if number in e.text_content()]
        return str(row.xpath(".//p[contains(@class,'timeline-text')]")[0].text_content())

    await keep(site, chosen, 1)
    assert "生产" in await listed()
    assert "是" in await listed()
    assert "production" not in await listed()
    # As long as the code, and shorter: what was written comes first.
    for counter, text in ((2, "已经写了一半的关键点"), (3, "虚焊")):
        await keep(site, {**chosen, "/finding": text, "known": f"{counter - 1}"}, counter)
        assert await listed() == text
    told = (await keep(site, {**chosen, "/finding": "字", "known": "1"}, 4)).json()
    assert told["elsewhere"]["text"] == "虚焊"
    assert (await keep(site, {**chosen, "known": "3"}, 5)).json()["saved"]
    told = (await keep(site, {**chosen, "known": "1"}, 6)).json()
    assert "production" not in told["elsewhere"]["text"]


async def test_a_draft_names_people_and_a_new_case_says_its_words(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    async with colleague(site, "song.he", "宋和", "agent"):
        form = await opened(site, number, "assign", "wang.fang")
        await keep(site, {**form, "/assignee": "song.he", "/reason": ""}, 1, "wang.fang")
        fields = (await site["wang.fang"].get("/cases/new/complaint")).text
        new = {**typed_in(fields, "new-case"), "/customer/name": "欧阳明月明月明月明月"}
        await keep(site, {**new, "/form/words": "漏水"}, 1, "wang.fang")
        page = (await site["wang.fang"].get("/me/drafts")).text
    said = [each.text_content() for each in elements(page, "//li[@data-row]/p[2]")]
    assert "宋和" in said
    assert "漏水" in said


async def test_what_is_no_draft_is_refused(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    about = {"draft": f"{number}/investigate", "counter": "1"}
    for wrong in (
        {"draft": ""},
        {"draft": f"{number}/no-such-step"},
        {"draft": "new/no-such-kind"},
        {"draft": "new/complaint/a b"},
        {"counter": ""},
        {"counter": "-1"},
        {"counter": "１"},
        {"seen": "1"},
    ):
        answer = await site["liu.yang"].post("/drafts", data={**about, **wrong, "/finding": "x"})
        assert answer.status_code in {400, 404, 422}, wrong
    assert (await site["nobody"].post("/drafts", data=about, headers=HTMX)).status_code == 401


async def test_a_message_called_back_is_not_sent_and_is_the_draft(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "notify")
    answer = await send(site, number, "notify", {**form, "/text": "发错了", "counter": "5"})
    assert answer.status_code == 200, answer.text
    [strip] = elements(answer.text, "//form[@data-left]")
    assert 5 < float(strip.get("data-left")) <= 10
    assert "王女士" in answer.text
    # A colleague sees that it waits.
    assert "发错了" in text_of(
        (await site["wang.fang"].get(f"/cases/{number}")).text, "case-waiting"
    )
    back = await site["liu.yang"].post(strip.get("action"), headers=HTMX)
    assert typed_in(back.text, "message-form")["/text"] == "发错了"
    assert (await opened(site, number, "notify"))["/text"] == "发错了"
    # Not even a sender whose clock is far ahead has anything to send.
    await send_what_is_due(site, LATER)
    assert await said(site, number) == []


async def test_what_was_begun_meanwhile_stays_beside_what_is_called_back(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "notify")
    answer = await send(site, number, "notify", {**form, "/text": "第一条", "counter": "5"})
    [strip] = elements(answer.text, "//form[@data-left]")
    begun = {**typed_in(answer.text, "message-form"), "/text": "第二条", "counter": "6"}
    back = await site["liu.yang"].post(strip.get("action"), data=begun, headers=HTMX)
    assert "/me/drafts" in back.text
    assert (await opened(site, number, "notify"))["/text"] == "第二条"
    page = (await site["liu.yang"].get("/me/drafts")).text
    assert "第一条" in page
    [message] = await scheduled(site, number)
    # Its text comes into the form once there is room.
    address = f"/me/messages/{message.id}/again"
    await site["liu.yang"].post(address)
    assert (await opened(site, number, "notify"))["/text"] == "第二条"
    discarded = {"draft": f"{number}/message", "counter": "7"}
    await site["liu.yang"].post("/drafts/discard", data=discarded, headers=HTMX)
    assert (await site["liu.yang"].post(address)).status_code == 303
    assert (await opened(site, number, "notify"))["/text"] == "第一条"
    assert await scheduled(site, number) == []
    assert (await site["wang.fang"].post(address)).status_code == 404


async def test_too_late_is_told(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "notify")
    answer = await send(site, number, "notify", {**form, "/text": "已经发出", "counter": "5"})
    [strip] = elements(answer.text, "//form[@data-left]")
    await send_what_is_due(site, LATER)
    assert await said(site, number) == ["已经发出"]
    headers = {**HTMX, "HX-Request-Type": "partial"}
    late = await site["liu.yang"].post(strip.get("action"), headers=headers)
    assert late.status_code == 409
    assert "无法撤回" in late.text
    assert (await opened(site, number, "notify"))["/text"] == ""


async def test_what_was_refused_later_is_listed_with_why(site: Site) -> None:
    number = await a_case(site)
    form = await opened(site, number, "notify")
    answer = await send(site, number, "notify", {**form, "/text": "别人已领取", "counter": "5"})
    assert answer.status_code == 200, answer.text
    await site.callers.step(number, "claim", by="wang.fang")
    await send_what_is_due(site, LATER)
    [message] = await scheduled(site, number)
    page = (await site["liu.yang"].get("/me/drafts")).text
    [row] = [each for each in elements(page, "//li") if "别人已领取" in each.text_content()]
    assert "wang.fang" in row.text_content()
    assert (await site["wang.fang"].post(f"/me/messages/{message.id}/drop")).status_code == 404
    assert (await site["liu.yang"].post(f"/me/messages/{message.id}/drop")).status_code == 303
    assert "别人已领取" not in (await site["liu.yang"].get("/me/drafts")).text


async def test_the_draft_of_a_case_that_comes_of_another_is_gone_on_with_under_its_parent(
    site: Site,
) -> None:
    number = await a_case(site)
    page = await site["liu.yang"].get(f"/cases/new/inquiry?parent={number}")
    form = typed_in(page.text, "new-case")
    typed = {**form, "/form/words": "顺便问一句。"}
    assert (await keep(site, typed, 5)).json()["saved"]
    mine = (await site["liu.yang"].get("/me/drafts")).text
    [link] = [each for each in elements(mine, "//main//a/@href") if number in each]
    assert link == f"/cases/new/inquiry?parent={number}"
    again = typed_in((await site["liu.yang"].get(link)).text, "new-case")
    assert again == {**typed, "counter": "5", "known": "5", "request": again["request"]}
