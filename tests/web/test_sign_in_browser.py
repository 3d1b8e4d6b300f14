"""Signing in with a real browser: by the keyboard, by a link, and over a page in mid-work."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from app.password_hashing import PasswordHashing
from store.cases.records import CaseFilter
from tests.app.sign_ins import QUICK
from tests.support.browser import accessibility_faults, log_in, note_faults
from tests.web.site import Site
from tests.web.site import sign_in as open_session

pytestmark = pytest.mark.xdist_group("web")

AGENT, SEAT = "browser.agent", "browser.seat"
"""People of these tests alone: whoever gets a password is signed out everywhere."""
SECRET, OTHER = "correct horse 电池", "another horse"
WORDS = "买了三天就漏水，打了两次电话没人管。"


@pytest.fixture(autouse=True)
async def passwords(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people have the password; hashes take no time."""
    services = site.app.state.services
    monkeypatch.setattr(services, "passwords", PasswordHashing(QUICK))
    hashed = await services.passwords.hash(SECRET)
    for person, role in ((AGENT, "agent"), (SEAT, "seat")):
        if await services.store.people.get("default", person) is None:
            await services.store.people.add_staff("default", person, "王小明", (role,))
        await services.store.passwords.set("default", person, hashed, how="sample")


async def fill_in(page: Page, person: str, password: str = SECRET) -> None:
    await page.get_by_label("用户名").fill(person)
    await page.get_by_label("密码", exact=True).fill(password)
    await page.keyboard.press("Enter")


async def test_one_signs_in_with_the_keyboard_and_out(page: Page, context: BrowserContext) -> None:
    faults = note_faults(page)
    await page.goto("/inbox?view=mine")
    await expect(page.get_by_label("用户名")).to_be_focused()
    await expect(page.locator("[data-insecure]")).to_be_hidden()
    await page.keyboard.type(AGENT)
    await page.keyboard.press("Tab")
    await page.keyboard.type(SECRET)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/inbox?view=mine")
    names = {cookie["name"] for cookie in await context.cookies()}
    assert names == {"__Host-session", "__Host-browser"}
    await page.locator(".person-menu summary").click()
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url("**/sign-in")
    await page.go_back()
    await page.wait_for_url("**/sign-in?next=**")
    assert faults == []


async def test_a_wrong_password_is_told_and_the_name_stays(page: Page) -> None:
    await page.goto("/sign-in")
    await fill_in(page, AGENT, "wrong")
    await expect(page.get_by_role("alert")).to_contain_text("用户名与密码不匹配")
    await expect(page.get_by_label("用户名")).to_have_value(AGENT)
    await expect(page.get_by_label("密码", exact=True)).to_be_focused()


async def test_a_link_is_opened_and_a_password_chosen(page: Page, site: Site) -> None:
    link = await site.callers.store.links.add("default", AGENT)
    faults = note_faults(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    await page.goto(f"/sign-in/link#{link.token}")
    await page.get_by_label("新密码", exact=True).fill(OTHER)
    await page.get_by_label("再次输入新密码").fill("something else")
    await page.get_by_role("button", name="设置并登录").click()
    assert await page.get_by_label("再次输入新密码").evaluate("field => field.validationMessage")
    await page.get_by_label("再次输入新密码").fill(OTHER)
    await page.get_by_role("button", name="设置并登录").click()
    await page.wait_for_url("**/inbox")
    assert not [url for url in sent if link.token in url.partition("#")[0]]
    assert faults == []


async def test_a_link_without_its_end_says_so(page: Page) -> None:
    await page.goto("/sign-in/link")
    await expect(page.get_by_text("链接不完整")).to_be_visible()


async def typed_case(page: Page, context: BrowserContext, site: Site, address: str) -> None:
    """Fill in the form of a new case, and let the session end meanwhile."""
    await log_in(context, address, await open_session(site.callers, SEAT))
    await page.goto("/cases/new/complaint")
    await page.locator("[name='/form/words']").fill(WORDS)
    await site.callers.store.staff_sessions.end_all("default", SEAT)
    await page.get_by_role("button", name="建单", exact=True).click()
    await expect(page.get_by_role("dialog", name="重新登录")).to_be_visible()


async def started(site: Site) -> int:
    cases = await site.callers.store.cases.page("default", CaseFilter(kind="complaint"), None, 500)
    numbers = [case.number for case in cases.items]
    words = await site.callers.store.entries.opening_words("default", numbers)
    return [*words.values()].count(WORDS)


async def test_a_session_that_ends_in_mid_form_loses_nothing_and_sends_once(
    page: Page, context: BrowserContext, site: Site, address: str
) -> None:
    before = await started(site)
    await typed_case(page, context, site, address)
    dialog = page.get_by_role("dialog", name="重新登录")
    await expect(dialog.get_by_label("用户名")).to_have_value(SEAT)
    await expect(dialog.get_by_label("密码")).to_be_focused()
    await expect(page.locator("[name='/form/words']")).to_have_value(WORDS)
    assert await accessibility_faults(page) == []
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("用户名与密码不匹配")
    await expect(page.locator("[name='/form/words']")).to_have_value(WORDS)
    await dialog.get_by_label("密码").fill(SECRET)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/TS*")
    assert await started(site) == before + 1


async def test_what_the_page_asks_meanwhile_does_not_touch_the_dialog(
    page: Page, context: BrowserContext, site: Site, address: str
) -> None:
    await typed_case(page, context, site, address)
    password = page.get_by_role("dialog", name="重新登录").get_by_label("密码")
    await password.fill("half a pass")
    async with page.expect_response(lambda answer: answer.status == 401):
        await page.evaluate("void htmx.ajax('GET', '/inbox', {target: '#found'})")
    await expect(password).to_have_value("half a pass")
    assert await page.locator("dialog[open]").count() == 1


async def test_whoever_leaves_the_dialog_keeps_the_text_and_sends_nothing(
    page: Page, context: BrowserContext, site: Site, address: str
) -> None:
    before = await started(site)
    await typed_case(page, context, site, address)
    await page.keyboard.press("Escape")
    await expect(page.locator("[name='/form/words']")).to_have_value(WORDS)
    await page.get_by_role("button", name="建单", exact=True).click()
    await page.get_by_role("dialog", name="重新登录").get_by_label("密码").fill(SECRET)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/TS*")
    assert await started(site) == before + 1


async def test_another_person_gets_their_own_page_and_sends_nothing(
    page: Page, context: BrowserContext, site: Site, address: str
) -> None:
    before = await started(site)
    await typed_case(page, context, site, address)
    dialog = page.get_by_role("dialog", name="重新登录")
    await dialog.get_by_label("用户名").fill(AGENT)
    await dialog.get_by_label("密码").fill(SECRET)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("body")).to_have_attribute("data-person", AGENT)
    assert await started(site) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_the_pages_are_accessible(
    page: Page, context: BrowserContext, site: Site, address: str, theme: str, language: str
) -> None:
    chosen = {"theme": theme, "lang": language}
    await context.add_cookies([{"name": n, "value": v, "url": address} for n, v in chosen.items()])
    link = await site.callers.store.links.add("default", AGENT)
    for path in ("/sign-in", "/sign-in/link", f"/sign-in/link#{link.token}"):
        await page.goto(path)
        if "#" in path:
            await page.wait_for_url("**/opened")
        assert await accessibility_faults(page) == [], path
    await log_in(context, address, await open_session(site.callers, AGENT))
    for path in ("/me/sessions", "/me/password"):
        await page.goto(path)
        assert await accessibility_faults(page) == [], path
