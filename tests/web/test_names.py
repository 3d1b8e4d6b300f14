"""Refusals name colleagues as the rest of the page does; the API has their ids."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.expected_errors import refused
from domain.errors import Stale
from store.db.clock import utc_now
from tests.web.cases import FINDING, HTMX, a_case, elements, opened, send, text_of, typed_in
from tests.web.drafts import scheduled, send_what_is_due
from tests.web.site import Site, colleague
from web.http.troubles import trouble_of
from web.rendering.page_texts import PageTexts

pytestmark = pytest.mark.xdist_group("web")

ID, NAME = "he.miao", "何苗"
PARTIAL = {**HTMX, "HX-Request-Type": "partial"}


async def test_who_was_first_is_named_in_a_form_and_the_api_has_the_id(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    mine = await opened(site, number, "investigate")
    async with colleague(site, ID, NAME, "lead") as he:
        theirs = await he.get(f"/cases/{number}/steps/investigate", headers=HTMX)
        won = await he.post(
            f"/cases/{number}/steps/investigate",
            data={**typed_in(theirs.text, "step-form"), **FINDING},
            headers=HTMX,
        )
        assert won.status_code == 200, won.text
    lost = await send(site, number, "investigate", mine | FINDING)
    again = await send(site, number, "investigate", typed_in(lost.text, "step-form"))
    [said] = elements(again.text, "//form//*[@data-code]")
    assert f"{NAME} 已于" in said.text_content()
    assert ID not in said.text_content()
    body = {"cause": "production", "reasonable": True, "finding": "x"}
    path = f"/v1/cases/{number}/steps/investigate"
    answer = await site.callers["liu.yang"].post(path, json=body)
    assert (answer.status_code, answer.json()["params"]["by"]) == (409, ID)
    assert ID in answer.json()["detail"]


async def test_who_claimed_first_is_named_in_the_inbox_and_on_the_page(site: Site) -> None:
    number = await a_case(site, order="NAMED-1")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    pressed = dict(elements(page, "//form[contains(@action,'/steps/claim')]")[0].form_values())
    async with colleague(site, ID, NAME, "lead") as he:
        await he.post("/inbox/claim", data={"number": number}, headers=HTMX)
    for answer in (
        await send(site, number, "claim", pressed),
        await site["liu.yang"].post("/inbox/claim", data={"number": number}, headers=PARTIAL),
    ):
        assert answer.status_code == 409, answer.text
        [said] = elements(answer.text, "//*[@data-code='task_taken']")
        assert f"{NAME}已于" in said.text_content()
        assert "填写的内容" not in said.text_content()
    seen = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert NAME in text_of(seen, "withheld"), "why a step cannot be taken"
    assert ID not in text_of(seen, "withheld")


async def test_why_a_message_was_not_sent_names_who_has_the_case(site: Site) -> None:
    number = await a_case(site)
    form = await opened(site, number, "notify")
    await send(site, number, "notify", {**form, "/text": "何苗先领取", "counter": "5"})
    async with colleague(site, ID, NAME, "lead") as he:
        await he.post("/inbox/claim", data={"number": number}, headers=HTMX)
    await send_what_is_due(site, timedelta(hours=1))
    assert await scheduled(site, number)
    page = (await site["liu.yang"].get("/me/drafts")).text
    [row] = [each for each in elements(page, "//li") if "何苗先领取" in each.text_content()]
    assert f"{NAME}已于" in row.text_content()


def test_who_has_no_name_is_said_in_words() -> None:
    texts = PageTexts(ZoneInfo("Asia/Shanghai"))
    for by, words in (
        ("timer", "定时"),
        ("tell", "外部系统"),
        ("router", "自动派单"),
        ("staff", "员工"),
    ):
        error = refused(Stale("", state="received", by=by, at=utc_now().isoformat()))
        detail = trouble_of(error, texts, "zh_CN").detail
        assert detail.startswith(words), detail
        assert "刷新" not in detail
