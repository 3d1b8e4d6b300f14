"""The page of a case in a real browser: by keyboard alone; what is typed outlives every swap."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import accessibility_faults, browser_context, log_in, note_faults, renew
from tests.web.cases import a_case, details
from tests.web.site import Site, sign_in_all

pytestmark = pytest.mark.xdist_group("web")

LISTEN = """() => { window.told = new Promise((told) =>
  document.getElementById("live").addEventListener("case", () => told(true), { once: true })) }"""


@pytest.fixture(scope="module")
async def tokens(site: Site) -> dict[str, str]:
    return dict(await sign_in_all(site.callers))


@pytest.fixture
async def liu(browser: Browser, address: str, tokens: dict[str, str]) -> AsyncIterator[Page]:
    """A tab of the agent."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["liu.yang"])
        yield await context.new_page()


@pytest.fixture
async def wang(browser: Browser, address: str, tokens: dict[str, str]) -> AsyncIterator[Page]:
    """A tab of the lead."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["wang.fang"])
        yield await context.new_page()


async def focused(page: Page) -> str:
    """Return the name of the field that has the focus, or its text."""
    told = "document.activeElement.name || document.activeElement.textContent.trim()"
    return str(await page.evaluate(told))


async def test_a_case_goes_on_by_keyboard_alone(liu: Page, site: Site) -> None:
    number = await a_case(site)
    faults = note_faults(liu)
    await liu.goto(f"/cases/{number}")
    await liu.keyboard.press("c")
    await expect(liu.locator("#case-head")).to_contain_text("由 liu.yang 办理")
    await expect(liu.locator("#step-form-title")).to_have_text("受理")
    await expect(liu.locator("[name='/note']")).to_be_focused()
    await liu.keyboard.type("已致电客户。")
    await liu.keyboard.press("Tab")
    assert (await focused(liu)).startswith("受理")
    await liu.keyboard.press("Enter")
    # The form of the next step is open, and its first field has the focus.
    await expect(liu.locator("#step-form-title")).to_have_text("分类")
    await expect(liu.locator("[name='/impact']").first).to_be_focused()
    await liu.keyboard.press("Escape")
    await liu.locator("#step-form-title").evaluate("() => document.activeElement.blur()")
    await liu.keyboard.press("n")
    await expect(liu.locator("#note-form [name='/body']")).to_be_focused()
    await liu.keyboard.type("c e g 不是快捷键")
    await liu.keyboard.press("Tab")
    await liu.keyboard.press("Enter")
    await expect(liu.locator("#timeline")).to_contain_text("c e g 不是快捷键")
    await expect(liu.locator("#note-form textarea")).to_have_value("")
    await expect(liu.locator("#announcements")).to_contain_text("内部备注")
    assert (await details(site, number))["case"]["state"] == "accepted"
    assert faults == []
    assert await accessibility_faults(liu) == []


async def test_what_is_wrong_gets_the_focus_and_what_was_typed_stays(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}?step=investigate")
    await liu.locator("[name='/finding']").fill("第一行\n第二行 <b>")
    await liu.get_by_label("生产").check()
    await liu.locator("#step-form button[type=submit]").click()
    wrong = liu.locator("[name='/reasonable']").first
    await expect(wrong).to_be_focused()
    await expect(liu.locator("[name='/finding']")).to_have_value("第一行\n第二行 <b>")
    await expect(liu.get_by_label("生产")).to_be_checked()
    assert await accessibility_faults(liu) == []
    await wrong.check()
    await liu.locator("#step-form button[type=submit]").click()
    await expect(liu.locator("#step-form-title")).to_have_text("提出方案")
    await expect(liu.locator("#timeline")).to_contain_text("第二行 <b>")


async def test_two_collide_and_the_loser_keeps_the_text(liu: Page, wang: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await wang.goto(f"/cases/{number}?step=investigate")
    for page, text in ((liu, "我先查到的"), (wang, "我另有看法")):
        await page.locator("[name='/finding']").fill(text)
        await page.get_by_label("生产").check()
        await page.locator("[name='/reasonable']").first.check()
    await liu.locator("#step-form button[type=submit]").click()
    await expect(liu.locator("#case-head")).to_contain_text("待提出方案")
    await wang.locator("#step-form button[type=submit]").click()
    news = wang.locator("#step-form [data-news]")
    await expect(news).to_contain_text("liu.yang")
    await expect(news).to_contain_text("我先查到的")
    await expect(wang.locator("[name='/finding']")).to_have_value("我另有看法")
    await expect(wang.locator("#step-form button[type=submit]")).to_have_count(0)
    entries = (await site.callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert [each["step"] for each in entries].count("investigate") == 1


async def test_parts_are_renewed_around_what_is_being_typed(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("[name='/finding']").fill("写到一半")
    await liu.locator("#note-form textarea").fill("备注也写到一半")
    await liu.locator("[name='/finding']").focus()
    urgent = {"priority": "P1", "reason": "媒体关注"}
    await site.callers.step(number, "prioritise", urgent, by="wang.fang")
    await renew(liu, number)
    await expect(liu.locator("#case-head")).to_contain_text("紧急")
    await expect(liu.locator("#timeline")).to_contain_text("媒体关注")
    await expect(liu.locator("[name='/finding']")).to_have_value("写到一半")
    await expect(liu.locator("#note-form textarea")).to_have_value("备注也写到一半")
    assert await focused(liu) == "/finding"


async def test_who_left_a_field_is_not_brought_back_by_news(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    finding = liu.locator("[name='/finding']")
    await finding.fill("写下的")
    await liu.keyboard.press("Escape")
    await site.callers.step(
        number, "prioritise", {"priority": "P1", "reason": "急"}, by="wang.fang"
    )
    await renew(liu, number)
    await expect(liu.locator("#case-head")).to_contain_text("紧急")
    await liu.keyboard.press("n")
    await expect(liu.locator("#note-form [name='/body']")).to_be_focused()
    await expect(finding).to_have_value("写下的")


async def test_what_is_pressed_while_news_come_is_done(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    box = await liu.locator("#step-hold").bounding_box()
    assert box is not None
    await liu.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await liu.mouse.down()
    # The stream tells of it while the button is down, not after.
    await liu.evaluate(LISTEN)
    await site.callers.step(
        number, "prioritise", {"priority": "P1", "reason": "急"}, by="wang.fang"
    )
    await liu.evaluate("window.told")
    await renew(liu, number)
    await expect(liu.locator("#case-head")).to_contain_text("紧急")
    # What the live stream told of waits, since it would move the button away.
    await expect(liu.locator("#case-news .changed")).to_have_count(0)
    await liu.mouse.up()
    await expect(liu.locator("#step-form-title")).to_have_text("挂起")
    await expect(liu.locator("#case-news .changed")).to_be_visible()


async def test_a_message_is_called_back_into_its_form(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("发错了的话")
    await expect(liu.locator("#message-form button[type=submit]")).to_have_text("发送给客户 王女士")
    await liu.locator("#message-form button[type=submit]").click()
    waiting = liu.locator("#case-waiting")
    await expect(waiting).to_contain_text("发错了的话")
    await expect(liu.locator("#message-form textarea")).to_have_value("")
    await waiting.get_by_role("button").click()
    await expect(liu.locator("#message-form textarea")).to_have_value("发错了的话")
    await expect(waiting.locator("form")).to_have_count(0)


async def test_what_an_act_brings_is_shown_though_news_took_its_button(
    liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("又要收回的话")
    await liu.locator("#message-form button[type=submit]").click()
    waiting = liu.locator("#case-waiting")
    await expect(waiting).to_contain_text("又要收回的话")

    async def hold_back(route: Route) -> None:
        answer = await route.fetch()
        await renew(liu, number)
        await expect(waiting.locator("form")).to_have_count(0)
        await route.fulfill(response=answer)

    await liu.route("**/call-back", hold_back)
    await waiting.get_by_role("button").click()
    await expect(liu.locator("#message-form textarea")).to_have_value("又要收回的话")


async def test_the_timeline_is_filtered_and_the_address_tells(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator(".timeline-filter a", has_text="领取与分配").click()
    await expect(liu).to_have_url(re.compile(r"\?show=tasks$"))
    await expect(liu.locator("#timeline")).not_to_contain_text("建单")
    await liu.locator("#case-picture summary").click()
    await expect(liu.locator("#case-process .state.here")).to_have_count(1)
    assert await accessibility_faults(liu) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_link_within_coloured_words_is_told_by_more_than_its_colour(
    liu: Page, address: str, site: Site, theme: str
) -> None:
    number = await a_case(site)
    await site.callers.step(number, "notify", {"text": "王女士您好，已收到。"})
    await site.callers.store.outbox_queue.mark_due_delivered("default")
    await liu.context.add_cookies([{"name": "theme", "value": theme, "url": address}])
    await liu.goto(f"/cases/{number}")
    await expect(liu.locator("p.not-reached a").first).to_be_visible()
    await liu.locator("#clocks-ended > summary").click()
    assert await accessibility_faults(liu) == []


async def test_a_manager_takes_a_case_back(
    browser: Browser, address: str, tokens: dict[str, str], site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    finding = {"cause": "service", "reasonable": True, "finding": "误判"}
    await site.callers.step(number, "investigate", finding)
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["zhou.hang"])
        page = await context.new_page()
        await page.goto(f"/cases/{number}")
        await page.locator("#entry-4 .rewind-link").click()
        await expect(page.locator("#step-form")).to_contain_text("处理中")
        assert await accessibility_faults(page) == []
        await page.locator("[name='/reason']").fill("重新查明")
        await page.locator("#step-form button[type=submit]").click()
        await expect(page.locator("#case-head")).to_contain_text("处理中")
        await expect(page.locator("#step-form")).to_have_count(0)
        await expect(page.locator("#timeline")).to_contain_text("回退")


async def test_what_can_be_called_back_is_in_sight_wherever_one_is(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    await liu.locator("#composer-message > summary").click()
    await liu.locator("#message-form textarea").fill("请稍候。")
    await liu.locator("#message-form button[type=submit]").click()
    waiting = liu.locator(".waiting-message")
    for top in (0, 10_000):
        await liu.evaluate(f"window.scrollTo(0, {top})")
        await expect(waiting).to_be_in_viewport(ratio=0.9)
    await expect(liu.locator("#case-waiting")).to_have_attribute("aria-live", "polite")
    # It comes after the form from which it was sent, also for the keyboard.
    assert await liu.evaluate(
        "document.getElementById('message-form').compareDocumentPosition("
        "document.getElementById('case-waiting')) & Node.DOCUMENT_POSITION_FOLLOWING"
    )
    await waiting.get_by_role("button").click()
    await expect(waiting).to_have_count(0)


async def test_what_was_opened_to_read_stays_open_when_it_comes_anew(liu: Page, site: Site) -> None:
    number = await a_case(site, upto="investigating")
    await liu.goto(f"/cases/{number}")
    why = liu.locator("#why-resolution-1")
    await why.locator("summary").click()
    await liu.locator("#clocks-ended > summary").click()
    await liu.evaluate("document.querySelector('#case-clocks').dataset.old = ''")
    urgent = {"priority": "P1", "reason": "媒体关注"}
    await site.callers.step(number, "prioritise", urgent, by="wang.fang")
    await expect(liu.locator("#case-clocks:not([data-old])")).to_have_count(1)
    await expect(why).to_have_attribute("open", "")
    await expect(liu.locator("#clocks-ended")).to_have_attribute("open", "")
    await why.locator("summary").click()
    await liu.evaluate("document.querySelector('#case-clocks').dataset.old = ''")
    await liu.evaluate(f"htmx.ajax('GET', '/cases/{number}/parts', {{swap: 'none'}})")
    await expect(liu.locator("#case-clocks:not([data-old])")).to_have_count(1)
    await expect(why).not_to_have_attribute("open", "")


async def test_on_a_phone_the_main_act_is_on_the_first_screen(liu: Page, site: Site) -> None:
    words = "电视送到时外箱压坏，屏幕有一道裂纹，客服一直没有回音。" * 20
    number = await a_case(site, upto="investigating", form={"words": words}, order="D-1")
    await liu.set_viewport_size({"width": 390, "height": 844})
    await liu.goto(f"/cases/{number}")
    await expect(liu.locator(".btn-main")).to_be_in_viewport(ratio=1)
    wide = await liu.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    # What stands beside a bar of time is as large as it was drawn, and ends within its card.
    inside = await liu.evaluate(
        """() => [...document.querySelectorAll("#case-clocks svg text")].every((each) => {
            const card = document.getElementById("case-clocks").getBoundingClientRect();
            const { left, right, width, height } = each.getBoundingClientRect();
            return !width || (left >= card.left && right <= card.right && height > 9);
        })"""
    )
    assert inside
    assert await accessibility_faults(liu) == []


async def test_where_a_case_has_gone_is_in_sight(liu: Page, site: Site) -> None:
    number = await a_case(site)
    await site.callers.step(number, "claim")
    await site.callers.step(number, "accept")
    await liu.goto(f"/cases/{number}")
    for choice in ("/category", "/severity"):
        await liu.locator(f"#step-form [name='{choice}']").evaluate_all(
            "(all) => all[0].matches('select') ? (all[0].selectedIndex = 1) : all[0].click()"
        )
    await liu.locator("#step-form button[type=submit]").click()
    left = liu.locator(".case-left")
    await expect(left).to_be_focused()
    await expect(left).to_be_in_viewport(ratio=1)
    await expect(left.get_by_role("button")).to_have_text("下一个 (g)")
    assert await accessibility_faults(liu) == []


async def test_an_approval_is_asked_and_given_from_card_to_card(
    browser: Browser, address: str, tokens: dict[str, str], liu: Page, site: Site
) -> None:
    number = await a_case(site, upto="investigating")
    faults = note_faults(liu)
    await liu.goto(f"/cases/{number}")
    await liu.locator("#step-ask_approval").click()
    await expect(liu.locator("#step-form-title")).to_have_text("申请审批")
    await liu.locator("[name='/amount/amount']").fill("800")
    await liu.locator("[name='/reason']").fill("老客户")
    await liu.locator("#step-form button[type=submit]").click()
    await expect(liu.locator("#case-requests")).to_contain_text("待答复")
    assert await accessibility_faults(liu) == []
    async with browser_context(browser, address) as context:
        await log_in(context, address, tokens["zhou.hang"])
        manager = await context.new_page()
        await manager.goto(f"/cases/{number}")
        await manager.locator("#case-requests .btn-primary").click()
        await expect(manager.locator("#step-form-title")).to_have_text("同意")
        await expect(manager.locator("#step-form")).to_contain_text("老客户")
        await manager.locator("#step-form button[type=submit]").click()
        await expect(manager.locator("#case-requests")).to_contain_text("已同意")
        assert await accessibility_faults(manager) == []
    await expect(liu.locator("#case-requests")).to_contain_text("已同意")
    assert faults == []
