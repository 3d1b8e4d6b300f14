"""What pages weigh on the line: the first one with all it loads, and each one after it."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from tests.api.callers import Callers
from tests.support.browser import log_in
from tests.web.site import sign_in_all

pytestmark = pytest.mark.xdist_group("web")

FIRST_KB, AFTER_KB = 250, 30
CHARTS_KB = 280
"""What the page of charts brings once: the library that draws them. It is kept for a year."""


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
    charts = await weight(page, "/charts")
    assert AFTER_KB < charts <= CHARTS_KB
    paths = (f"/cases/{number}", "/cases/new/complaint", "/board", "/charts", "/search?q=退款")
    after = {path: await weight(page, path) for path in ("/inbox", *paths)}
    assert {path: kb for path, kb in after.items() if not 0 < kb <= AFTER_KB} == {}
