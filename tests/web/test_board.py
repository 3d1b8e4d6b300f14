"""The lead's board, the charts, and one act for many cases that somebody chose."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from lxml import html

from app.charts import Chart
from store.reports.records import Split
from tests.web.cases import elements, text_of
from tests.web.site import Site, sign_in, site_client
from tests.web.test_inbox import ready

pytestmark = pytest.mark.xdist_group("web")


async def test_the_board_counts_what_is_open(site: Site) -> None:
    await ready(site)
    page = await site["wang.fang"].get("/board?kind=complaint")
    assert page.status_code == 200, page.text
    assert "stage=assign&amp;" in page.text
    assert (await site["liu.yang"].get("/board")).status_code == 403
    for wrong in ("kind=nothing", "kind=complaint&kind=returns", "team=x&team=x", "nothing=1"):
        assert (await site["wang.fang"].get(f"/board?{wrong}")).status_code == 422, wrong
    assert (await site["wang.fang"].get("/board?kind=&team=")).status_code == 200


async def test_each_number_of_the_board_leads_to_the_list_of_as_many(site: Site) -> None:
    """Of the same kind and team; what is overdue is not counted again as due soon."""
    number = await ready(site)
    row = await site.callers.store.cases.get("default", number)
    assert row is not None
    lead = site["wang.fang"]
    cards = elements((await lead.get("/board?kind=complaint")).text, "//*[@class='numbers']/*")
    assert all(card.tag == "a" for card in cards)
    seen = {}
    for card in cards[:6]:
        address = card.get("href")
        assert "kind=complaint" in address
        assert card.xpath("string(strong)") == await _total(lead, address), address
        seen[card.xpath("string(span)")] = address
    assert "overdue=false" in seen["15分内到期"]
    assert "due_within=PT900S" in seen["15分内到期"] or "due_within=PT15M" in seen["15分内到期"]
    assert elements((await lead.get("/board")).text, "//*[@id='breached-today']//table")
    assert "15分钟内到期或已超时" in (await lead.get("/inbox")).text


async def _total(lead: httpx.AsyncClient, address: str) -> str:
    """Count the lines of a list, over all its pages."""
    total = 0
    while address:
        page = (await lead.get(address)).text
        total += len(elements(page, "//*[@id='inbox-list']//li[starts-with(@id,'row-')]"))
        address = next(iter(elements(page, "//a[@rel='next']/@href")), "")
    return str(total)


@pytest.mark.parametrize(
    "chart",
    ["arrivals", "closed", "backlog", "promises", "response_time", "resolution_time",
     "satisfaction", "nps"],
)  # fmt: skip
async def test_a_chart_is_a_picture_a_table_and_a_file(site: Site, chart: str) -> None:
    page = await site["wang.fang"].get(f"/charts?chart={chart}&period=week&by=")
    assert page.status_code == 200, page.text
    document: Any = html.fromstring(page.text)
    lines = document.xpath("//table/thead//th[position()>1]/text()")
    [frame] = document.xpath("//*[@id='chart']/@data-series")
    assert [each["name"] for each in json.loads(frame)["lines"]] == lines
    [link] = document.xpath("//a[@download]/@href")
    file = await site["wang.fang"].get(link)
    assert file.headers["content-type"].startswith("text/csv")
    assert len(file.text.splitlines()) == len(document.xpath("//table/tbody/tr")) + 1


@pytest.mark.parametrize(
    "query", ["chart=x", "since=2026", "period=hour", "nonsense=1", "by=x", "by=kind&by=kind"]
)
async def test_a_question_that_means_nothing_is_told(site: Site, query: str) -> None:
    assert (await site["wang.fang"].get(f"/charts?{query}")).status_code == 422
    assert (await site["liu.yang"].get("/charts")).status_code == 403


async def test_days_that_are_no_span_are_told_beside_the_choices(site: Site) -> None:
    query = "chart=closed&since=2026-05-02&until=2026-05-01&kind=complaint"
    answer = await site["wang.fang"].get(f"/charts?{query}")
    assert answer.status_code == 422
    assert "结束日期早于开始日期" in text_of(answer.text)
    page: Any = html.fromstring(answer.text)
    [form] = [each for each in page.forms if each.action == "/charts"]
    kept = {name: form.fields[name] for name in ("chart", "since", "until", "kind")}
    assert "&".join(f"{name}={value}" for name, value in kept.items()) == query


async def test_a_lead_reassigns_many_and_the_failed_are_tried_again(site: Site) -> None:
    numbers = [await ready(site) for _ in range(4)]
    await site.callers.step(numbers[0], "withdraw", {"reason": "不用了"}, by="chen.min")
    page = await site["wang.fang"].get("/inbox?view=unassigned&kind=complaint&stage=assign")
    assert f'value="{numbers[1]}"' in page.text
    chosen: dict[str, Any] = {"number": numbers, "step": "assign"}
    form = await site["wang.fang"].get("/batches/new", params=chosen)
    assert form.status_code == 200, form.text
    key = re.search(r'name="request" value="([^"]+)"', form.text)
    assert key is not None
    posted = {
        "numbers": " ".join(numbers),
        "step": "assign",
        "request": key[1],
        "/assignee": "liu.yang",
        "reason": "调班",
    }
    wrong = await site["wang.fang"].post("/batches", data={**posted, "/assignee": ""})
    assert wrong.status_code == 422
    assert 'value="调班"' in wrong.text
    assert all(number in wrong.text for number in numbers)
    begun = await site["wang.fang"].post("/batches", data=posted)
    assert begun.status_code == 303, begun.text
    assert begun.headers["location"].startswith("/ops/batches/")
    assert (await site["liu.yang"].post("/batches", data=posted)).status_code == 403
    assert (await site["liu.yang"].get("/batches/new", params=chosen)).status_code == 403


@pytest.fixture
async def lead(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A lead who has a name; and an agent, 丁一."""
    for id, name, role in (("lin.lead", "林组长", "lead"), ("ding.yi", "丁一", "agent")):
        if await site.callers.store.people.get("default", id) is None:
            await site.callers.store.people.add_staff("default", id, name, (role,))
    async with site_client(site.app, await sign_in(site.callers, "lin.lead")) as client:
        yield client


