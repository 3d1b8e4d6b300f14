"""Live pages in a real browser: what moves, what is left alone, who is there, many tabs."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from app.live import LiveFeed
from tests.support.browser import accessibility_faults, browser_context, log_in, note_faults
from tests.support.cases import FINDING
from tests.support.waiting import until
from tests.web.cases import a_case
from tests.web.site import Site, sign_in, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

TABS = 8
LOOKED_AT = """(() => {
  let seen = false;
  Object.defineProperty(document, "hidden", { get: () => !seen });
  Object.defineProperty(document, "visibilityState", { get: () => seen ? "visible" : "hidden" });
  window.lookAt = (now) => {
    if (now === seen) return;
    seen = now;
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()"""
"""Says which tab is looked at: under Playwright every tab of Chromium believes that it is."""
CARET = "() => [document.activeElement.name, document.activeElement.selectionStart]"


@pytest.fixture(scope="module")
async def tokens(site: Site) -> dict[str, str]:
    return dict(await sign_in_all(site.callers))


@pytest.fixture
async def agent(
    browser: Browser, address: str, tokens: dict[str, str]
) -> AsyncIterator[BrowserContext]:
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["liu.yang"])
        yield context


@pytest.fixture
async def lead(
    browser: Browser, address: str, tokens: dict[str, str]
) -> AsyncIterator[BrowserContext]:
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["wang.fang"])
        yield context


@pytest.fixture
def feed(site: Site) -> LiveFeed:
    feed: LiveFeed = site.app.state.services.live
    return feed


async def streams(feed: LiveFeed, count: int) -> None:
    """Return once so many pages listen."""

    async def so_many() -> bool:
        return len(feed._subscriptions) == count

    await until(so_many)


async def test_counts_move_and_a_row_says_why_it_leaves(
    agent: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    number = await a_case(site, order="LIVE-1")
    page = await agent.new_page()
    faults = note_faults(page)
    await page.goto("/inbox?view=unassigned&order=LIVE-1")
    await streams(feed, 1)
    count = page.locator("[data-count=unassigned]")
    before = int(await count.inner_text())
    await expect(page.locator(f"#row-{number}")).to_be_visible()
    await page.evaluate("() => { window.same = true; }")
    another = await a_case(site, order="LIVE-1")
    await expect(page.locator(f"#row-{another}")).to_be_visible()
    await expect(count).to_have_text(str(before + 1))
    await site.callers.step(number, "claim", by="wang.fang")
    await expect(page.locator(f"#row-{number}")).to_contain_text("wang.fang")
    await expect(page.locator(f"#row-{number} .gone-why")).to_be_visible()
    await expect(count).to_have_text(str(before))
    assert await page.evaluate("() => window.same")
    assert faults == []


async def test_the_list_of_who_may_batch_moves_under_their_ticks(
    lead: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    number, leaves = [await a_case(site, order="LIVE-2") for _ in range(2)]
    page = await lead.new_page()
    faults = note_faults(page)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/inbox/list" in sent.url else None)
    await page.goto("/inbox?view=unassigned&order=LIVE-2")
    await streams(feed, 1)
    count = page.locator("[data-count=unassigned]")
    before = int(await count.inner_text())
    await page.locator(f"#choose-{number}").check()
    another = await a_case(site, order="LIVE-2")
    await expect(page.locator(f"#row-{another}")).to_be_visible()
    await expect(count).to_have_text(str(before + 1))
    await site.callers.step(leaves, "claim", by="liu.yang")
    await expect(page.locator(f"#row-{leaves} .gone-why")).to_be_visible()
    await expect(count).to_have_text(str(before))
    third = await a_case(site, order="LIVE-2")
    await expect(page.locator(f"#row-{third}")).to_be_visible()
    await expect(page.locator(f"#row-{leaves}")).to_have_count(0)
    await expect(page.locator(f"#choose-{number}")).to_be_checked()
    await expect(page.locator(f"#choose-{another}")).not_to_be_checked()
    await expect(page.locator("#trouble")).to_be_empty()
    seen = parse_qs(urlsplit(asked[-1]).query)["seen"]
    assert len({each.split(":")[0] for each in seen}) == len(seen)
    assert faults == []


async def test_a_reassignment_leaves_a_half_filled_form_alone(
    agent: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    number = await a_case(site, upto="investigating")
    page = await agent.new_page()
    faults = note_faults(page)
    await page.goto(f"/cases/{number}")
    finding = page.locator("[name='/finding']")
    await finding.fill("写到一半的调查结论")
    await finding.press("ArrowLeft")
    await finding.press("ArrowLeft")
    await page.locator("#note-form textarea").fill("半条备注")
    await finding.focus()
    caret = await page.evaluate(CARET)
    await streams(feed, 1)
    await site.callers.step(number, "assign", {"assignee": "wang.fang"}, by="wang.fang")
    strip = page.locator("#case-news [data-changed]")
    await expect(strip).to_contain_text("wang.fang")
    await expect(page.locator("#case-head")).to_contain_text("由 wang.fang 办理")
    await expect(finding).to_have_value("写到一半的调查结论")
    await expect(page.locator("#note-form textarea")).to_have_value("半条备注")
    assert await page.evaluate(CARET) == caret
    assert await accessibility_faults(page) == []
    await strip.get_by_role("button").click()
    await expect(strip).to_have_count(0)
    await site.callers.step(number, "prioritise", {"priority": "P1", "reason": "急"}, "wang.fang")
    await expect(strip.locator("li")).to_have_count(1)
    assert faults == []


async def test_a_step_that_was_taken_in_another_tab_is_told_over_its_form(
    agent: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    number = await a_case(site, upto="investigating")
    one, other = await agent.new_page(), await agent.new_page()
    for page in (one, other):
        await page.goto(f"/cases/{number}")
    faults = note_faults(other)
    typed = other.locator("[name='/finding']")
    await typed.fill("写到一半的调查结论")
    caret = await other.evaluate(CARET)
    await streams(feed, 2)
    await one.locator("[name='/cause'][value=production]").check()
    await one.locator("[name='/reasonable'][value=true]").check()
    await one.locator("[name='/finding']").fill("虚焊")
    await one.locator("#step-form button[type=submit]").click()
    strip = other.locator("#step-form [data-taken]")
    await expect(strip).to_contain_text("此步骤已被办理")
    await expect(strip).to_contain_text("liu.yang 查明原因")
    await expect(strip).to_be_in_viewport()
    await expect(typed).to_have_value("写到一半的调查结论")
    assert await other.evaluate(CARET) == caret
    assert await accessibility_faults(other) == []
    assert faults == []
    # The tab in which it was taken has the next form, over which there is nothing to tell.
    await expect(one.locator("#step-form [name='/solution']")).to_be_visible()
    await site.callers.step(number, "prioritise", {"priority": "P1", "reason": "急"}, "wang.fang")
    await expect(one.locator("#case-news [data-changed]")).to_be_visible()
    await expect(one.locator("[data-taken]")).to_have_count(0)


async def test_who_is_here_and_who_writes(
    agent: BrowserContext, lead: BrowserContext, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    mine, theirs = await agent.new_page(), await lead.new_page()
    await mine.goto(f"/cases/{number}")
    await theirs.goto(f"/cases/{number}")
    await expect(mine.locator("#case-presence")).to_contain_text("wang.fang 正在查看此工单")
    await expect(theirs.locator("#case-presence")).to_contain_text("liu.yang 正在查看此工单")
    await theirs.locator("#note-form textarea").press_sequentially("我")
    await expect(mine.locator("#case-presence")).to_contain_text("wang.fang 正在此处填写")
    assert await accessibility_faults(mine) == []
    # What is sent is written no more: nobody waits until that would be over by itself.
    await theirs.locator("#note-form button[type=submit]").click()
    chip = mine.locator("#case-presence")
    await expect(chip).to_contain_text("wang.fang 正在查看此工单", timeout=4000)
    await theirs.goto("/inbox")
    await expect(mine.locator(".presence-chip")).to_have_count(0)


async def test_a_session_that_ends_is_said_over_the_page(
    browser: Browser, address: str, site: Site, feed: LiveFeed
) -> None:
    number = await a_case(site)
    await site.callers.store.people.add_staff("default", "leaver", "王小明", ("agent",))
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "leaver"))
        page = await context.new_page()
        await page.goto(f"/cases/{number}")
        await page.locator("#note-form textarea").fill("半条备注")
        await streams(feed, 1)
        await site.callers.store.staff_sessions.end_all("default", "leaver")
        await expect(page.locator("#signed-out .alert")).to_be_visible()
        await expect(page.locator("#sign-in-again dialog")).to_have_count(0)
        await log_in(context, address, await sign_in(site.callers, "leaver"))
        await page.evaluate(
            "document.dispatchEvent(new CustomEvent('signed-in', {detail: {person: 'leaver'}}))"
        )
        await streams(feed, 1)
        await expect(page.locator("#note-form textarea")).to_have_value("半条备注")


async def test_a_stream_that_cannot_be_opened_is_tried_again(
    agent: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    number = await a_case(site)
    page = await agent.new_page()
    failing = asyncio.Event()

    async def fail(route: object) -> None:
        failing.set()
        await route.fulfill(status=503)  # type: ignore[attr-defined]

    await page.route("**/live?*", fail)
    await page.goto(f"/cases/{number}")
    async with asyncio.timeout(20):
        await failing.wait()
    await page.unroute("**/live?*")
    await streams(feed, 1)
    await site.callers.step(number, "accept")
    await expect(page.locator(".state-badge")).to_have_text("已受理")
    await expect(page.locator("#trouble")).to_be_empty()


async def test_eight_tabs_of_one_person_all_work(
    agent: BrowserContext, site: Site, feed: LiveFeed
) -> None:
    """A browser has six connections to a server: only the tab that is looked at holds one."""
    number = await a_case(site)
    await agent.add_init_script(LOOKED_AT)
    tabs = [await agent.new_page() for _ in range(TABS)]
    for tab in tabs:
        await tab.goto(f"/cases/{number}")
    await streams(feed, 0)
    for turn, tab in enumerate([*tabs, tabs[0]]):
        await _show(tab, tabs)
        await streams(feed, 1)
        words = f"第 {turn} 个标签页"
        body = {"body": words, "visibility": "internal"}
        await site.callers["wang.fang"].post(f"/v1/cases/{number}/comments", json=body)
        await expect(tab.locator("#timeline")).to_contain_text(words)
    await expect(tabs[0].locator("#timeline")).to_contain_text(f"第 {TABS - 1} 个标签页")


async def _show(tab: Page, tabs: list[Page]) -> None:
    await tab.bring_to_front()
    for each in tabs:
        await each.evaluate(f"lookAt({str(each is tab).lower()})")


async def test_what_the_timeline_is_to_show_is_not_undone_by_news_from_before(
    agent: BrowserContext, site: Site
) -> None:
    """News that were asked for while all was shown arrive when somebody has chosen the steps."""
    number = await a_case(site, upto="investigating")
    held, go = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        held.set()
        await go.wait()
        await route.fulfill(response=answer)

    liu = await agent.new_page()
    await liu.goto(f"/cases/{number}")
    await liu.route("**/parts?*", late, times=1)
    await liu.evaluate("document.dispatchEvent(new CustomEvent('parts-asked'))")
    await held.wait()
    steps = liu.locator(".timeline-filter a").nth(1)
    await steps.click()
    await expect(steps).to_have_attribute("aria-current", "true")
    async with liu.expect_response("**/parts?*show=steps*"):
        go.set()
    await expect(steps).to_have_attribute("aria-current", "true")
    await site.callers.step(number, "investigate", FINDING)
    await expect(liu.locator("#timeline")).to_contain_text("The clerk was rude.")
    await expect(steps).to_have_attribute("aria-current", "true")
