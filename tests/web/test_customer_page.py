"""The page of a customer: the record, corrected and merged, with its versions and all cases."""

from typing import Any

import httpx
import pytest
from lxml import html
from playwright.async_api import BrowserContext, Page, expect

from tests.api.test_customers import phone, started
from tests.support.browser import log_in
from tests.web.site import Site, colleague, sign_in

pytestmark = pytest.mark.xdist_group("web")


def form_of(page: httpx.Response, action: str) -> list[tuple[str, str]]:
    """Return what a form of the page would post."""
    document: Any = html.fromstring(page.text)
    (form,) = [each for each in document.forms if each.get("action") == action]
    return [(name, value) for name, value in form.form_values()]


async def post(site: Site, who: str, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
    names = dict.fromkeys(name for name, _ in fields)
    data = {name: [value for each, value in fields if each == name] for name in names}
    return await site[who].post(path, data=data)


async def test_a_record_is_corrected_on_its_page(site: Site) -> None:
    number = phone()
    case, ref = await started(site.callers, "王小名", number)
    of_case = await site["liu.yang"].get(f"/cases/{case}")
    assert f'href="/customers/{ref}"' in of_case.text
    page = await site["liu.yang"].get(f"/customers/{ref}")
    assert page.status_code == 200, page.text
    assert f'href="/cases/{case}"' in page.text
    fields = dict(form_of(page, f"/customers/{ref}"))
    assert (fields["/name"], fields["/version"]) == ("王小名", "1")
    changed = [
        *((name, fields[name]) for name in ("request", "/version")),
        ("/name", "王小明"), ("/tier", "vip"), ("/preferred_channel", "email"),
        ("/consent_sms", "refused"), ("/reason", "他来电更正"),
        ("/contact_kind", "email"), ("/contact_value", f"wang{number}@example.com"),
    ]  # fmt: skip
    assert (await post(site, "liu.yang", f"/customers/{ref}", changed)).status_code == 303
    page = await site["liu.yang"].get(f"/customers/{ref}")
    for said in ("王小明", "VIP客户", "他来电更正", f"<del>{number}</del>", "拒绝联系", "更正"):
        assert said in page.text, said
    # Who saw the version before is told, and what they typed is not lost.
    late = [(name, "王晓明" if name == "/name" else value) for name, value in changed]
    late[0] = ("request", "another")
    stale = await post(site, "liu.yang", f"/customers/{ref}", late)
    assert (stale.status_code, 'value="王晓明"' in stale.text) == (412, True)
    wrong = [(name, "" if name == "/reason" else value) for name, value in changed]
    assert (await post(site, "liu.yang", f"/customers/{ref}", wrong)).status_code == 422


async def test_versions_name_people(site: Site) -> None:
    _, ref = await started(site.callers, "王小明", phone())
    new = {"id": "ma.li", "name": "马丽", "roles": ["agent"], "teams": []}
    assert (await site.callers["root"].post("/v1/staff", json=new)).status_code == 201
    made = await site.callers["root"].post("/v1/keys", json={"staff": "ma.li"})
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    change = {"tier": "vip", "reason": "老客户"}
    answer = await site.callers["liu.yang"].patch(
        f"/v1/customers/{ref}", json=change, headers=headers
    )
    assert answer.status_code == 200, answer.text
    page: Any = html.fromstring((await site["liu.yang"].get(f"/customers/{ref}")).text)
    [version] = page.xpath("//li[.//q='老客户']")
    assert "马丽" in version.text_content()
    assert "ma.li" not in version.text_content()


async def test_two_records_are_merged_and_taken_apart(site: Site) -> None:
    number = phone()
    first, one = await started(site.callers, "王小明", number)
    second, two = await started(site.callers, "李雷", number)
    lead = site["wang.fang"]
    assert f'href="/customers/{two}"' in (await lead.get(f"/customers/{one}")).text
    action = f"/customers/{one}/merge"
    none = await lead.post(action, data={"other": "cu-none", "reason": "x"})
    assert none.status_code == 422
    assert (await lead.post(action, data={"other": two, "reason": " "})).status_code == 422
    done = await lead.post(action, data={"other": f"https://x/customers/{two}", "reason": "夫妻"})
    assert done.status_code == 303, done.text
    page = await lead.get(f"/customers/{two}", follow_redirects=True)
    assert page.url.path == f"/customers/{one}"
    for said in (first, second, "李雷", f"{two} → {one}", "夫妻"):
        assert said in page.text, said
    fields = dict(form_of(page, f"/customers/{one}/unmerge")) | {"reason": "弄错了"}
    assert (await lead.post(f"/customers/{one}/unmerge", data=fields)).status_code == 303
    apart = await lead.get(f"/customers/{two}")
    assert (apart.status_code, first in apart.text, second in apart.text) == (200, False, True)


async def test_who_may(site: Site) -> None:
    _, ref = await started(site.callers, "王小明", phone())
    page = await site["liu.yang"].get(f"/customers/{ref}")
    assert f"/customers/{ref}/merge" not in page.text
    merge = {"other": "cu-none", "reason": "x"}
    assert (await site["liu.yang"].post(f"/customers/{ref}/merge", data=merge)).status_code == 403
    assert (await site["liu.yang"].get("/customers/cu-none")).status_code == 404
    assert (await site["liu.yang"].get("/customers/%00")).status_code == 404


async def test_a_refused_merge_keeps_what_was_typed_and_the_way_back(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    _, ref = await started(site.callers, "王小明", phone())
    await log_in(context, address, await sign_in(site.callers, "wang.fang"))
    await page.goto("/inbox")
    await page.goto(f"/customers/{ref}")
    form = page.locator("form[action$='/merge']")
    await form.locator("#merge-other").fill("nobody")
    await form.locator("#merge-reason").fill("同一电话")
    await form.locator("button").click()
    await expect(form.locator("[role=alert]")).to_be_visible()
    await expect(form.locator("#merge-reason")).to_have_value("同一电话")
    correct = page.locator("form:has(#record-name)")
    await correct.locator("#record-name").fill("王晓明")
    await correct.locator("#record-reason").fill("他来电更正")
    await correct.locator("button[type=submit]").click()
    await expect(page.locator("h1")).to_have_text("王晓明")
    await page.goto("/inbox")
    await page.go_back()
    await expect(page.locator("h1")).to_have_text("王晓明")


async def test_a_correction_is_kept_as_it_is_typed_and_gone_once_it_is_sent(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    _, ref = await started(site.callers, "王小明", phone())
    await log_in(context, address, await sign_in(site.callers, "liu.yang"))
    await page.goto(f"/customers/{ref}")
    form = page.locator("#customer-form")
    await form.locator("#record-reason").fill("他来电更正姓名")
    await form.locator("#record-name").fill("王晓明")
    await expect(form.locator("[data-draft-saved]")).to_contain_text("已保存")
    await page.reload()
    await expect(form.locator("#record-reason")).to_have_value("他来电更正姓名")
    await expect(form.locator("#record-name")).to_have_value("王晓明")
    await page.goto("/me/drafts")
    line = page.locator(".draft-line", has_text="他来电更正姓名")
    await line.get_by_role("link").click()
    await form.locator("button[type=submit]").click()
    await expect(page.locator("h1")).to_have_text("王晓明")
    await expect(form.locator("#record-reason")).to_have_value("")
    await page.goto("/me/drafts")
    await expect(page.locator("body")).not_to_contain_text("他来电更正姓名")


async def test_nobody_keeps_a_correction_of_whom_they_may_not_correct(site: Site) -> None:
    _, ref = await started(site.callers, "王小明", phone())
    draft = {"/name": "王", "counter": "1"}
    for subject, status in ((f"customers/{ref}", 200), ("customers/cu-none", 404)):
        answer = await site["liu.yang"].post("/drafts", data={**draft, "draft": subject})
        assert answer.status_code == status, subject
    async with colleague(site, "only.reads", "李娜", "auditor") as auditor:
        inside = await auditor.post("/drafts", data={**draft, "draft": f"customers/{ref}"})
    assert inside.status_code == 403
