"""What pages weigh on the line: the first one with all it loads, and each one after it."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.api.callers import Callers
from tests.support.browser import log_in, note_faults
from tests.web.site import sign_in_all

pytestmark = pytest.mark.xdist_group("web")

FIRST_KB, AFTER_KB = 250, 30


async def weight(page: Page, path: str) -> float:
    """Go to a page and return how many kB came over the line until it was loaded."""
    session = await page.context.new_cdp_session(page)
    sizes: list[float] = []

    def finished(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    await session.send("Network.enable")
    answer = await page.goto(path, wait_until="load")
    assert answer is not None
    assert answer.status == 200
    await session.detach()
    return sum(sizes) / 1000


async def test_pages_are_light_the_first_and_those_after_it(
    context: BrowserContext, page: Page, callers: Callers, address: str
) -> None:
    number = await callers.complaint()
    await log_in(context, address, (await sign_in_all(callers))["wang.fang"])
    first = await weight(page, "/inbox")
    # Less would mean that the files were not seen to come.
    assert 50 < first <= FIRST_KB
    assert await weight(page, "/charts") > AFTER_KB, "the library that draws them, once"
    paths = (f"/cases/{number}", "/cases/new/complaint", "/board", "/charts", "/search?q=退款")
    after = {path: await weight(page, path) for path in ("/inbox", *paths)}
    assert {path: kb for path, kb in after.items() if not 0 < kb <= AFTER_KB} == {}


async def test_charts_are_light_for_whoever_begins_with_them(
    context: BrowserContext, page: Page, callers: Callers, address: str
) -> None:
    """Nothing is kept yet: they bring what every page loads, and what draws them."""
    await log_in(context, address, (await sign_in_all(callers))["wang.fang"])
    assert 150 < await weight(page, "/charts") <= FIRST_KB


async def test_a_chart_tells_its_values(
    context: BrowserContext, page: Page, callers: Callers, address: str
) -> None:
    await callers.complaint()
    await log_in(context, address, (await sign_in_all(callers))["wang.fang"])
    faults = note_faults(page)
    await page.goto("/charts?chart=arrivals&period=month&by=kind")
    await expect(page.locator("#chart canvas")).to_have_count(1)
    lines = json.loads(await page.locator("#chart").get_attribute("data-series") or "")["lines"]
    assert lines
    await expect(page.locator("#chart-legend li")).to_have_text(
        [re.compile(rf".\s{re.escape(line['name'])}") for line in lines]
    )
    box = await page.locator("#chart").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] - 60, box["y"] + box["height"] / 2)
    labels = await page.locator("tbody th").all_text_contents()
    await expect(page.locator("#chart-values")).to_contain_text(labels[-1])
    await expect(page.locator("#chart-values")).to_contain_text(lines[0]["name"])
    assert faults == []
