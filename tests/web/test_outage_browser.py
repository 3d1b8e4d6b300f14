"""A page without a connection, in a real browser: it says what was not sent, and keeps it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.browser import accessibility_faults, browser_context, log_in
from tests.web.cases import a_case
from tests.web.site import Site, sign_in

pytestmark = pytest.mark.xdist_group("web")

NOTE = "#note-form textarea"
NOT_SENT = "未发送：网络不通"


@pytest.fixture
async def liu(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the agent."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "liu.yang"))
        yield await context.new_page()


def trouble(page: Page) -> Locator:
    """Return the place where a page says what went wrong."""
    return page.locator("#trouble")


async def test_each_submit_without_a_connection_says_so_and_keeps_the_text(
    liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator(NOTE).fill("断网时的备注")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("断网时的消息")
    await liu.context.set_offline(True)
    for form in ("note-form", "step-form", "message-form"):
        await liu.locator(f"#{form} button[type=submit]").click()
        await expect(trouble(liu)).to_contain_text(NOT_SENT)
        await trouble(liu).get_by_role("button").click()
        await expect(trouble(liu)).to_be_empty()
    await liu.locator("#step-hold").click()
    await expect(trouble(liu)).to_contain_text("未加载：网络不通")
    assert await accessibility_faults(liu) == []
    await expect(liu.locator(NOTE)).to_have_value("断网时的备注")
    await liu.context.set_offline(False)
    await liu.locator("#note-form button[type=submit]").click()
    await expect(liu.locator("#timeline")).to_contain_text("断网时的备注")
    await expect(trouble(liu)).to_be_empty()


async def test_claims_and_new_cases_say_so_too(liu: Page, site: Site) -> None:
    number = await a_case(site)
    for path, button in (
        (f"/cases/{number}", "form[action$='/steps/claim'] button"),
        ("/cases/new/complaint", "form.new-case .card-footer button[type=submit]"),
    ):
        await liu.goto(path)
        await liu.context.set_offline(True)
        await liu.locator(button).first.click()
        await expect(trouble(liu)).to_contain_text(NOT_SENT)
        await liu.context.set_offline(False)


async def test_a_form_that_a_browser_sends_by_itself_stays(
    context: BrowserContext, address: str, site: Site
) -> None:
    await a_case(site)
    await log_in(context, address, await sign_in(site.callers, "zhou.hang"))
    page = await context.new_page()
    await page.goto("/inbox?view=all")
    await page.locator("input.row-choice").first.check()
    await context.set_offline(True)
    await page.locator("#batch-choice button").first.click()
    await expect(trouble(page)).to_contain_text("未加载：网络不通")
    await expect(page.locator("input.row-choice").first).to_be_checked()


async def test_an_answer_that_is_not_ours_is_told(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.route("**/notes", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    await liu.locator(NOTE).fill("代理出错")
    await liu.locator("#note-form button[type=submit]").click()
    await expect(trouble(liu)).to_contain_text("没有响应")
    await expect(liu.locator(NOTE)).to_have_value("代理出错")
