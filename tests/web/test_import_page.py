"""The page on which cases of another system are tried, then taken over."""

import json
import re
from typing import Any

import pytest
from lxml import html
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from app.import_lines import ImportLine
from cases import CURRENT
from store.customers.records import ContactKind
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
    lines = [old_case(external_ref="PAGE-2", state="paying"), old_case(external_ref="PAGE-3")]
    text = "\n".join(json.dumps(line) for line in lines) + "\nno json\n"
    page = await site["root"].post("/ops/import", data={"source": "oldsys", "text": text})
    said = text_of(page.text)
    assert "2 被拒绝" in said
    assert re.search("state ?：", said)
    assert "/state" not in said
    assert "investigating" in said
    assert "1 可新建" in said


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"source": "a b", "text": csv_of("PAGE-4")}, "原系统名称："),
        ({"source": "desk", "text": csv_of("PAGE-4")}, "原系统名称："),
        ({"source": "oldsys", "text": ""}, "工单："),
        ({"source": "oldsys", "text": 'kind\n"x'}, "第 2 行："),
        ({"source": "oldsys", "text": "kind\n" + "x\n" * 101}, "工单："),
        ({"source": "oldsys", "text": "PK\x03\x04\n\ufffd\ufffd,x\n"}, "不是 UTF-8 文本"),
    ],
)
async def test_what_is_no_file_of_cases_is_refused_once(
    site: Site, form: dict[str, str], why: str
) -> None:
    answer = await site["root"].post("/ops/import", data=form)
    assert answer.status_code == 422
    document: Any = html.fromstring(answer.text)
    [alert] = document.xpath("//form[@id='import-form']//*[@role='alert' and @data-code]")
    assert why in alert.text_content()
    assert document.xpath("string(//textarea)").strip() == form["text"].strip(), "it is kept"


async def test_a_refusal_names_the_column_as_the_heading_has_it(site: Site) -> None:
    text = csv_of("", phone="1", closed_at="2024", **{"form.nothing": "x"})
    cells = text.replace("\n", ",zu viel\n").replace(",zu viel", "", 1)
    page: Any = html.fromstring(
        (await site["root"].post("/ops/import", data={"source": "oldsys", "text": cells})).text
    )
    shape = page.xpath("string(//*[@id='import-report']//tbody)")
    assert "external_ref：此项必填" in shape
    assert "第 15 列（没有标题）：" in shape
    said = ""
    for ref, wrong in (("PAGE-5", {"phone": "abc"}), ("PAGE-6", {"form.nothing": "x"})):
        sent = {"source": "oldsys", "text": csv_of(ref, **wrong)}
        page = html.fromstring((await site["root"].post("/ops/import", data=sent)).text)
        said += page.xpath("string(//*[@id='import-report']//tbody)")
    assert "phone：" in said
    assert "form.nothing：" in said
    for each in (shape, said):
        assert "/" not in each.replace("年-月-日", "")


async def test_the_page_says_which_columns_there_are_and_its_examples_can_be_imported(
    site: Site,
) -> None:
    page: Any = html.fromstring((await site["root"].get("/ops/import")).text)
    told = page.xpath("//*[@id='import-columns']//tbody/tr/td[1]/code/text()")
    in_csv = {*ImportLine.model_fields} - {"customer", "form"}
    contacts = {*map(str, ContactKind)}
    assert {*told} == in_csv | contacts | {"customer_name", "form.…"}
    links = page.xpath("//*[@id='import-columns']//a[@download]/@href")
    assert len(links) == 2
    for number, link in enumerate(links):
        file = await site["root"].get(link)
        assert "attachment" in file.headers["content-disposition"]
        said = {"source": f"example{number}", "text": file.text, "try": "1"}
        tried: Any = html.fromstring((await site["root"].post("/ops/import", data=said)).text)
        totals = tried.xpath("string(//*[@id='import-report']//*[@role='status'])")
        assert totals.strip() == f"{len(CURRENT) * 2} 可新建"


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
    await expect(page.locator("#import-text")).to_have_value(text)
    number = page.locator("#import-report td a")
    await number.click()
    await page.wait_for_url("**/cases/**")
    await page.go_back()
    await expect(page.locator("#import-text")).to_have_value(text)
    assert faults == []
    assert await accessibility_faults(page) == []


async def test_a_file_that_is_no_text_is_told_of_and_nothing_of_it_is_put_into_the_field(
    context: BrowserContext, page: Page, site: Site, address: str
) -> None:
    await log_in(context, address, await sign_in(site.callers, "root"))
    await page.goto("/ops/import")
    field, trouble = page.locator("#import-text"), page.locator("#import-unreadable")
    for content in ("类型,编号\n".encode("gb18030"), b"PK\x03\x04\xff\xfe\x00"):
        file: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": content}
        await page.locator("#import-file").set_input_files(file)
        await expect(trouble).to_contain_text("不是 UTF-8 文本")
        await expect(field).to_have_value("")
    good: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"kind\nx\n"}
    await page.locator("#import-file").set_input_files(good)
    await expect(field).to_have_value("kind\nx\n")
    await expect(trouble).to_be_hidden()
