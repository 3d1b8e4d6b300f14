"""One act for many cases: the way from the list to what became of each, and back."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from lxml import html
from playwright.async_api import Browser, Page, expect

from tests.support.browser import browser_context, log_in, note_faults
from tests.support.waiting import until
from tests.web.site import Site, sign_in
from tests.web.test_inbox import ready

pytestmark = pytest.mark.xdist_group("web")
TRY = "先试运行，不作改动"


@pytest.fixture
async def tab(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the lead."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "wang.fang"))
        yield await context.new_page()


async def chosen(site: Site, tab: Page, order: str) -> None:
    """Open the form for two new cases that the lead sees in the inbox."""
    for _ in range(2):
        await ready(site, order=order)
    await tab.goto(f"/inbox?view=all&order={order}")


@pytest.mark.parametrize("which", ["all", "some"])
async def test_back_from_a_dry_run_is_the_form_as_it_was_filled_in(
    site: Site, tab: Page, which: str
) -> None:
    faults = note_faults(tab)
    await chosen(site, tab, f"BACK-{which}")
    if which == "some":
        await tab.locator("input.row-choice").first.check()
    await tab.locator(f"#act-on-{'all' if which == 'all' else 'chosen'}").click()
    title = f"批量处理{2 if which == 'all' else 1}张工单"
    await expect(tab.get_by_role("heading", name=title)).to_be_visible()
    assignee, why = tab.locator("#batch [name='/assignee']"), tab.locator("#batch-why")
    await assignee.select_option("liu.yang")
    await why.fill("调班")
    await tab.get_by_role("button", name=TRY).click()
    await tab.wait_for_url("**/ops/batches/*")
    await tab.go_back()
    await expect(tab.get_by_role("heading", name=title)).to_be_visible()
    await expect(assignee).to_have_value("liu.yang")
    await expect(why).to_have_value("调班")
    first = tab.url
    await assignee.select_option("wang.fang")
    await why.fill("调班二")
    await tab.get_by_role("button", name=TRY).click()
    await tab.wait_for_url("**/ops/batches/*")
    await expect(tab.locator("#batch")).to_contain_text("调班二")
    await tab.go_back()
    await expect(assignee).to_have_value("wang.fang")
    await tab.get_by_role("button", name="挂起", exact=True).click()
    await expect(assignee).to_have_count(0)
    await tab.go_back()
    assert tab.url == first
    await expect(assignee).to_have_value("wang.fang")
    assert faults == []


async def test_a_refused_batch_leaves_no_page_that_cannot_be_gone_back_to(
    site: Site, tab: Page
) -> None:
    await chosen(site, tab, "BACK-refused")
    await tab.locator("#act-on-all").click()
    why = tab.locator("#batch-why")
    await tab.locator("#batch [name='/assignee']").select_option("liu.yang")
    await why.fill("  ")
    async with tab.expect_response("**/batches") as refused:
        await tab.get_by_role("button", name=TRY).click()
    assert (await refused.value).status == 422
    await expect(tab.locator("#batch [role=alert]")).to_be_visible()
    await expect(tab.locator("#batch [name='/assignee']")).to_have_value("liu.yang")
    await why.fill("调班")
    await tab.get_by_role("button", name=TRY).click()
    await tab.wait_for_url("**/ops/batches/*")
    await tab.go_back()
    await expect(why).to_have_value("调班")
    await tab.go_back()
    await expect(tab.locator("#act-on-all")).to_be_visible()


async def test_what_was_typed_comes_back_to_nobody_else(site: Site, tab: Page) -> None:
    await chosen(site, tab, "BACK-mine")
    await tab.locator("#act-on-all").click()
    await tab.locator("#batch-why").fill("只给我看")
    await tab.goto("/inbox")
    kept = "Object.values(sessionStorage).join()"
    assert "只给我看" in await tab.evaluate(kept)
    await tab.locator(".person-menu summary").click()
    await tab.locator("form[action='/sign-out'] button").click()
    await tab.wait_for_url("**/sign-in**")
    assert await tab.evaluate(kept) == ""


@pytest.mark.parametrize("act", ["retry", "do", "cancel"])
async def test_the_list_that_cases_were_chosen_from_stays_with_what_follows(
    site: Site, act: str
) -> None:
    lead, number = site["zhou.hang"], await site.callers.complaint()
    fits = {"step": "prioritise", "form": {"priority": "P1"}, "dry_run": True}
    fails = {"kind": "complaint", "step": "carry_out", "form": {"done": "x"}}
    body = {"numbers": [number], "reason": "急", **(fails if act == "retry" else fits)}
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=body)).json()["id"]
    chosen_from = "/inbox?view=all&kind=complaint"
    here = f"/ops/batches/{batch}?{urlencode({'back': chosen_from})}"

    async def shown() -> Any:
        return html.fromstring((await lead.get(here)).text)

    async def over() -> bool:
        return "every 1s" not in (await lead.get(here)).text

    await until(over)
    forms = {each.action.partition("?")[0]: each.action for each in (await shown()).forms}
    path = f"/ops/batches/{batch}/{act}"
    # One that is over cannot be stopped any more: its form is gone, its address is not.
    action = forms[path] if act != "cancel" else here.replace("?", "/cancel?")
    answer = await lead.post(action, data={"key": f"keeps-{act}"})
    there = answer.headers["location"]
    assert there.startswith("/ops/batches/")
    next_page: Any = html.fromstring((await lead.get(there)).text)
    assert next_page.xpath("//section[@id='batch']//a[@rel='up']/@href") == [chosen_from]
    earlier = next_page.xpath(f"//a[starts-with(@href, '/ops/batches/{batch}?')]/@href")
    assert act == "cancel" or unquote(here) in map(unquote, earlier)
    foreign = await lead.post(f"{path}?back=//evil.test", data={"key": f"keeps-{act}"})
    assert "evil" not in foreign.headers["location"]
