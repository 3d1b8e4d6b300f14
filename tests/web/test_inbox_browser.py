"""The inbox and a new case on a phone; what is typed is its author's, whoever comes next."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from app.drafts import get_draft
from tests.support.browser import accessibility_faults, browser_context, log_in, note_faults
from tests.web.cases import a_case
from tests.web.drafts import caller_of
from tests.web.site import Site, sign_in
from tests.web.test_inbox import CLASSIFIED

pytestmark = pytest.mark.xdist_group("web")

WIDE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
FINDING = "#step-form [name='/finding']"
DRAFTS = "Object.entries(localStorage).flat().join()"


@pytest.fixture
async def liu(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the agent."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "liu.yang"))
        yield await context.new_page()


@pytest.fixture
async def lead(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the lead."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "wang.fang"))
        yield await context.new_page()


async def top_of(element: Locator) -> float:
    """Return how far down an element begins."""
    box: Any = await element.bounding_box()
    return float(box["y"])


async def test_on_a_phone_the_list_comes_first(liu: Page, site: Site) -> None:
    await a_case(site, upto="investigating")
    faults = note_faults(liu)
    await liu.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await liu.goto("/inbox?view=all")
    views, toggle = liu.locator("#inbox-views"), liu.locator("#inbox-toggle")
    await expect(views).to_be_hidden()
    await expect(liu.locator("#filter-kind")).to_be_hidden()
    await expect(toggle).to_contain_text("全部未办结")
    assert await top_of(liu.locator(".case-row").first) < PHONE["height"] / 3
    assert await liu.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for label in await liu.locator(".row-time, .time-left").all():
        assert await label.evaluate("each => each.scrollWidth <= each.clientWidth")
    await toggle.click()
    await expect(views).to_be_visible()
    await expect(toggle).to_have_attribute("aria-expanded", "true")
    assert await accessibility_faults(liu) == []
    await liu.set_viewport_size(WIDE)  # type: ignore[arg-type]
    await liu.reload()
    await expect(toggle).to_be_hidden()
    await expect(views).to_be_visible()
    assert faults == []


async def test_on_a_phone_who_the_customer_may_be_stands_below_their_fields(
    liu: Page, site: Site
) -> None:
    contact = {"kind": "phone", "value": "13912340077"}
    number = await site.callers.complaint(customer={"name": "司马光", "contacts": [contact]})
    await liu.set_viewport_size(PHONE)  # type: ignore[arg-type]
    async with liu.expect_response("**/duplicates**"):
        await liu.goto("/cases/new/inquiry")
    phone = liu.locator("[name='/customer/contacts/0/value']")
    await phone.fill(contact["value"])
    await expect(liu.locator("#found")).to_contain_text(number)
    found = await top_of(liu.locator("#found"))
    assert await top_of(liu.locator("#customer")) < found
    assert found < await top_of(liu.locator("[name='/form/words']"))
    parent = liu.locator("[name='/parent']")
    await parent.press_sequentially(number)
    await expect(liu.locator("#parent-found")).to_contain_text(number)
    await expect(phone).to_have_value(contact["value"])
    assert await accessibility_faults(liu) == []


async def test_a_form_that_nobody_typed_into_is_no_draft(liu: Page) -> None:
    async with liu.expect_response("**/duplicates**"):
        await liu.goto("/cases/new/returns")
    async with liu.expect_response("**/customers**"):
        await liu.locator("[name='/customer/name']").fill("无此人")
    async with liu.expect_response("**/drafts/discard"):
        liu.once("dialog", lambda dialog: dialog.accept())
        await liu.locator("[data-draft-discard]").click()
    async with liu.expect_response("**/duplicates**"):
        await liu.reload()
    assert "draft liu.yang new/returns" not in await liu.evaluate(DRAFTS)


async def test_what_is_typed_is_not_given_to_who_signs_in_next(
    liu: Page, site: Site, address: str
) -> None:
    number, secret = await a_case(site, upto="investigating"), "只有刘洋能看的话"
    await liu.goto(f"/cases/{number}?step=investigate")
    await log_in(liu.context, address, await sign_in(site.callers, "wang.fang"))
    async with liu.expect_response("**/drafts") as saved:
        await liu.locator(FINDING).fill(secret)
    assert (await saved.value).status == 401
    wang = await caller_of(site, "wang.fang")
    kept = await get_draft(site.app.state.services, wang, f"{number}/investigate")
    assert kept is None
    await liu.goto(f"/cases/{number}?step=investigate")
    await expect(liu.locator("body")).to_have_attribute("data-person", "wang.fang")
    await expect(liu.locator(FINDING)).to_have_value("")
    await expect(liu.locator("#step-form [data-draft-offer]")).to_be_hidden()
    await log_in(liu.context, address, await sign_in(site.callers, "liu.yang"))
    await liu.goto(f"/cases/{number}?step=investigate")
    await expect(liu.locator("#step-form [data-draft-offer]")).to_be_visible()
    await liu.goto("/me/sessions")
    liu.on("dialog", lambda dialog: dialog.accept())
    # So does whoever signs out everywhere; here it would end the other tests' sessions.
    everywhere = liu.locator("form[action='/me/sessions/end-all']")
    await expect(everywhere).to_have_attribute("data-unsaved", re.compile("退出"))
    await liu.locator(".person-menu summary").click()
    await liu.locator("form[action='/sign-out'] button").click()
    await liu.wait_for_url("**/sign-in*")
    assert secret not in await liu.evaluate(DRAFTS)


@pytest.mark.parametrize(
    ("path", "select", "chosen"),
    [
        ("/inbox?view=all", "#filter-kind", "repair"),
        ("/board", "#board-kind", "repair"),
        ("/charts", "#chart-period", "week"),
        ("/charts?by=kind", "#chart-chart", "closed"),
    ],
)
async def test_back_again_the_filters_are_those_of_the_address(
    lead: Page, path: str, select: str, chosen: str
) -> None:
    await lead.goto(path)
    before, was = lead.url, await lead.locator(select).input_value()
    for _ in range(2):
        await lead.locator(select).select_option(chosen)
        await lead.wait_for_url(lambda url: url != before)
        await expect(lead.locator(select)).to_have_value(chosen)
        await lead.go_back()
        assert lead.url == before
        await expect(lead.locator(select)).to_have_value(was)


async def test_where_the_row_in_focus_leaves_no_frame_comes_around_the_page(
    liu: Page, site: Site
) -> None:
    number = await site.callers.complaint(order="IN-FOCUS-1")
    for step, form in CLASSIFIED:
        await site.callers.step(number, step, form, by="chen.min")
    await liu.goto("/inbox?view=unassigned&order=IN-FOCUS-1")
    row = liu.locator(f"#row-{number}")
    await expect(row).to_be_visible()
    await liu.keyboard.press("j")
    await expect(row.locator(":focus")).to_have_count(1)
    await site.callers.step(number, "claim", by="zhang.qian")
    await expect(row).to_contain_text("zhang.qian")
    assert await liu.evaluate("document.activeElement !== document.body")
    main = liu.locator("main")
    assert await main.evaluate("(each) => (each.focus(), each.matches(':focus-visible'))")
    await expect(main).to_have_css("outline-style", "none")
