"""The real browser that tests of pages use: it is there, and what a page loads works in it."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.support import browser as support
from tests.support.browser import HEIGHT, LOCALE, VARIABLE, WIDTH, log_in, note_faults
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")


async def test_a_page_loads_all_it_needs_from_us_and_complains_of_nothing(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    await log_in(context, address, (await sign_in_all(site.callers))["liu.yang"])
    faults, hosts = note_faults(page), set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    answer = await page.goto("/inbox")
    assert answer is not None
    assert answer.status == 200
    assert await page.evaluate("htmx.version") == "4.0.1"
    assert await page.evaluate("getComputedStyle(document.body).getPropertyValue('--tblr-primary')")
    assert hosts == {urlsplit(address).netloc}
    assert faults == []


async def test_a_context_is_that_of_an_agent_in_china(page: Page) -> None:
    await page.goto("/sign-in")
    told = "[navigator.language, innerWidth, innerHeight, new Date(0).getHours(), isSecureContext]"
    assert await page.evaluate(told) == [LOCALE, WIDTH, HEIGHT, 8, True]


async def test_each_context_has_its_own_session(browser: Browser, site: Site, address: str) -> None:
    tokens = await sign_in_all(site.callers)
    names = {}
    for person in ("liu.yang", "wang.fang"):
        async with support.browser_context(browser, address) as context:
            await log_in(context, address, tokens[person])
            page = await context.new_page()
            await page.goto("/inbox")
            names[person] = await page.locator(".person-menu summary").inner_text()
    assert names["liu.yang"] != names["wang.fang"]


async def test_faults_of_a_page_are_noted(page: Page) -> None:
    faults = note_faults(page)
    await page.goto("/sign-in")
    await page.evaluate("() => { document.body.setAttribute('style', 'color: red'); }")
    async with page.expect_event("pageerror"):
        await page.evaluate("() => { setTimeout(() => { throw new Error('wrong'); }); }")
    assert any("Content Security Policy" in fault for fault in faults)
    assert "script: wrong" in faults


async def test_what_is_hard_to_read_is_found(page: Page) -> None:
    await page.goto("/sign-in")
    await page.evaluate("document.querySelector('#main').innerHTML = '<img src=\"/x.png\">'")
    assert any(
        fault.startswith("image-alt: ") for fault in await support.accessibility_faults(page)
    )


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_without_a_browser_tests_say_so_and_fail_in_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no Chromium on this machine: install Debian's chromium"):
        support.require_chromium()


def test_a_browser_that_is_named_and_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/no/such/chromium")
    with pytest.raises(FileNotFoundError, match="/no/such/chromium"):
        support.find_chromium()
