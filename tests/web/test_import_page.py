"""The page on which cases of another system are tried, then taken over."""

import json
from typing import Any

import pytest
from lxml import html
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from tests.api.test_import import ago, old_case
from tests.support.browser import accessibility_faults, log_in, note_faults
from tests.web.ops_site import text_of
from tests.web.site import Site, sign_in

pytestmark = pytest.mark.xdist_group("web")


def csv_of(ref: str, **more: str) -> str:
    """Return a file with one case in CSV."""
    cells = {
        "kind": "complaint", "external_ref": ref, "received_at": ago(days=50), "channel": "phone",
        "customer_name": "韩梅梅", "phone": "13900001111", "words": "屏坏了", "state": "open",
        "stage": "resolve", "category": "logistics", "severity": "minor", "history": "已联系客户",
        **more,
    }  # fmt: skip
    return f"{','.join(cells)}\n{','.join(cells.values())}\n"


async def test_what_is_pasted_is_tried_then_taken_over(site: Site) -> None:
    root = site["root"]
    assert 'action="/ops/import"' in (await root.get("/ops/import")).text
    said = {"source": "oldsys", "text": csv_of("PAGE-1")}
    tried = await root.post("/ops/import", data={**said, "try": "1"})
    assert tried.status_code == 200, tried.text
    assert "1 可新建" in text_of(tried.text)
    assert await site.callers.store.intake.known_refs("default", "oldsys", ["PAGE-1"]) == {}
    document: Any = html.fromstring(tried.text)
    form = next(each for each in document.forms if each.action == "/ops/import")
    assert dict(form.form_values())["text"].strip() == said["text"].strip()
    done = await root.post("/ops/import", data={**dict(form.form_values()), "import": "1"})
    assert "1 已新建" in text_of(done.text)
    known = await site.callers.store.intake.known_refs("default", "oldsys", ["PAGE-1"])
    number = known["PAGE-1"][0]
    assert f'href="/cases/{number}"' in done.text
    again = await root.post("/ops/import", data={**said, "import": "1"})
    assert "1 已存在" in text_of(again.text)
    case = text_of((await root.get(f"/cases/{number}")).text)
    assert "从 oldsys 导入" in case
    assert "已联系客户" in case
    history = text_of((await root.get(f"/ops/cases/{number}")).text)
    assert "从 oldsys 导入" in history


async def test_a_wrong_line_says_which_field_and_what_there_is(site: Site) -> None:
    lines = [old_case(external_ref="PAGE-2", state="proposed"), old_case(external_ref="PAGE-3")]
    text = "\n".join(json.dumps(line) for line in lines) + "\nno json\n"
    page = await site["root"].post("/ops/import", data={"source": "oldsys", "text": text})
    said = text_of(page.text)
    assert "2 被拒绝" in said
    assert "/state" in said
    assert "investigating" in said
    assert "1 可新建" in said


@pytest.mark.parametrize(
    "form",
    [
        {"source": "a b", "text": csv_of("PAGE-4")},
        {"source": "desk", "text": csv_of("PAGE-4")},
        {"source": "oldsys", "text": ""},
        {"source": "oldsys", "text": 'kind\n"x'},
        {"source": "oldsys", "text": "kind\n" + "x\n" * 101},
    ],
)
async def test_what_is_no_file_of_cases_is_refused(site: Site, form: dict[str, str]) -> None:
    assert (await site["root"].post("/ops/import", data=form)).status_code == 422


async def test_only_administrators_see_it(site: Site) -> None:
    assert (await site["zhou.hang"].get("/ops/import")).status_code == 403
    assert 'href="/ops/import"' not in (await site["zhou.hang"].get("/ops/batches")).text
    assert 'href="/ops/import"' in (await site["root"].get("/ops")).text


async def test_a_chosen_file_is_put_into_the_field(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    await log_in(context, address, await sign_in(site.callers, "root"))
    faults = note_faults(page)
    await page.goto("/ops/import")
    text = csv_of("PAGE-9")
    file: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.locator("#import-file").set_input_files(file)
    await expect(page.locator("#import-text")).to_have_value(text)
    await page.get_by_role("button", name="先试运行，不作改动").click()
    await expect(page.locator("#import-report")).to_contain_text("1 可新建")
    await page.get_by_role("button", name="导入可新建的工单").click()
    await expect(page.locator("#import-report")).to_contain_text("1 已新建")
    assert faults == []
    assert await accessibility_faults(page) == []
