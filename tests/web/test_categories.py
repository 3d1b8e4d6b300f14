"""Categories of a policy on a case's page and in the API: choices, names, the playbook."""

import pytest

from tests.support.categories import publish_categories
from tests.web.cases import HTMX, a_case, details, elements, send, text_of, typed_in
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")

VERSION = publish_categories()
ENGLISH = {"Accept-Language": "en"}


async def test_the_page_offers_names_and_explains_the_categories_of_the_policy(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await a_case(site, upto="investigating")
    monkeypatch.setattr(site.callers.app.state.services, "policy_version", VERSION)
    number = await a_case(site)
    await site.callers.step(number, "accept")
    page = (await site["liu.yang"].get(f"/cases/{number}/steps/classify", headers=HTMX)).text
    field = "//*[@id='step-form-category']"
    choices = elements(page, f"{field}//option|{field}//label")
    names = [each.text_content().strip() for each in choices]
    assert [name for name in names if name] == ["产品质量", "电池问题", "服务", "杂项"]
    form = typed_in(page, "step-form") | {"/category": "battery", "/severity": "minor"}
    wrong = await send(site, number, "classify", {**form, "/subcategory": "of_nobody"})
    assert wrong.status_code == 422, text_of(wrong.text)
    assert "该类别没有这个子类别" in text_of(wrong.text, "step-form")
    sent = await send(site, number, "classify", {**form, "/subcategory": "swollen"})
    assert sent.status_code == 200, sent.text
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert "电池问题" in text_of(page, "case-head")
    book = text_of(page, "case-playbook")
    for words in ("先请顾客停止使用。", "已请顾客断电", "建议方案", "免费更换电池。"):
        assert words in book, words
    assert "鼓包" in page
    shown = await details(site, number)
    assert shown["guidance"] == {
        "category": "battery",
        "label": "Battery",
        "text": "First have the customer stop using it.",
        "solution": "A new battery at no cost.",
    }
    kept = (await site["liu.yang"].get(f"/cases/{old}")).text
    assert "产品质量" in text_of(kept, "case-head")


async def test_the_form_says_by_which_words_something_is_proposed(site: Site) -> None:
    words = "刚买两天就死机，客服没人理"
    number = await site.callers.complaint(by="chen.min", channel="phone", form={"words": words})
    await site.callers.step(number, "accept")
    page = (await site["liu.yang"].get(f"/cases/{number}/steps/classify", headers=HTMX)).text
    said = [each.text_content() for each in elements(page, "//*[@id='proposal-reasons']/li")]
    assert said == ["类别：产品质量 (死机)", "严重程度：中度 (死机、没人理)"]
    reasons = (await details(site, number))["proposal_reasons"]
    assert [(each["field"], each["value"]) for each in reasons] == [
        ("category", "product_quality"),
        ("severity", "moderate"),
        ("urgency", "normal"),
    ]
    sorts = {"category": "product_quality", "severity": "minor"}
    await site.callers.step(number, "classify", sorts)
    assert (await details(site, number))["proposal_reasons"] == []
