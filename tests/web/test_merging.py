"""Possible duplicates on the page of a case, merging from there, and what the other page shows."""

from typing import Any

import pytest

from tests.support.files import PNG
from tests.web.cases import HTMX, details, elements, opened, send, text_of, typed_in
from tests.web.site import Site, colleague

pytestmark = pytest.mark.xdist_group("web")

WORDS = "收到的平板屏幕碎了，要求赔偿。"
SORT = {"category": "service_attitude", "severity": "minor"}


async def twins(site: Site, order: str) -> tuple[str, str]:
    """Return two complaints about one order of one customer, both held by liu.yang."""
    contacts = [{"kind": "phone", "value": f"1380000{len(order):04}"}]
    customer = {"name": f"周平 {order}", "contacts": contacts}
    given: dict[str, Any] = {"customer": customer, "order": order, "form": {"words": WORDS}}
    numbers = [await site.callers.complaint("shop", **given) for _ in range(2)]
    for number in numbers:
        await site.callers.step(number, "accept", by="chen.min")
        await site.callers.step(number, "classify", SORT, by="chen.min")
        await site.callers.step(number, "claim", by="liu.yang")
    return numbers[1], numbers[0]


async def test_a_duplicate_is_shown_with_why_and_merged(site: Site) -> None:
    second, first = await twins(site, "MERGE-1")
    page = (await site["liu.yang"].get(f"/cases/{second}")).text
    [place] = elements(page, "//*[@id='case-duplicates']")
    part = (await site["liu.yang"].get(place.get("hx-get"), headers=HTMX)).text
    assert first in part
    assert "客户、订单、描述相近" in part
    [button] = elements(part, f"//*[@id='merge-into-{first}']")
    form = await site["liu.yang"].get(button.get("hx-get"), headers=HTMX)
    fields = typed_in(form.text, "step-form")
    assert fields["/into"] == first
    assert "客户可能收到通知" in form.text or "btn-customer" in form.text
    answer = await send(site, second, "merge_into", fields | {"/reason": "同一件事"})
    assert answer.status_code == 200, answer.text
    merged = (await site["liu.yang"].get(f"/cases/{second}")).text
    assert "已合并" in text_of(merged, "case-head")
    assert first in text_of(merged, "merged-into")
    assert not elements(merged, "//*[@id='case-duplicates']"), "it is looked for no more"
    assert (await details(site, second))["merged_into"] == first


async def test_the_page_of_the_other_case_tells_both_stories(site: Site) -> None:
    second, first = await twins(site, "MERGE-22")
    note = {"body": "客户还寄来了照片。", "visibility": "internal"}
    await site.callers["liu.yang"].post(f"/v1/cases/{second}/comments", json=note)
    form = await opened(site, second, "merge_into")
    typed = {"/into": first, "/reason": "同一件事"}
    answer = await send(site, second, "merge_into", form | typed)
    assert answer.status_code == 200, answer.text
    page = (await site["liu.yang"].get(f"/cases/{first}")).text
    timeline = text_of(page, "timeline")
    assert note["body"] in timeline
    assert f"来自 {second}" in timeline
    assert second in text_of(page, "case-linked")
    own = elements(page, f"//*[@id='{second}-entry-1']")
    assert len(own) == 1, "the entries of the merged case are among them"
    assert not elements(page, f"//*[@id='{second}-entry-1']//a[@class='rewind-link']")
    older = await site["liu.yang"].get(f"/cases/{first}/timeline?show=notes", headers=HTMX)
    assert note["body"] in older.text
    assert f"由并入的 {second} 承诺" not in page, "the case that goes on promised it earlier"
    back = await opened(site, second, "unmerge")
    undone = await send(site, second, "unmerge", back | {"/reason": "两件事"})
    assert undone.status_code == 200, undone.text
    page = (await site["liu.yang"].get(f"/cases/{first}")).text
    assert note["body"] not in text_of(page, "timeline")
    assert "解除并入" in text_of(page, "timeline")


async def test_the_case_that_goes_on_has_the_files_and_names_who_merged(site: Site) -> None:
    second, first = await twins(site, "MERGE-55555")
    for number, name in ((first, "收据.png"), (second, "照片 1.png")):
        path, given = f"/v1/cases/{number}/attachments", {"name": name, "note": f"见{name}"}
        sent = await site.callers["liu.yang"].post(path, content=PNG, params=given)
        assert sent.status_code == 201, sent.text
    async with colleague(site, "lin.xia", "林夏", "lead") as lin:
        form = typed_in((await lin.get(f"/cases/{second}/steps/merge_into")).text, "step-form")
        typed = {**form, "/into": first, "/reason": "同一件事"}
        answer = await lin.post(f"/cases/{second}/steps/merge_into", data=typed, headers=HTMX)
        assert answer.status_code == 200, answer.text
    page = (await site["liu.yang"].get(f"/cases/{first}")).text
    card = text_of(page, "case-attachments")
    assert "照片 1.png" in card
    assert f"来自 {second}" in card
    for place in ("case-attachments", "timeline"):
        links = elements(page, f"//*[@id='{place}']//a[@download]")
        paths = {link.text_content(): link.get("href") for link in links}
        assert {paths[name].split("/")[2] for name in ("收据.png",)} == {first}
        assert paths["照片 1.png"].startswith(f"/cases/{second}/attachments/")
        for path in paths.values():
            assert (await site["liu.yang"].get(path)).content == PNG
    [line] = [each for each in elements(page, "//li") if "并入工单" in each.text_content()]
    assert "林夏" in line.text_content()
    assert "自动派单" not in line.text_content()
    seq = (await details(site, first))["case"]["last_seq"]
    history = (await site["root"].get(f"/ops/cases/{first}?seq={seq}")).text
    assert "自动派单（代林夏）" in history, "there it says that the person did it elsewhere"


async def test_what_is_refused_is_said_in_the_form(site: Site) -> None:
    second, first = await twins(site, "MERGE-333")
    inquiry = await site.callers.complaint("shop", kind="inquiry", form={"words": WORDS})
    form = await opened(site, second, "merge_into")
    answer = await send(site, second, "merge_into", form | {"/into": inquiry, "/reason": "x"})
    assert answer.status_code == 409
    assert "只能合并同类工单" in answer.text
    missing = {"/into": "TS202603024829107", "/reason": "x"}
    answer = await send(site, second, "merge_into", form | missing)
    assert answer.status_code == 422
    assert (await details(site, second))["case"]["state"] == "investigating"
    assert first


async def test_a_clock_says_which_case_promised_it_first(site: Site) -> None:
    later, earlier = await twins(site, "MERGE-4444")
    form = await opened(site, earlier, "merge_into")
    answer = await send(site, earlier, "merge_into", form | {"/into": later, "/reason": "同一件事"})
    assert answer.status_code == 200, answer.text
    page = (await site["liu.yang"].get(f"/cases/{later}")).text
    assert f"由并入的 {earlier} 承诺" in text_of(page, "case-clocks")