async def test_the_form_of_a_batch_says_which_cases_and_to_whom(
    site: Site, lead: httpx.AsyncClient
) -> None:
    numbers = [await ready(site) for _ in range(2)]
    closed = await ready(site)
    await site.callers.step(closed, "withdraw", {"reason": "不用了"}, by="chen.min")
    query = "view=all&kind=complaint"
    chosen: dict[str, Any] = {
        "number": [*numbers, closed, "nothing"],
        "step": "assign",
        "query": query,
    }
    answer = await lead.get("/batches/new", params=chosen)
    document: Any = html.fromstring(answer.text)
    rows = document.xpath("//table[@id='chosen']/tbody/tr")
    assert [row.xpath("string(td[1])") for row in rows] == [*numbers, closed, "nothing"]
    assert "没有此工单" in rows[3].text_content()
    [back] = document.xpath("//main//a[@rel='up']/@href")
    assert back == f"/inbox?{query}"
    offered = {each.get("value"): each.text for each in document.xpath("//select/option")}
    assert "2 张" in offered["ding.yi"], "the closed one cannot be given to anybody"
    assert "3 张" in offered["ding.yi"]
    assert "ma.qiang" not in offered, "whose trade is another"
    inputs = document.xpath("//form[@id='batch']//input")
    form = {each.get("name"): each.get("value") or "" for each in inputs}
    posted = {**form, "numbers": " ".join(numbers), "/assignee": "ding.yi", "reason": "调班"}
    begun = await lead.post("/batches", data=posted)
    assert begun.status_code == 303, begun.text
    place = begun.headers["location"]
    made: Any = html.fromstring((await lead.get(place)).text)
    assert "丁一" in made.xpath("string(//section[@id='batch']//dl)")
    assert "ding.yi" not in made.xpath("string(//section[@id='batch'])")
    assert back in made.xpath("//a[@rel='up']/@href")
    assert made.xpath("//section[@id='batch']//span[@title='lin.lead']/text()") == ["林组长"]
    foreign: Any = html.fromstring(
        (await lead.get(f"{place.partition('?')[0]}?back=//evil.test")).text
    )
    assert foreign.xpath("//a[@rel='up']") == []
    listed: Any = html.fromstring((await lead.get("/ops/batches")).text)
    assert "林组长" in listed.xpath("//span[@title='lin.lead']/text()")


async def test_a_long_choice_shows_its_beginning(site: Site) -> None:
    await ready(site)
    numbers = [f"nothing{place}" for place in range(23)]
    evil = {"numbers": " ".join([*numbers, numbers[0]]), "query": "\\evil.test\n<b>"}
    answer = await site["wang.fang"].get("/batches/new", params=evil)
    document: Any = html.fromstring(answer.text)
    assert len(document.xpath("//table[@id='chosen']/tbody/tr")) == 20
    assert "另有 3 张" in answer.text
    assert document.xpath("//main//a[@rel='up']/@href") == ["/inbox"]


async def test_all_of_a_view_are_chosen_at_once(site: Site) -> None:
    numbers = {await ready(site) for _ in range(3)}
    answer = await site["wang.fang"].get(
        "/batches/new",
        params={"all": "1", "query": "view=unassigned&kind=complaint", "step": "hold"},
    )
    assert answer.status_code == 200, answer.text
    document: Any = html.fromstring(answer.text)
    [listed] = document.xpath("//form[@id='batch']//input[@name='numbers']/@value")
    assert numbers <= set(listed.split())
    nobody = await site["wang.fang"].get("/batches/new", params={"step": "hold"})
    assert nobody.status_code in {404, 409, 422}


async def test_each_chart_has_lines_for_each_kind_or_team(site: Site) -> None:
    """Whichever chart is chosen next, with all that was chosen before it is shown."""
    for chart in Chart:
        for by in Split:
            query = f"chart={chart}&by={by}&period=week"
            page = await site["wang.fang"].get(f"/charts?{query}")
            assert page.status_code == 200, page.text
            [chosen] = elements(page.text, "//select[@id='chart-by']/option[@selected]/@value")
            assert chosen == by
            file = await site["wang.fang"].get(f"/charts/{chart}.csv?{query}")
            assert file.status_code == 200
            heads = elements(page.text, "//table//th[@scope='col']")
            titles = next(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
            assert [each.text_content() for each in heads][1:] == titles[1:]
            drawn = json.loads(elements(page.text, "//*[@id='chart']/@data-series")[0])
            assert [line["name"] for line in drawn["lines"]] == titles[1:]
            assert not (drawn["stacked"] and drawn["unit"] in {"seconds", "score"})
