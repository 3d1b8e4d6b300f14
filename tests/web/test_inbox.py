"""The inbox: lists that are addresses, counts, lines that say why they leave, the next task."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from store.db.clock import utc_now
from tests.web.cases import elements, text_of
from tests.web.site import Site, sign_in, site_client

pytestmark = pytest.mark.xdist_group("web")

CLASSIFIED = [("accept", {}), ("classify", {"category": "logistics", "severity": "minor"})]


def rows(text: str) -> list[str]:
    """Return the numbers of the lines on a page, in their order."""
    found: Any = html.fromstring(text).xpath("//li[contains(@class, 'case-row')]/@id")
    return [str(each).removeprefix("row-") for each in found]


def seen(text: str) -> list[str]:
    found: Any = html.fromstring(text).xpath("//input[@name='seen']/@value")
    return [str(each) for each in found]


async def ready(site: Site, **more: Any) -> str:
    """Return a new complaint that an agent may claim."""
    number = await site.callers.complaint(**more)
    for step, form in CLASSIFIED:
        await site.callers.step(number, step, form, by="chen.min")
    return number


async def test_a_list_is_an_address_with_its_filters(site: Site) -> None:
    number = await ready(site)
    page = await site["liu.yang"].get("/inbox?view=unassigned&kind=complaint&stage=assign")
    assert number in rows(page.text)
    assert number not in rows((await site["liu.yang"].get("/inbox?view=mine")).text)
    assert number not in rows((await site["liu.yang"].get("/inbox?view=all&kind=repair")).text)
    assert 'value="assign" selected' in page.text


@pytest.mark.parametrize(
    "query",
    [
        "view=nothing",
        "kind=nothing",
        "stage=x",
        "nonsense=1",
        "after=xyz",
        "due_within=3",
        "kind=repair&kind=repair",
    ],
)
async def test_an_address_that_means_nothing_is_told(site: Site, query: str) -> None:
    answer = await site["liu.yang"].get(f"/inbox?{query}")
    assert answer.status_code == 422
    assert "<h1" in answer.text


async def test_a_line_that_leaves_says_why_once(site: Site) -> None:
    number = await ready(site, order="LEAVES-1")
    address = "/inbox?view=unassigned&order=LEAVES-1"
    before = await site["liu.yang"].get(address)
    assert number in rows(before.text)
    await site.callers.step(number, "claim", by="liu.yang")
    listed = {"view": "unassigned", "order": "LEAVES-1"}
    params: dict[str, Any] = {**listed, "seen": seen(before.text)}
    after = await site["zhang.qian"].get("/inbox/list", params=params)
    line = re.search(
        rf'<li class="case-row row-gone" id="row-{number}">.*?</li>', after.text, re.DOTALL
    )
    assert line is not None
    assert "liu.yang" in line[0]
    assert "已领取" in line[0]
    params = {**listed, "seen": seen(after.text)}
    again = await site["zhang.qian"].get("/inbox/list", params=params)
    assert number not in again.text


async def test_a_case_on_hold_says_so_wherever_it_is_listed(site: Site) -> None:
    contacts = [{"kind": "phone", "value": "13977778888"}]
    given: dict[str, Any] = {
        "order": "HELD-1",
        "customer": {"name": "孙女士", "contacts": contacts},
    }
    number, other = await ready(site, **given), await ready(site, **given)
    await site.callers.step(number, "claim", by="liu.yang")
    address = "/inbox?view=all&order=HELD-1"
    assert "挂起" not in text_of((await site["liu.yang"].get(address)).text, f"row-{number}")
    until = (utc_now() + timedelta(days=2)).isoformat()
    await site.callers.step(number, "hold", {"until": until, "reason": "等客户回国"}, by="liu.yang")
    listed = (await site["liu.yang"].get(address)).text
    [badge] = elements(listed, f"//*[@id='row-{number}']//time[contains(., '已挂起至')]")
    assert badge.get("title")
    assert "挂起" not in text_of(listed, f"row-{other}")
    found = await site["liu.yang"].get("/search?q=HELD-1")
    assert "已挂起至" in found.text
    beside = (await site["liu.yang"].get(f"/cases/{other}")).text
    assert "已挂起至" in text_of(beside, "case-customer")
    await site.callers.step(number, "resume", by="liu.yang")
    assert "挂起" not in text_of((await site["liu.yang"].get(address)).text, f"row-{number}")


async def test_next_is_the_first_of_the_list_and_nobody_gets_anothers(site: Site) -> None:
    await asyncio.gather(*(ready(site) for _ in range(3)))
    first = rows((await site["liu.yang"].get("/inbox?view=unassigned")).text)[:2]
    answers = await asyncio.gather(site["liu.yang"].post("/next"), site["zhang.qian"].post("/next"))
    taken = [answer.headers["location"].removeprefix("/cases/") for answer in answers]
    assert sorted(taken) == sorted(first)
    for number, person in zip(taken, ("liu.yang", "zhang.qian"), strict=True):
        case = (await site.callers[person].get(f"/v1/cases/{number}")).json()
        assert case["case"]["assignee"] == person


async def test_two_quick_presses_on_one_page_take_one_task(site: Site) -> None:
    await asyncio.gather(*(ready(site) for _ in range(2)))
    page: Any = html.fromstring((await site["liu.yang"].get("/inbox?view=unassigned")).text)
    form = page.xpath("//button[@id='next']/ancestor::form")[0]
    sent = dict(form.form_values())
    answers = await asyncio.gather(
        *(site["liu.yang"].post(form.get("action"), data=sent) for _ in range(2))
    )
    answers.append(await site["liu.yang"].post(form.get("action"), data=sent))
    assert len({answer.headers["location"] for answer in answers}) == 1
    another = await site["liu.yang"].post("/next", data={"request": sent["request"] + "x"})
    assert another.headers["location"] != answers[0].headers["location"]


async def test_where_this_list_has_none_the_next_of_all_is_offered(site: Site) -> None:
    """Neither the empty list nor `g` says that nothing waits while something does."""
    await ready(site)
    query = "kind=repair&stage=accept&state=quoting"
    answer = await site["liu.yang"].post(f"/next?{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    empty = (await site["liu.yang"].get(f"/inbox?view=all&{query}")).text
    assert "按 g 领取下一个最紧急的任务" not in empty
    assert "此列表中没有待领取的任务" in answer.text
    for text in (answer.text, empty):
        [form] = elements(text, "//form[@class='next-elsewhere']")
        taken = await site["liu.yang"].post(form.get("action"), data=dict(form.form_values()))
        assert taken.headers["location"].startswith("/cases/")
        await ready(site)


async def test_a_task_is_claimed_from_its_line(site: Site) -> None:
    number = await ready(site)
    answer = await site["liu.yang"].post(
        "/inbox/claim", data={"number": number}, headers={"HX-Request": "true"}
    )
    assert answer.headers["hx-redirect"] == f"/cases/{number}"
    late = await site["zhang.qian"].post(
        "/inbox/claim", data={"number": number}, headers={"HX-Request-Type": "partial"}
    )
    assert late.status_code == 409
    assert "liu.yang" in late.text


async def test_a_view_is_saved_counted_and_removed(site: Site) -> None:
    form = {"name": "物流投诉", "query": "view=all&kind=complaint&stage=assign"}
    saved = await site["liu.yang"].post("/views", data=form)
    assert saved.status_code == 303, saved.text
    page = await site["liu.yang"].get(saved.headers["location"])
    assert "物流投诉" in page.text
    assert "物流投诉" not in (await site["zhang.qian"].get("/inbox")).text
    remove = re.search(r'hx-post="(/views/[^"]+/remove)"', page.text)
    assert remove is not None
    assert (await site["zhang.qian"].post(remove[1])).status_code == 404
    assert (await site["liu.yang"].post(remove[1])).status_code == 303
    assert "物流投诉" not in (await site["liu.yang"].get("/inbox")).text
    wrong = await site["liu.yang"].post("/views", data={"name": "", "query": "view=all"})
    assert wrong.status_code == 422


async def test_a_team_has_its_name_wherever_it_stands(site: Site) -> None:
    """Teams are those that a tenant has, and no catalogue of ours knows their names."""
    people = site.callers.store.people
    await people.add_team("default", "night_desk", "夜班组")
    await people.add_staff("default", "ye.zhang", "叶张", ("lead", "agent"), ("night_desk",))
    number = await ready(site)
    given = {"assignee": "ye.zhang", "team": "night_desk"}
    await site.callers.step(number, "assign", given, by="wang.fang")
    async with site_client(site.app, await sign_in(site.callers, "ye.zhang")) as lead:
        offered: Any = html.fromstring((await lead.get("/inbox?view=all&kind=repair")).text)
        teams = offered.xpath("//select[@id='view-team']/option[@value='night_desk']/text()")
        assert teams == ["夜班组"]
        form = {"name": "夜班投诉", "query": "view=all&kind=complaint", "team": "night_desk"}
        assert (await lead.post("/views", data=form)).status_code == 303
        saved: Any = html.fromstring((await lead.get("/inbox")).text)
        assert saved.xpath("//li[@class='saved-view']//small/text()") == ["夜班组"]
        case: Any = html.fromstring((await lead.get(f"/cases/{number}")).text)
        assert "夜班组" in case.xpath("string(//*[@id='case-head'])")
        assert "夜班组" in case.xpath("string(//*[@id='timeline'])")
        assert "night_desk" not in case.xpath("string(//main)")
        history: Any = html.fromstring((await site["root"].get(f"/ops/cases/{number}")).text)
        assert "夜班组" in history.xpath("string(//main)")
        assert "night_desk" not in history.xpath("string(//main)")


async def test_a_second_view_of_one_name_is_refused_on_a_page_that_says_why(site: Site) -> None:
    """Without a script the refusal is a whole page: it, too, lists what is wrong, and where."""
    form = {"name": "同名视图", "query": "view=all"}
    assert (await site["liu.yang"].post("/views", data=form)).status_code == 303
    for headers in ({}, {"HX-Request-Type": "partial", "HX-Request": "true"}):
        again = await site["liu.yang"].post("/views", data=form, headers=headers)
        assert again.status_code == 422
        [fault] = re.findall(r"<li>([^<]*)</li>", again.text)
        assert "已有同名视图" in fault
        assert "errors" not in again.text
    assert (await site["liu.yang"].get("/inbox")).text.count(">同名视图<") == 1
    assert (await site["zhang.qian"].post("/views", data=form)).status_code == 303


async def test_a_page_of_trouble_lists_all_that_is_wrong(site: Site) -> None:
    refused = await site["liu.yang"].get("/inbox?view=nothing&what=ever")
    assert refused.status_code == 422
    assert len(re.findall(r"<li>[^<]+</li>", refused.text)) == 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"/inbox?assignee={'x' * 3000}", "处理人：内容太长，最多 64 个字符。"),
        ("/cases/{number}/rewind/-1", "回到该记录之后：数值太小，最小为 1。"),
        ("/ops/audit?actor=" + "x" * 200, "操作人（编号）：内容太长，最多 100 个字符。"),
        ("/charts?from=2026-01-01", "「from」：此项多余，请删除。"),
        ("/charts?to=2026-01-01", "「to」：此项多余，请删除。"),
        ("/charts?" + "to" * 50 + "=1", "「" + "to" * 20 + "…」：此项多余，请删除。"),
        ("/charts?since=2026-05-02&until=2026-05-01", "到：结束日期早于开始日期。"),
        ("/charts?since=x", "从：请填写日期，例如 2026-03-03。"),
        ("/charts?by=kind&by=kind", "分组：此项出现了两次，请只写一次。"),
        ("/inbox?view=x", "视图：请从所列各项中选择。"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_in_its_own_words(
    site: Site, address: str, said: str
) -> None:
    number = await site.callers.complaint() if "{" in address else ""
    answer = await site["root"].get(address.replace("{number}", number))
    assert answer.status_code == 422
    document: Any = html.fromstring(answer.text)
    assert said in document.xpath("string(//ul[@class='faults'])")


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/inbox?view=on_hold", "收件箱 · 已挂起"),
        ("/inbox?view=all", "收件箱 · 全部未办结"),
        ("/search?q=ORD-77", "搜索 · ORD-77"),
        ("/search", "搜索"),
    ],
)
async def test_tabs_are_told_apart_by_their_titles(site: Site, address: str, title: str) -> None:
    page: Any = html.fromstring((await site["liu.yang"].get(address)).text)
    assert page.findtext(".//title").strip().startswith(title)


async def test_a_case_is_found_by_what_one_has_of_it(site: Site) -> None:
    words = "The toaster caught fire on a Tuesday."
    number = await ready(site, form={"words": words}, order="ORD-77")
    by_number = await site["liu.yang"].get("/search", params={"q": f" {number} "})
    assert by_number.headers["location"] == f"/cases/{number}"
    for text in ("ORD-77", "toaster", "tuesday fire"):
        assert number in rows((await site["liu.yang"].get("/search", params={"q": text})).text)
    assert rows((await site["liu.yang"].get("/search", params={"q": "t%aster"})).text) == []
    assert (await site["liu.yang"].get("/search?q=TS202601010000001")).status_code in {404, 422}
