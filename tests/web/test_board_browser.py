"""A lead reassigns 200 cases in a real browser; 7 of them fail, and are tried again."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import BrowserContext, expect

from store.db.clock import utc_now
from tests.api.callers import new_case
from tests.support.browser import log_in
from tests.support.waiting import until
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

CASES, GONE = 200, 7
BULK = 50
SLOW_MS = 120_000
RESPONSE = timedelta(minutes=15)
"""M 3.3.1: within this a complaint is answered."""


async def test_a_lead_reassigns_200_of_which_7_fail(
    site: Site, context: BrowserContext, address: str
) -> None:
    numbers: list[str] = []
    for _ in range(0, CASES, BULK):
        bodies = [new_case(channel="sms", kind="inquiry") for _ in range(BULK)]
        answer = await site.callers["shop"].post("/v1/cases:bulk", json={"cases": bodies})
        numbers += [each["number"] for each in answer.json()["results"]]
    await log_in(context, address, (await sign_in_all(site.callers))["wang.fang"])
    page = await context.new_page()
    await page.goto("/inbox?view=all&channel=sms")
    await page.get_by_role("button", name=f"处理此视图全部{CASES}张").click()
    await expect(page.get_by_role("heading", name=f"批量处理{CASES}张工单")).to_be_visible()
    await asyncio.gather(
        *(
            site.callers.step(number, "withdraw", {"reason": "不用了"}, by="chen.min")
            for number in numbers[:GONE]
        )
    )
    await page.locator("#batch [name='/assignee']").select_option("zhang.qian")
    await page.locator("#batch-why").fill("调班")
    await page.get_by_role("button", name=f"分配：{CASES}张工单").click()
    await page.wait_for_url("**/ops/batches/*")
    retry = page.locator("form[action*='/retry'] button")
    await expect(retry).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("main")).to_contain_text(str(CASES - GONE))
    first = page.url
    await retry.click()
    await page.wait_for_url(lambda url: url != first and "/ops/batches/" in url)
    await expect(page.locator("form[action*='/retry'] button")).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("main")).to_contain_text(numbers[0])
    kept = await site.callers["zhang.qian"].get(f"/v1/cases/{numbers[-1]}")
    assert kept.json()["case"]["assignee"] == "zhang.qian"


async def test_on_a_phone_no_word_is_broken_into_its_characters(
    site: Site, context: BrowserContext, address: str
) -> None:
    passed = utc_now() - RESPONSE - timedelta(seconds=1)
    late = await site.callers.complaint(received_at=passed.isoformat())

    async def is_told() -> bool:
        return f"/cases/{late}" in (await site["wang.fang"].get("/board")).text

    await until(is_told)
    await log_in(context, address, (await sign_in_all(site.callers))["wang.fang"])
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto("/board")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=late))
    limit = row.get_by_role("cell").nth(1)
    await expect(limit).to_have_text("响应时限")
    lines = (
        "(cell) => { const r = document.createRange(); r.selectNodeContents(cell);"
        " return r.getClientRects().length; }"
    )
    assert await limit.evaluate(lines) == 1
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
