"""The time machine in a real browser, by keyboard alone; and what changes by itself on a page."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.browser import log_in, note_faults
from tests.support.cases import SORTED
from tests.web.site import Site, sign_in

pytestmark = pytest.mark.xdist_group("web")


async def test_an_operator_steps_through_a_history_by_keyboard(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    number = await site.callers.complaint()
    await site.callers.step(number, "accept")
    await site.callers.step(number, "classify", SORTED)
    await log_in(context, address, await sign_in(site.callers, "root"))
    faults = note_faults(page)
    await page.goto(f"/ops/cases/{number}")
    slider, caption = page.locator("#tm-slider"), page.locator(".tm-caption strong")
    await expect(caption).to_have_text("第 3 条，共 3 条")
    await slider.focus()
    for key, seq in (("ArrowLeft", 2), ("ArrowLeft", 1), ("End", 3), ("Home", 1)):
        await page.keyboard.press(key)
        await expect(caption).to_have_text(f"第 {seq} 条，共 3 条")
        await expect(page).to_have_url(re.compile(rf"\?seq={seq}$"))
        await expect(slider).to_be_focused()
    await expect(slider).to_have_attribute("aria-valuetext", re.compile("^第 1 条，共 3 条：建单"))
    await page.locator("#tm-next").focus()
    await page.keyboard.press("Enter")
    await expect(caption).to_have_text("第 2 条，共 3 条")
    await expect(page.locator("#tm-next")).to_be_focused()
    await expect(slider).to_have_value("2")
    steps = (("n", 3), ("n", 3), ("p", 2), ("p", 1), ("ArrowRight", 2), ("j", 3), ("k", 2))
    for key, seq in (*steps, ("ArrowLeft", 1), ("ArrowLeft", 1)):
        await page.keyboard.press(key)
        await expect(caption).to_have_text(f"第 {seq} 条，共 3 条")
    await expect(page.locator(".tm-entries a[aria-current]")).to_contain_text("建单")
    await expect(page.get_by_label("逐条查看", exact=True)).to_have_id("tm-slider")
    await page.keyboard.press("?")
    await expect(page.locator("#shortcuts dt", has_text="→")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.goto("/ops")
    await page.go_back()
    await expect(caption).to_have_text("第 1 条，共 3 条")
    assert faults == []


async def test_a_replay_shows_its_verdict_without_a_reload(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    number = await site.callers.complaint()
    await log_in(context, address, await sign_in(site.callers, "root"))
    faults = note_faults(page)
    await page.goto(f"/ops/cases/{number}")
    await page.locator("#start-replay").click()
    await expect(page.locator("#replay")).to_contain_text("当前代码的结果相同", timeout=60_000)
    assert faults == []
