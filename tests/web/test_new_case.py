"""A case typed in on a page: the customer found, what it may repeat shown, started once."""

import re
from itertools import count
from typing import Any

import pytest
from lxml import html

from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")

_numbers = count(13900000000, 10**4)


def fields(text: str) -> dict[str, str]:
    """Return the fields of the form on a page, as a browser would post them.

    A browser drops the line feed that a text begins with.
    """
    form = elements(html.fromstring(text), "//form[@id='new-case']")[0]
    return {str(name): str(value or "").removeprefix("\n") for name, value in form.form_values()}


def elements(page: Any, path: str) -> list[Any]:
    """Return the elements that an XPath finds."""
    return list(page.xpath(path))


async def typed(site: Site, kind: str = "complaint", **more: str) -> dict[str, str]:
    page = await site["chen.min"].get(f"/cases/new/{kind}")
    assert page.status_code == 200, page.text
    return {**fields(page.text), **more}


async def test_a_case_is_started_from_the_page(site: Site) -> None:
    phone = str(next(_numbers))
    form = await typed(site)
    form |= {
        "/form/words": "冰箱不制冷,\r\n里面的菜都坏了。",
        "/customer/name": "王小明",
        "/customer/contacts/0/value": phone,
        "/order": "D-1",
    }
    answer = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert answer.status_code == 303, answer.text
    number = answer.headers["location"].removeprefix("/cases/")
    case = (await site.callers["chen.min"].get(f"/v1/cases/{number}")).json()
    assert case["words"] == "冰箱不制冷,\n里面的菜都坏了。"
    assert case["customer"]["name"] == "王小明"
    assert case["customer"]["contacts"] == [{"kind": "phone", "value": phone}]
    assert (case["case"]["channel"], case["case"]["order"]) == ("phone", "D-1")
    again = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert again.headers["location"] == answer.headers["location"]


async def test_the_clocks_start_when_the_customer_raised_it(site: Site) -> None:
    form = await typed(site, **{"/form/words": "昨天就打过电话。"})
    form["/received_at"] = "2099-01-01T10:00"
    answer = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert answer.status_code == 422
    assert "2099-01-01T10:00" in answer.text
    assert "昨天就打过电话。" in answer.text


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(site: Site) -> None:
    form = await typed(site, **{"/customer/name": "王小明", "/order": "x" * 500})
    answer = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert answer.status_code == 422
    told = fields(answer.text)
    assert told["/customer/name"] == "王小明"
    assert told["/order"] == "x" * 500
    assert told["request"] == form["request"]
    page = html.fromstring(answer.text)
    assert [each.get("name") for each in elements(page, "//*[@aria-invalid='true']")] == ["/order"]
    answer = await site["chen.min"].post("/cases/new/complaint", data={**form, "/order": ""})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    wrong = [each.get("name") for each in elements(page, "//*[@aria-invalid='true']")]
    assert wrong == ["/form/words"]


async def test_the_customer_is_found_while_one_types(site: Site) -> None:
    phone = str(next(_numbers))
    number = await site.callers.complaint(
        customer={"name": "欧阳询", "contacts": [{"kind": "phone", "value": phone}]}
    )
    found = await site["chen.min"].get(
        "/customers", params={"/customer/contacts/0/value": phone[:7], "kind": "complaint"}
    )
    assert "欧阳询" in found.text
    assert number in found.text
    by_name = await site["chen.min"].get("/customers", params={"/customer/name": "欧阳"})
    assert phone in by_name.text
    button = elements(html.fromstring(found.text), "//button[@hx-get]")[0]
    taken = await site["chen.min"].get(button.get("hx-get"))
    assert taken.headers["hx-trigger"] == "customer-taken"
    ref = elements(html.fromstring(taken.text), "//input[@name='/customer/ref']")[0].value
    repeated = await site["chen.min"].get("/duplicates", params={"/customer/ref": ref})
    assert number in repeated.text
    form = await typed(site, **{"/form/words": "又坏了", "/customer/ref": ref})
    for name in [
        each for each in form if each.startswith("/customer/") and each != "/customer/ref"
    ]:
        del form[name]
    started = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert started.status_code == 303, started.text
    assert (await site["chen.min"].get("/duplicates", params={"/order": "\0"})).status_code == 200


