"""Nothing typed is lost, in a real browser: reloads, killed tabs, a server down, late saves."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from app.drafts import get_draft
from tests.support.browser import accessibility_faults, browser_context, log_in, note_faults
from tests.web.cases import a_case, details
from tests.web.drafts import caller_of, said, send_what_is_due
from tests.web.site import Site, sign_in
from tests.web.test_drafts import LATER

pytestmark = pytest.mark.xdist_group("web")

FINDING = "#step-form [name='/finding']"
SAVED = "#step-form [data-draft-saved]"
NOTE = "#note-form textarea"


@pytest.fixture
async def liu(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the agent, in a browser that keeps nothing yet."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "liu.yang"))
        yield await context.new_page()


async def test_typed_text_is_there_after_a_reload_and_in_the_list(liu: Page, site: Site) -> None:
    number, faults = await a_case(site, upto="investigating"), note_faults(liu)
    await liu.goto(f"/cases/{number}?step=investigate")
    await liu.locator(FINDING).fill("第一行\n第二行")
    await liu.get_by_label("生产").check()
    await expect(liu.locator(SAVED)).to_contain_text("已保存")
    await liu.reload()
    await expect(liu.locator(FINDING)).to_have_value("第一行\n第二行")
    await expect(liu.get_by_label("生产")).to_be_checked()
    await expect(liu.locator(SAVED)).to_contain_text("的草稿")
    await expect(liu.locator("#step-form [data-draft-offer]")).to_be_hidden()
    await liu.goto("/me/drafts")
    assert await accessibility_faults(liu) == []
    await liu.locator(".draft-link", has_text=number).click()
    await expect(liu.locator(FINDING)).to_have_value("第一行\n第二行")
    liu.once("dialog", lambda dialog: dialog.accept())
    await liu.locator("#step-form [data-draft-discard]").click()
    await expect(liu.locator(FINDING)).to_have_value("")
    assert faults == []


async def test_a_server_that_is_down_and_a_killed_tab_lose_nothing(liu: Page, site: Site) -> None:
    number, is_up = await a_case(site, upto="investigating"), asyncio.Event()

    async def answer(route: Route) -> None:
        await (route.continue_() if is_up.is_set() else route.fulfill(status=503, body=""))

    await liu.goto(f"/cases/{number}")
    await liu.context.route("**/drafts", answer)
    await liu.locator(NOTE).fill("断线时写的备注")
    await expect(liu.locator("#note-form [data-draft-saved]")).to_have_text("仅保存在本浏览器")
    # Killed before the pause is over: nothing was even tried, and no event told of the end.
    await liu.locator(FINDING).fill("刚写下")
    devtools = await liu.context.new_cdp_session(liu)
    async with liu.expect_event("crash"):
        crashing = asyncio.create_task(devtools.send("Page.crash"))
    crashing.cancel()
    tab = await liu.context.new_page()
    await tab.goto(f"/cases/{number}")
    await expect(tab.locator("#note-form [data-draft-begins]")).to_have_text("断线时写的备注")
    await expect(tab.locator("#step-form [data-draft-begins]")).to_have_text("刚写下")
    # Whoever types something else first can still go back to it.
    await tab.locator(NOTE).fill("另写一条")
    is_up.set()
    await tab.locator("#step-form [data-draft-take]").click()
    await expect(tab.locator(FINDING)).to_have_value("刚写下")
    await tab.locator("#note-form [data-draft-take]").click()
    await expect(tab.locator(NOTE)).to_have_value("断线时写的备注")
    await expect(tab.locator("#note-form [data-draft-offer]")).to_be_hidden()


async def test_a_late_save_does_not_revive_what_was_sent(liu: Page, site: Site) -> None:
    number, held, go = await a_case(site, upto="investigating"), asyncio.Event(), asyncio.Event()
    done = asyncio.Event()

    async def late(route: Route) -> None:
        held.set()
        await go.wait()
        answer = await route.fetch()
        assert (await answer.json())["saved"] is False
        await route.fulfill(response=answer)
        done.set()

    await liu.goto(f"/cases/{number}")
    await liu.route("**/drafts", late)
    await liu.locator(NOTE).fill("发出的备注")
    await held.wait()
    await liu.locator("#note-form button[type=submit]").click()
    await expect(liu.locator("#timeline")).to_contain_text("发出的备注")
    go.set()
    await done.wait()
    await liu.reload()
    await expect(liu.locator(NOTE)).to_have_value("")
    await expect(liu.locator("#note-form [data-draft-offer]")).to_be_hidden()
    caller = await caller_of(site, "liu.yang")
    draft = await get_draft(site.app.state.services, caller, f"{number}/note")
    assert draft is not None
    assert draft.content is None


async def test_chinese_by_an_input_method_has_no_accidents(liu: Page, site: Site) -> None:
    number, posts = await a_case(site, upto="investigating"), list[str]()

    def note_post(request: Request) -> None:
        if request.method == "POST":
            posts.append(request.url)

    liu.on("request", note_post)
    await liu.goto(f"/cases/{number}")
    devtools = await liu.context.new_cdp_session(liu)
    await liu.locator(NOTE).focus()
    # The keys of the pinyin are shortcuts elsewhere; Enter would submit a line, space a button.
    for pinyin, chosen, key in (
        ("ce'jg", "测机构", "Enter"),
        ("nen", "嫩", " "),
        ("c/", "词", "1"),
    ):
        for end in range(1, len(pinyin) + 1):
            process_key = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"}
            await devtools.send("Input.dispatchKeyEvent", process_key)
            composed = {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end}
            await devtools.send("Input.imeSetComposition", composed)
        chosen_by = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": key}
        await devtools.send("Input.dispatchKeyEvent", chosen_by)
        await devtools.send("Input.insertText", {"text": chosen})
        await devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key})
    await expect(liu.locator(NOTE)).to_have_value("测机构嫩词")
    await expect(liu.locator(NOTE)).to_be_focused()
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    # It was kept, and who is here was told; nothing was sent.
    assert {url.rpartition("/")[2] for url in posts} | {"presence"} == {"drafts", "presence"}
    await liu.reload()
    await expect(liu.locator(NOTE)).to_have_value("测机构嫩词")
    assert "测机构嫩词" not in str(await details(site, number))


async def test_an_undone_message_is_never_sent(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("发错了的话")
    await liu.locator("#message-form button[type=submit]").click()
    waiting = liu.locator("#case-waiting")
    await expect(waiting.locator("[data-countdown]")).to_have_text(re.compile(r"^[1-9]$"))
    await waiting.get_by_role("button").click()
    await expect(liu.locator("#message-form textarea")).to_have_value("发错了的话")
    await expect(liu.locator("#composer-message")).to_have_attribute("open", "")
    await send_what_is_due(site, LATER)
    assert await said(site, number) == []


async def test_who_undoes_too_late_is_told(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    # A page that does not hear of it: else what can be pressed goes when the message is sent.
    await liu.route("**/live?*", lambda route: route.abort())
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("发出的话")
    await liu.locator("#message-form button[type=submit]").click()
    waiting = liu.locator("#case-waiting")
    await expect(waiting).to_contain_text("发出的话")
    await send_what_is_due(site, LATER)
    await waiting.get_by_role("button").click()
    await expect(liu.locator("#trouble")).to_contain_text("无法撤回")
    await expect(waiting.locator("form")).to_have_count(0)
    assert await said(site, number) == ["发出的话"]


async def test_the_key_of_a_step_goes_into_its_open_form(liu: Page, site: Site) -> None:
    number = await a_case(site)
    await liu.goto(f"/cases/{number}")
    await liu.keyboard.press("c")
    note = liu.locator("#step-form [name='/note']")
    await expect(note).to_be_visible()
    await note.fill("刚写下的说明")
    await liu.keyboard.press("Escape")
    await expect(note).not_to_be_focused()
    await liu.keyboard.press("e")
    await expect(note).to_be_focused()
    await expect(note).to_have_value("刚写下的说明")
    await liu.locator("#step-accept").click()
    await expect(note).to_have_value("刚写下的说明")


async def test_what_was_just_typed_is_saved_before_its_form_goes(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}?step=investigate")
    await liu.locator(FINDING).fill("刚写下")
    await liu.locator("#step-hold").click()
    await expect(liu.locator(FINDING)).to_have_count(0)
    await liu.locator("#step-investigate").click()
    await expect(liu.locator(FINDING)).to_have_value("刚写下")
    # What no server took is offered, and not taken for something new.
    await liu.context.route("**/drafts", lambda route: route.fulfill(status=503, body=""))
    await liu.locator(FINDING).fill("保存不了的")
    await liu.locator("#step-form .card-header a").click()
    await expect(liu.locator(FINDING)).to_have_count(0)
    await liu.locator("#step-investigate").click()
    await expect(liu.locator("#step-form [data-draft-begins]")).to_have_text("保存不了的")


async def test_a_second_tab_overwrites_nothing_that_it_has_not_seen(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    second = await liu.context.new_page()
    for tab in (liu, second):
        await tab.goto(f"/cases/{number}")
    await liu.locator(NOTE).fill("第一个标签页里的长文字")
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await second.locator(NOTE).fill("第")
    strip = second.locator("#note-form [data-draft-elsewhere]")
    await expect(strip).to_contain_text("另一处也写了")
    await strip.locator("summary").click()
    await expect(strip.locator("q")).to_have_text("第一个标签页里的长文字")
    assert await accessibility_faults(second) == []
    # Who takes the other text over can go back to this one.
    await strip.locator("[data-draft-theirs]").click()
    await expect(second.locator(NOTE)).to_have_value("第一个标签页里的长文字")
    await expect(strip).to_be_hidden()
    await expect(second.locator("#note-form [data-draft-begins]")).to_have_text("第")
    # Neither does the first tab overwrite what the second wrote since, until it is told to.
    await second.locator("#note-form [data-draft-drop]").click()
    await second.locator(NOTE).fill("第二个标签页接着写")
    await expect(second.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await liu.locator(NOTE).press_sequentially("。")
    await expect(liu.locator("#note-form [data-draft-elsewhere]")).to_contain_text("另一处也写了")
    await liu.locator("#note-form [data-draft-mine]").click()
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await liu.reload()
    await expect(liu.locator(NOTE)).to_have_value("第一个标签页里的长文字。")


async def test_who_takes_the_other_text_over_is_offered_their_own(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    second = await liu.context.new_page()
    for tab in (liu, second):
        await tab.goto(f"/cases/{number}")
    await liu.locator(NOTE).fill("第一个标签页里的长文字")
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    # Whatever is swapped has the forms looked at again: the first tab's text is offered at once.
    swapped = "document.dispatchEvent(new CustomEvent('htmx:after:swap'))"
    begins = second.locator("#note-form [data-draft-begins]")
    await second.evaluate(swapped)
    await expect(begins).to_have_text("第一个标签页里的长文字")
    await second.locator(NOTE).fill("第")
    strip = second.locator("#note-form [data-draft-elsewhere]")
    await expect(strip).to_contain_text("另一处也写了")
    await strip.locator("[data-draft-theirs]").click()
    await second.evaluate(swapped)
    await expect(second.locator(NOTE)).to_have_value("第一个标签页里的长文字")
    await expect(begins).to_have_text("第")
    # Whoever takes it back is offered the other text, which it took the place of.
    await second.locator("#note-form [data-draft-take]").click()
    await expect(second.locator(NOTE)).to_have_value("第")
    await expect(begins).to_have_text("第一个标签页里的长文字")
    await second.locator("#note-form [data-draft-drop]").click()
    await expect(second.locator("#note-form [data-draft-offer]")).to_be_hidden()


async def test_what_a_second_tab_sends_leaves_the_draft_of_the_first(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    second = await liu.context.new_page()
    for tab in (liu, second):
        await tab.goto(f"/cases/{number}")
    await liu.locator(NOTE).fill("还没写完的长文字")
    await expect(liu.locator("#note-form [data-draft-saved]")).to_contain_text("已保存")
    await liu.close()
    await second.locator(NOTE).fill("短备注")
    await second.locator("#note-form button[type=submit]").click()
    await expect(second.locator("#timeline")).to_contain_text("短备注")
    await expect(second.locator(NOTE)).to_have_value("还没写完的长文字")
