"""Every page in a real browser: accessible in both themes and languages, at both widths, faultless.

The pages are those that the site's routes answer with; a new one is looked at without a line here,
unless its path names something that no sample stands for.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import Browser, Page

from domain.engine.messages import DEFAULT_TENANT
from tests.support.browser import (
    HEIGHT,
    WIDTH,
    accessibility_faults,
    browser_context,
    log_in,
    note_faults,
)
from tests.support.files import PNG
from tests.support.waiting import until
from tests.web.site import Site, sign_in_all
from web.site import ROUTERS

pytestmark = pytest.mark.xdist_group("web")

LOOKS: Final = (("zh_CN", "light"), ("en", "dark"))
"""Both languages and both themes."""
CROSSED: Final = (("zh_CN", "dark"), ("en", "light"))
"""The same, the other way round: for the night."""
PHONE: Final = 360
Looks: TypeAlias = Mapping[tuple[str, str, bool], Page]
"""Tabs by language, theme, and whether somebody is signed in there."""
OPEN: Final = ("/sign-in",)
"""Pages for those who are not logged in."""
STREAMS: Final = ("/live",)
ASKED: Final[Mapping[str, str]] = {"/batches/new": "?all=1&query=view%3Dall"}
"""What a page is asked for, where it shows nothing without."""
FILES: Final = (".csv", ".jsonl")
"""Files are saved, not shown."""
OUR_WORDS: Final = """() => {
  const body = document.body.cloneNode(true);
  for (const each of body.querySelectorAll('[translate="no"], [lang^="zh"], script')) each.remove();
  return body.textContent;
}"""
"""What we say on a page, without what people wrote, and without what is marked as Chinese."""

BROKEN: Final = """() => {
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange(), text = texts.currentNode.data.trim();
    range.selectNodeContents(texts.currentNode);
    const lines = new Set([...range.getClientRects()].map((each) => Math.round(each.top)));
    if (text.length > 2 && lines.size > text.length / 2) found.push(text);
  }
  return found;
}"""
"""What is broken into lines of single characters, since its column is too narrow."""


def paths() -> list[str]:
    """Return the paths of all that answers GET."""
    routes = [route for router in ROUTERS for route in router.routes]
    pages = [r for r in routes if isinstance(r, APIRoute) and r.path not in STREAMS]
    shown = {route.path for route in pages if "GET" in (route.methods or ())}
    return sorted(path for path in shown if not path.endswith(FILES))


@pytest.fixture(scope="module")
async def samples(site: Site) -> Mapping[str, str]:
    """What stands for the names in paths."""
    number = await site.callers.complaint()
    await site.callers.step(number, "accept")
    await _late_and_chased(site)
    body = {"numbers": [number], "step": "prioritise", "form": {"priority": "P1"}, "reason": "急"}
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=body)).json()["id"]
    customer = await site.callers.customer()
    named = {"number": number, "kind": "complaint", "batch": batch, "customer": customer}
    files, said = f"/v1/cases/{number}/attachments", {"name": "裂屏.png", "note": "左上角"}
    made = await site.callers["wang.fang"].post(files, content=PNG, params=said)
    seq = str(made.json()["attachment"]["seq"])
    return {**named, "step": "classify", "to": "1", "chart": "arrivals", "seq": seq}


async def _late_and_chased(site: Site) -> None:
    """Start a case with all that marks one in a list."""
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    number = await site.callers.complaint(received_at=long_ago)
    await site.callers.step(number, "chase", {"channel": "app", "note": "有结果了吗？"}, "shop")

    async def escalated() -> bool:
        page = await site.callers.store.inbox.of(DEFAULT_TENANT, [number])
        return any(each.case.escalation_tier and each.case.chases for each in page.items)

    await until(escalated)


@pytest.fixture(scope="module")
async def looks(site: Site, browser: Browser, address: str) -> AsyncIterator[Looks]:
    """A tab for each language and theme, somebody signed in and nobody."""
    token = (await sign_in_all(site.callers))["root"]
    async with AsyncExitStack() as stack:
        tabs: dict[tuple[str, str, bool], Page] = {}
        for locale, theme in (*LOOKS, *CROSSED):
            for signed_in in (True, False):
                context = await stack.enter_async_context(browser_context(browser, address))
                cookies: dict[str, str] = {"lang": locale, "theme": theme}
                await context.add_cookies(
                    [
                        {"name": name, "value": text, "url": address}
                        for name, text in cookies.items()
                    ]
                )
                if signed_in:
                    await log_in(context, address, token)
                tabs[locale, theme, signed_in] = await context.new_page()
        yield tabs


@pytest.mark.parametrize(
    "seen", [LOOKS, pytest.param(CROSSED, marks=pytest.mark.nightly)], ids=["pairs", "crossed"]
)
@pytest.mark.parametrize("path", paths())
async def test_a_page_is_for_everybody(
    site: Site,
    looks: Looks,
    samples: Mapping[str, str],
    path: str,
    seen: Sequence[tuple[str, str]],
) -> None:
    missing = [name for name in re.findall(r"{(\w+)", path) if name not in samples]
    assert not missing, f"say in `samples` what stands for {missing}"
    filled = re.sub(r"{(\w+)[^}]*}", lambda match: samples[match[1]], path)
    filled += ASKED.get(path, "")
    answer = await site["zhou.hang"].get(filled)
    if answer.status_code == 303 or "<html" not in answer.text:
        return  # a part of a page is seen on its page
    for locale, theme in seen:
        page = looks[locale, theme, path not in OPEN]
        assert [fault async for fault in _faults(page, filled, locale)] == [], f"{locale} {theme}"


async def _faults(page: Page, path: str, locale: str) -> AsyncIterator[str]:
    complaints = note_faults(page)
    await page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    await page.goto(path)
    await page.wait_for_load_state("load")
    for fault in [*complaints, *await accessibility_faults(page)]:
        yield fault
    async for fault in _shape(page, locale):
        yield fault


async def _shape(page: Page, locale: str) -> AsyncIterator[str]:
    if locale == "en" and (found := re.search("[\u4e00-\u9fff]+", await page.evaluate(OUR_WORDS))):
        yield f"untranslated: {found[0]}"
    await page.set_viewport_size({"width": PHONE, "height": 640})
    width = await page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE:
        yield f"{width} pixels wide on a phone"
    for broken in await page.evaluate(BROKEN):
        yield f"broken one character per line: {broken}"
