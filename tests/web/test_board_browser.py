"""A lead reassigns 200 cases in a real browser; 7 of them fail, and are tried again."""

import asyncio

import pytest
from playwright.async_api import BrowserContext, expect

from tests.api.callers import new_case
from tests.support.browser import log_in
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

CASES, GONE = 200, 7
BULK = 50
SLOW_MS = 120_000


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
    retry = page.locator("form[action$='/retry'] button")
    await expect(retry).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("main")).to_contain_text(str(CASES - GONE))
    first = page.url
    await retry.click()
    await page.wait_for_url(lambda url: url != first and "/ops/batches/" in url)
    await expect(page.locator("form[action$='/retry'] button")).to_be_visible(timeout=SLOW_MS)
    await expect(page.locator("main")).to_contain_text(numbers[0])
    kept = await site.callers["zhang.qian"].get(f"/v1/cases/{numbers[-1]}")
    assert kept.json()["case"]["assignee"] == "zhang.qian"
