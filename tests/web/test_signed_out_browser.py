"""A session that ends while somebody types, in a real browser: nothing takes their focus."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from app.password_hashing import PasswordHashing
from tests.app.sign_ins import QUICK
from tests.support.browser import accessibility_faults, browser_context, log_in
from tests.web.cases import a_case
from tests.web.site import Site, sign_in

pytestmark = pytest.mark.xdist_group("web")

PERSON, SECRET = "typing.agent", "correct horse 电池"
NOTE = "#note-form textarea"
FINDING = "#step-form [name='/finding']"


@dataclass(frozen=True)
class AtWork:
    """Somebody who has a case open, and what ends their sessions."""

    page: Page
    site: Site
    number: str

    @property
    def note(self) -> Locator:
        """The field of the note."""
        return self.page.locator(NOTE)

    @property
    def strip(self) -> Locator:
        """What says that they are signed out."""
        return self.page.locator("#signed-out .alert")

    async def end(self) -> None:
        """End the session as from another browser."""
        await self.site.callers.store.staff_sessions.end_all("default", PERSON)

    async def sign_in_again(self) -> None:
        """Go to the log-in by the strip, and through it."""
        await self.strip.get_by_role("button").click()
        password = self.page.get_by_role("dialog", name="重新登录").get_by_label("密码")
        await expect(password).to_be_focused()
        await self.page.keyboard.type(SECRET)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("dialog[open]")).to_have_count(0)
        await expect(self.strip).to_be_hidden()


@pytest.fixture
async def work(
    browser: Browser, address: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AtWork]:
    """A tab of somebody with a password, with a case whose cause they look for."""
    services = site.app.state.services
    monkeypatch.setattr(services, "passwords", PasswordHashing(QUICK))
    if await services.store.people.get("default", PERSON) is None:
        await services.store.people.add_staff("default", PERSON, "王小明", ("lead",))
    hashed = await services.passwords.hash(SECRET)
    await services.store.passwords.set("default", PERSON, hashed, how="sample")
    number = await a_case(site, upto="investigating")
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, PERSON))
        page = await context.new_page()
        await page.goto(f"/cases/{number}?step=investigate")
        await expect(page.locator(FINDING)).to_be_visible()
        yield AtWork(page, site, number)


async def test_what_is_typed_while_the_session_ends_stays_in_its_field(work: AtWork) -> None:
    typed = "第一句。"
    await work.note.focus()
    await work.page.keyboard.type(typed)
    await work.end()
    while not await work.strip.is_visible():
        await work.page.keyboard.type("续")
        typed += "续"
    await work.page.keyboard.type("完")
    await expect(work.note).to_be_focused()
    await expect(work.note).to_have_value(f"{typed}完")
    await expect(work.page.locator("dialog[open]")).to_have_count(0)
    await expect(work.page.locator("#note-form [data-draft-saved]")).to_have_text(
        "仅保存在本浏览器"
    )
    assert await accessibility_faults(work.page) == []
    await work.sign_in_again()
    await expect(work.note).to_have_value(f"{typed}完")
    await expect(work.page.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await work.page.locator("#note-form button[type=submit]").click()
    await expect(work.page.locator("#timeline")).to_contain_text(f"{typed}完")


async def test_what_is_composed_while_the_session_ends_is_not_broken_off(work: AtWork) -> None:
    devtools = await work.page.context.new_cdp_session(work.page)
    await work.note.focus()
    pinyin = {"text": "ce'shi", "selectionStart": 6, "selectionEnd": 6}
    await devtools.send("Input.imeSetComposition", pinyin)
    await work.end()
    await expect(work.strip).to_be_visible()
    await devtools.send("Input.insertText", {"text": "测试"})
    await expect(work.note).to_have_value("测试")
    await expect(work.note).to_be_focused()


async def test_a_page_whose_session_has_ended_asks_for_nothing_by_itself(work: AtWork) -> None:
    asked: list[str] = []
    news = f"""document.getElementById("live").dispatchEvent(
        new CustomEvent("presence", {{ detail: {{ data: '{{"number": "{work.number}"}}' }} }}))"""
    async with work.page.expect_request("**/presence"):
        await work.page.evaluate(news)
    await work.end()
    await expect(work.strip).to_be_visible()
    work.page.on("request", lambda sent: asked.append(sent.url))
    for _ in range(3):
        await work.page.evaluate(news)
        await work.page.evaluate("fetch('/sign-in').then((answer) => answer.text())")
    assert not [url for url in asked if url.endswith("/presence")]
    async with work.page.expect_response("**/presence") as answered:
        await work.sign_in_again()
    assert (await answered.value).status == 200


async def test_who_goes_on_typing_after_sending_is_not_interrupted(work: AtWork) -> None:
    held, go = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        held.set()
        await go.wait()
        await route.continue_()

    await work.page.locator(FINDING).fill("虚焊")
    await work.page.get_by_label("生产").check()
    await work.page.locator("[name='/reasonable']").first.check()
    await work.page.route("**/live?*", lambda route: route.abort())
    await work.page.route("**/investigate", late)
    await work.end()
    await work.page.locator("#step-form button[type=submit]").click()
    await held.wait()
    await work.note.focus()
    await work.page.keyboard.type("先记一笔")
    go.set()
    await expect(work.strip).to_be_visible()
    await work.page.keyboard.type("再记")
    await expect(work.note).to_have_value("先记一笔再记")
    await work.page.unroute("**/investigate")
    await work.sign_in_again()
    await expect(work.page.locator("#timeline")).to_contain_text("虚焊")
    await expect(work.note).to_have_value("先记一笔再记")


async def test_a_session_that_is_there_again_needs_no_password(work: AtWork, address: str) -> None:
    await work.end()
    await expect(work.strip).to_be_visible()
    await log_in(work.page.context, address, await sign_in(work.site.callers, PERSON))
    await work.strip.get_by_role("button").click()
    await expect(work.strip).to_be_hidden()
    await expect(work.page.locator("dialog[open]")).to_have_count(0)
