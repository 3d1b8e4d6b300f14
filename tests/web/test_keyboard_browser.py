"""An agent takes a complaint from new to closed in a real browser, with the keyboard alone."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.browser import log_in, note_faults
from tests.support.waiting import until
from tests.web.cases import details
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

MOST_TABS: Final = 80
NAME: Final = "document.activeElement.name || document.activeElement.type || ''"
VALUE: Final = "document.activeElement.value"
FORMS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("受理", {"/note": "来电已核实。"}),
    ("分类", {"/category": "logistics", "/severity": "minor"}),
    ("查明原因", {"/cause": "logistics", "/reasonable": "true", "/finding": "外箱压坏。"}),
    ("提出方案", {"/solution": "补发一台。", "/cost/amount": "0.00"}),
    ("客户接受", {}),
    ("提交处理结果", {"/done": "新机已发出。"}),
    ("人工反馈结果", {"/how": "已致电客户。"}),
    ("回访", {"/reached": "true", "/solved": "true", "/satisfaction": "satisfied"}),
)
"""The forms in their order, and what is filled in."""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field, or the kind of button, of this name has the focus."""
    for _ in range(MOST_TABS):
        if await page.evaluate(NAME) == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {name}")


async def choose(page: Page, value: str) -> None:
    """Type a text, or go by arrow to a choice, in the field that has the focus."""
    kind = await page.evaluate("document.activeElement.type")
    if kind == "radio":
        await page.keyboard.press("Space")
        while await page.evaluate(VALUE) != value:
            await page.keyboard.press("ArrowDown")
    elif kind.startswith("select"):
        while await page.evaluate(VALUE) != value:
            await page.keyboard.press("ArrowDown")
    else:
        await page.keyboard.type(value)


async def fill(page: Page, values: Mapping[str, str]) -> None:
    """Fill in the form in which the focus is, and send it."""
    for name, value in values.items():
        await tab_to(page, name)
        await choose(page, value)
    await tab_to(page, "submit")
    await page.keyboard.press("Enter")


async def find(page: Page, number: str) -> None:
    """Go to a case by the search."""
    await page.keyboard.press("/")
    await page.keyboard.type(number)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/cases/{number}")


async def state_of(site: Site, number: str) -> str:
    return str((await details(site, number))["case"]["state"])


async def test_a_complaint_from_new_to_closed(
    site: Site, context: BrowserContext, address: str
) -> None:
    await log_in(context, address, (await sign_in_all(site.callers))["liu.yang"])
    page = await context.new_page()
    faults = note_faults(page)
    await page.goto("/cases/new/complaint")
    await fill(page, {"/customer/name": "钱多多", "/form/words": "电视屏幕裂了。"})
    await page.wait_for_url("**/cases/TS*")
    number = page.url.rpartition("/")[2]
    await page.keyboard.press("c")
    for title, values in FORMS:
        before = await state_of(site, number)
        if title == "查明原因":
            # What waits to be assigned is assigned by being claimed.
            await expect(page.locator("#case-steps [data-shortcut=c]")).to_be_visible()
            await page.keyboard.press("c")
            before = "investigating"
        if title == "人工反馈结果":
            # The customer left no contact point: that nobody could tell them takes a moment.
            before = "telling_by_hand"
            await until(partial(_is, site, number, "telling_by_hand"))
            await find(page, number)
        await expect(page.locator("#step-form-title")).to_have_text(title)
        await fill(page, values)
        await until(partial(_is_beyond, site, number, before))
    assert await state_of(site, number) == "closed"
    assert faults == []


async def _is_beyond(site: Site, number: str, state: str) -> bool:
    return await state_of(site, number) != state


async def _is(site: Site, number: str, state: str) -> bool:
    return await state_of(site, number) == state