async def test_it_is_started_and_claimed_at_once_and_only_once(site: Site) -> None:
    form = await typed(site, **{"/form/words": "空调漏水。", "claim": "1"})
    started = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert started.status_code == 303, started.text
    number = started.headers["location"].removeprefix("/cases/")
    for _ in range(2):
        case = (await site.callers["chen.min"].get(f"/v1/cases/{number}")).json()
        assert case["case"]["assignee"] == "chen.min"
        again = await site["chen.min"].post("/cases/new/complaint", data=form)
        assert again.headers["location"] == started.headers["location"]
    history = (await site.callers["chen.min"].get(f"/v1/cases/{number}/history")).json()
    assert [each["type"] for each in history["items"]].count("claimed") == 1


async def test_what_cannot_be_claimed_is_started_all_the_same_and_the_page_says_so(
    site: Site,
) -> None:
    page = await site["root"].get("/cases/new/complaint")
    assert "start-and-claim" not in page.text
    assert "start-and-claim" in (await site["chen.min"].get("/cases/new/complaint")).text
    form = {**fields(page.text), "/form/words": "客户当面说的。", "claim": "1"}
    started = await site["root"].post("/cases/new/complaint", data=form)
    target = started.headers["location"]
    assert target.endswith("?unclaimed=1")
    assert "工单已建好，但未能领取" in (await site["root"].get(target)).text
    case = (await site.callers["chen.min"].get(f"/v1{target.partition('?')[0]}")).json()
    assert case["case"]["assignee"] is None


async def test_a_parent_that_there_is_not_is_named(site: Site) -> None:
    form = await typed(site, **{"/form/words": "电视有裂纹。", "/parent": "TS999"})
    answer = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert answer.status_code == 422
    assert "没有工单 TS999。" in answer.text


async def test_the_parent_is_found_and_taken(site: Site) -> None:
    number = await site.callers.complaint(order="D-parent-7")
    visitor = site["chen.min"]
    by_number = await visitor.get("/cases/new/repair/parents", params={"/parent": number})
    assert number in by_number.text
    found = await visitor.get("/cases/new/repair/parents", params={"/parent": "D-parent-7"})
    assert number in found.text
    buttons = elements(html.fromstring(found.text), "//button[@hx-get]")
    taken = await visitor.get(buttons[0].get("hx-get"))
    page = html.fromstring(taken.text)
    (field,) = elements(page, "//input[@name='/parent']")
    assert field.value == number
    assert number in elements(page, "//*[@id='parent-found']")[0].text_content()
    for text, told in (
        ("D-nothing-at-all", "没有找到工单"),
        (f"{number[:-1]}x", ""),
        ("x" * 999, ""),
    ):
        answer = await visitor.get("/cases/new/repair/parents", params={"/parent": text})
        assert answer.status_code == 200
        assert told in answer.text
        assert number not in answer.text
    assert (await visitor.get("/cases/new/nothing/parents")).status_code == 404


async def test_nothing_is_marked_as_required_that_may_be_left_blank(site: Site) -> None:
    page = html.fromstring((await site["chen.min"].get("/cases/new/complaint")).text)
    required = [each.get("name") for each in elements(page, "//form[@id='new-case']//*[@required]")]
    assert required == ["/form/words", "/channel"]
    marked = elements(page, "//form[@id='new-case']//*[@class='required-mark']")
    assert len(marked) == len(required)


async def test_one_more_contact_is_typed_without_losing_anything(site: Site) -> None:
    form = await typed(site, **{"/form/words": "坏了", "_add": "/customer/contacts"})
    answer = await site["chen.min"].post("/cases/new/complaint", data=form)
    assert answer.status_code == 200
    told = fields(answer.text)
    assert told["/form/words"] == "坏了"
    assert "/customer/contacts/1/value" in told


@pytest.mark.parametrize("kind", ["complaint", "inquiry", "repair", "returns"])
async def test_every_kind_has_its_form(site: Site, kind: str) -> None:
    english = {
        "Cookie": "; ".join([f"{n}={v}" for n, v in site["chen.min"].cookies.items()] + ["lang=en"])
    }
    page = await site["chen.min"].get(f"/cases/new/{kind}", headers=english)
    assert page.status_code == 200
    assert not re.search(r"[\u4e00-\u9fff]", page.text.replace("办结", "").replace("中文", ""))


async def test_only_those_who_start_cases_may(site: Site) -> None:
    assert (await site["nobody"].get("/cases/new")).status_code == 303
    assert (await site["chen.min"].get("/cases/new/nothing")).status_code == 404
