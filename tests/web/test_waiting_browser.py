"""While an answer is on its way, and when it is there: typed text, focus and refusals."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import browser_context, log_in, renew
from tests.web.cases import a_case
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

NOTE = "#note-form textarea"
MESSAGE = "#message-form textarea"
INSIDE = "id => document.getElementById(id).contains(document.activeElement)"


@pytest.fixture(scope="module")
async def tokens(site: Site) -> dict[str, str]:
    return dict(await sign_in_all(site.callers))


@pytest.fixture
async def liu(browser: Browser, address: str, tokens: dict[str, str]) -> AsyncIterator[Page]:
    """A tab of an agent."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["liu.yang"])
        yield await context.new_page()


@pytest.fixture
async def zhang(browser: Browser, address: str, tokens: dict[str, str]) -> AsyncIterator[Page]:
    """A tab of another agent."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["zhang.qian"])
        yield await context.new_page()


@asynccontextmanager
async def held_up(page: Page, path: str) -> AsyncIterator[asyncio.Event]:
    """Hold requests of this path up until the end of the block; the event says that one is sent."""
    sent, go = asyncio.Event(), asyncio.Event()

    async def wait(route: Route) -> None:
        sent.set()
        await go.wait()
        await route.continue_()

    await page.route(path, wait, times=1)
    try:
        yield sent
    finally:
        go.set()


async def test_a_note_goes_on_while_its_beginning_is_being_saved(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator(NOTE).fill("第一句")
    async with held_up(liu, "**/notes") as sent:
        await liu.locator("#note-form button[type=submit]").click()
        await sent.wait()
        await liu.locator(NOTE).press_sequentially("第二句")
    await expect(liu.locator("#timeline")).to_contain_text("第一句")
    await expect(liu.locator(NOTE)).to_have_value("第二句")
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await liu.reload()
    await expect(liu.locator(NOTE)).to_have_value("第二句")


async def test_a_message_that_is_stopped_comes_back_with_what_was_typed_since(
    liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator(MESSAGE).fill("您好")
    await site.callers.step(
        number, "prioritise", {"priority": "P1", "reason": "急"}, by="wang.fang"
    )
    async with held_up(liu, "**/steps/notify") as sent:
        await liu.locator("#message-form button[type=submit]").click()
        await sent.wait()
        await liu.locator(MESSAGE).press_sequentially("，王女士")
    await expect(liu.locator("#message-form [data-news]")).to_be_visible()
    await expect(liu.locator(MESSAGE)).to_have_value("您好，王女士")


async def test_a_form_that_goes_with_its_answer_takes_nothing_until_then(
    liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}?step=investigate")
    finding = liu.locator("[name='/finding']")
    await finding.fill("外箱压坏")
    async with held_up(liu, "**/steps/investigate") as sent:
        await liu.locator("#step-form button[type=submit]").click()
        await sent.wait()
        await expect(finding).not_to_be_editable()
    await expect(liu.locator("[name='/cause']").first).to_be_focused()
    await expect(finding).to_be_editable()
    await expect(finding).to_have_value("外箱压坏")


async def test_who_loses_a_claim_reads_why_until_they_dismiss_it(
    liu: Page, zhang: Page, site: Site
) -> None:
    number = await a_case(site)
    for page in (liu, zhang):
        await page.route("**/live?*", lambda route: route.abort())
        await page.goto(f"/cases/{number}")
    await liu.locator("#claim").click()
    await expect(liu.locator("#case-head")).to_contain_text("由 liu.yang 办理")
    await zhang.locator("#claim").click()
    told = zhang.locator("#case-news [role=alert]")
    await expect(told).to_contain_text("liu.yang")
    await renew(zhang, number)
    await expect(zhang.locator("#case-head")).to_contain_text("由 liu.yang 办理")
    await expect(told).to_contain_text("liu.yang")
    await told.get_by_role("button").click()
    await expect(told).to_have_count(0)


async def test_the_focus_stays_where_somebody_works(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}?step=investigate")
    await liu.locator(NOTE).fill("一条备注")
    await liu.keyboard.press("Tab")
    await liu.keyboard.press("Enter")
    await expect(liu.locator("#timeline")).to_contain_text("一条备注")
    assert await liu.evaluate(INSIDE, "note-form")
    await liu.locator("#step-form .card-header a").press("Enter")
    await expect(liu.locator("#step-form")).to_have_count(0)
    assert await liu.evaluate(INSIDE, "case-steps")
    await liu.locator(".timeline-filter a").nth(1).press("Enter")
    await expect(liu.locator(".timeline-filter a").nth(1)).to_have_attribute("aria-current", "true")
    await expect(liu.locator(".timeline-filter a").nth(1)).to_be_focused()
    await liu.locator("#composer-message > summary").click()
    await liu.locator(MESSAGE).fill("发错了")
    await liu.locator("#message-form button[type=submit]").press("Enter")
    await liu.locator("#case-waiting button").press("Enter")
    await expect(liu.locator(MESSAGE)).to_have_value("发错了")
    assert await liu.evaluate(INSIDE, "message-form")


async def test_back_in_the_list_the_row_has_the_focus(liu: Page, site: Site) -> None:
    product = f"P-{uuid4().hex[:12]}"
    number = await a_case(site, product=product)
    await liu.goto(f"/search?q={product}")
    await liu.locator(f"#open-{number}").press("Enter")
    await liu.wait_for_url(f"**/cases/{number}")
    await liu.go_back()
    await expect(liu.locator(f"#open-{number}")).to_be_focused()


@pytest.mark.parametrize("path", ["/search?q={product}", "/cases/{number}"])
async def test_the_time_that_is_left_goes_down_while_one_looks(
    liu: Page, site: Site, path: str
) -> None:
    product = f"P-{uuid4().hex[:12]}"
    number = await a_case(site, product=product)
    await liu.clock.install()
    await liu.goto(path.format(number=number, product=product))
    place = f"#row-{number} " if "search" in path else "#case-clocks "
    left = liu.locator(f"{place}[data-time-left]").first
    await expect(left).to_have_text(re.compile("剩余 14分"))
    await liu.clock.fast_forward("10:00")
    await expect(left).to_have_text(re.compile("剩余 4分"))
    await liu.clock.fast_forward("06:00")
    await expect(left).to_have_text(re.compile("已超时 1分"))


async def test_a_message_is_called_back_before_the_page_knows_that_it_was_taken(
    liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator(MESSAGE).fill("发错了")
    answered = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await answered.wait()
        await route.fulfill(response=answer)

    await liu.route("**/steps/notify", late, times=1)
    await liu.locator("#message-form button[type=submit]").click()
    # The live stream shows it before its own answer does.
    await liu.locator("#case-waiting button").click()
    await renew(liu, number)
    answered.set()
    await expect(liu.locator("#case-waiting form")).to_have_count(0)
    await expect(liu.locator(MESSAGE)).to_have_value("发错了")
