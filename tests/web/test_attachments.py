"""Attachments on the page of a case: plain forms, a link that saves, erased with a reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from app.errors import Malformed
from domain.language.media_types import MAX_ATTACHMENT
from tests.support.browser import accessibility_faults, browser_context, log_in, note_faults
from tests.support.files import EXE, PDF, PNG
from tests.web.cases import a_case, elements, text_of, typed_in
from tests.web.site import Site, sign_in
from web.http.uploaded import read_parts

pytestmark = pytest.mark.xdist_group("web")


async def post(
    site: Site, number: str, content: bytes = PNG, by: str = "liu.yang", **fields: str
) -> int:
    """Send the form as a browser without scripts does; return the status."""
    page = (await site[by].get(f"/cases/{number}")).text
    sent = typed_in(page, "attach-form") | fields
    sent.pop("file", None)
    answer = await site[by].post(
        f"/cases/{number}/attachments",
        data=sent,
        files={"file": ("收据 1.pdf", content, "application/pdf")},
    )
    return answer.status_code


async def card(site: Site, number: str, by: str = "liu.yang") -> str:
    return text_of((await site[by].get(f"/cases/{number}")).text, "case-attachments")


async def test_a_paper_is_attached_shown_and_saved(site: Site) -> None:
    number = await a_case(site)
    assert await post(site, number, PDF, note="购买凭证", audience="") == 303
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    shown = text_of(page, "case-attachments")
    assert "收据 1.pdf" in shown
    assert "application/pdf" in shown
    assert "购买凭证" in shown
    assert "内部" in shown
    [link] = elements(page, "//*[@id='case-attachments']//a")
    file = await site["liu.yang"].get(link.get("href"))
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert "filename*=UTF-8''%E6%94%B6%E6%8D%AE%201.pdf" in file.headers["content-disposition"]
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "添加附件" in text_of(page, "timeline"), "the timeline tells of it, too"


async def test_what_cannot_be_taken_is_said_in_words(site: Site) -> None:
    number = await a_case(site)
    form = {"request": "x", "note": "左上角有裂纹"}
    for content, words in ((EXE, "请另存为其中一种"), (b"", "文件是空的"), (PNG, "内容却是")):
        files = {"file": ("a.pdf", content, "application/pdf")}
        path = f"/cases/{number}/attachments"
        answer = await site["liu.yang"].post(path, data=form, files=files)
        assert answer.status_code == 422
        assert words in text_of(answer.text, "attach-trouble")
        assert typed_in(answer.text, "attach-form")["note"] == "左上角有裂纹", "on the case's page"
        assert elements(answer.text, "//details[@id='attach' and @open]")
    assert "a.pdf" not in await card(site, number)


async def test_a_form_is_read_strictly(site: Site) -> None:
    number = await a_case(site)
    path = f"/cases/{number}/attachments"
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    field = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n1\r\n'
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n1\r\n'
    twice = field + field + file + b"--x--\r\n"
    for content, headers in (
        (b"", boundary),
        (b"--x--\r\n", boundary),
        (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n", boundary),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', boundary),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n1', boundary),
        (twice, boundary),
        (b"\xff\xfe", boundary),
        (PNG, {"Content-Type": "image/png"}),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}),
    ):
        answer = await site["liu.yang"].post(path, content=content, headers=headers)
        assert answer.status_code == 400, content
    assert Malformed.code == "malformed"


def test_parts_are_split_where_the_boundary_is() -> None:
    inside = b"a\r\n--xy\r\nb\r\n\r\n"
    body = (
        b'--b1\r\nContent-Disposition: form-data; name="note"\r\n\r\n\xe5\xa5\xbd\r\n'
        b'--b1\r\nContent-Disposition: form-data; name="file"; filename="a%22b.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + inside + b"\r\n--b1--\r\n"
    )
    note, file = read_parts(body, b"b1")
    assert (note.content.decode(), note.file) == ("好", None)
    assert (file.file, file.declared, file.content) == ('a"b.png', "image/png", inside)


async def test_a_lead_erases_with_a_reason(site: Site) -> None:
    number = await a_case(site)
    assert await post(site, number, PDF) == 303
    theirs = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert not elements(theirs, "//*[@id='erase-form']"), "not for everybody"
    page = (await site["wang.fang"].get(f"/cases/{number}")).text
    [option] = elements(page, "//*[@id='erase-which']/option")
    path = f"/cases/{number}/erase-attachment"
    sent = {"attachment": option.get("value"), "reason": ""}
    without = await site["wang.fang"].post(path, data=sent)
    assert without.status_code == 422
    assert "理由：内容太短" in text_of(without.text, "erase-trouble")
    long = await site["wang.fang"].post(path, data=sent | {"reason": "字" * 4001})
    assert typed_in(long.text, "erase-form")["reason"] == "字" * 4001
    done = await site["wang.fang"].post(path, data=sent | {"reason": "另一位顾客的证件"})
    assert done.status_code == 303
    shown = await card(site, number)
    assert "已删除" in shown
    assert "另一位顾客的证件" in shown
    gone = await site["liu.yang"].get(f"/cases/{number}/attachments/{option.get('value')}")
    assert gone.status_code == 404
    for odd in ("", "x", "１", "9999999"):
        answer = await site["wang.fang"].post(path, data={"attachment": odd, "reason": "x"})
        assert answer.status_code == 404


@pytest.fixture
async def wang(browser: Browser, address: str, site: Site) -> AsyncIterator[Page]:
    """A tab of the lead."""
    async with browser_context(browser, address) as context:
        await log_in(context, address, await sign_in(site.callers, "wang.fang"))
        yield await context.new_page()


def file_of(content: bytes, name: str = "收据.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


async def test_a_refused_file_is_told_of_beside_its_form_and_the_next_one_is_taken(
    wang: Page, site: Site, tmp_path: Path
) -> None:
    number = await a_case(site)
    await wang.goto(f"/cases/{number}")
    await wang.locator("[name='/body']").first.fill("写到一半的备注")
    await wang.locator("#attach-open").click()
    note, trouble = wang.locator("#attach-note"), wang.locator("#attach-trouble")
    await note.fill("左上角有裂纹")
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(MAX_ATTACHMENT * 4)
    for given, why in ((file_of(EXE), "请另存为其中一种"), (large, "10 MiB")):
        await wang.locator("#attach-file").set_input_files(given)
        await wang.locator("#attach-send").click()
        await expect(trouble).to_contain_text(why, timeout=60_000)
        await expect(note).to_have_value("左上角有裂纹")
        assert wang.url.endswith(f"/cases/{number}")
    assert await accessibility_faults(wang) == []
    faults = note_faults(wang)
    await wang.locator("#attach-file").set_input_files(file_of(PNG))
    await wang.locator("#attach-send").click()
    await expect(wang.locator("#case-attachments")).to_contain_text("左上角有裂纹")
    await expect(wang.locator("#attach")).not_to_have_attribute("open", "")
    await expect(wang.locator("#attach-open")).to_be_focused()
    await wang.locator("#erase-open").click()
    await expect(wang.locator("#erase-which")).to_contain_text("收据.png")
    await wang.locator("#erase-reason").fill("另一位顾客的证件")
    await wang.locator("#erase-send").click()
    await expect(wang.locator("#case-attachments")).to_contain_text("已删除")
    await expect(wang.locator("[name='/body']").first).to_have_value("写到一半的备注")
    assert faults == []


async def test_a_page_of_trouble_about_a_case_leads_back_to_it(site: Site) -> None:
    number = await a_case(site)
    wrong = await site["liu.yang"].get(f"/cases/{number}/rewind/-1")
    assert elements(wrong.text, f"//main//a[@href='/cases/{number}']")
    none = await site["liu.yang"].get("/cases/TS0/rewind/-1")
    assert not elements(none.text, "//main//a[starts-with(@href, '/cases/')]")
