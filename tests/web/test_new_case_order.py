"""The order of a new case on its page: its lines are seen, ticked, and kept with the case."""

from itertools import count
from typing import Any

import pytest
from lxml import html

from tests.web.site import Site
from tests.web.test_new_case import elements, fields

pytestmark = pytest.mark.xdist_group("web")

_drawn = count(1)
KETTLE = {"line": "1", "product": "K-1", "name": "电水壶", "quantity": 3, "unit_price": "99.00"}
MUG = {"line": "2", "product": "M-1", "name": "马克杯", "unit_price": "19.00"}


async def put(site: Site, *lines: dict[str, Any]) -> str:
    id = f"PG-{next(_drawn)}"
    body = {"lines": [{**line, "product": f"{id}-{line['product']}"} for line in lines]}
    answer = await site.callers["shop"].put(f"/v1/orders/{id}", json=body)
    assert answer.status_code == 200, answer.text
    return id


async def lines_shown(site: Site, text: str) -> Any:
    answer = await site["chen.min"].get("/cases/new/returns/order", params={"/order": text})
    assert answer.status_code == 200, answer.text
    return html.fromstring(f"<div>{answer.text}</div>")


async def typed(site: Site, **more: str) -> dict[str, Any]:
    page = await site["chen.min"].get("/cases/new/returns")
    return {**fields(page.text), "/form/words": "不合适。", "/form/wish": "refund", **more}


async def started(site: Site, form: dict[str, Any]) -> Any:
    answer = await site["chen.min"].post("/cases/new/returns", data=form)
    assert answer.status_code == 303, answer.text
    number = answer.headers["location"].removeprefix("/cases/")
    return (await site.callers["chen.min"].get(f"/v1/cases/{number}")).json()


async def test_the_lines_of_an_order_are_shown_and_ticked(site: Site) -> None:
    id = await put(site, KETTLE, MUG)
    shown = await lines_shown(site, id.lower())
    assert [each.get("value") for each in shown.xpath("//input[@type='checkbox']")] == ["1", "2"]
    assert "电水壶" in shown.text_content()
    form = await typed(site, **{"/order": id, "/lines/0/line": "1", "/lines/0/quantity": "2",
                                "/lines/1/quantity": "1"})  # fmt: skip
    case = await started(site, form)
    assert [(each["line"], each["quantity"]) for each in case["goods"]] == [("1", 2)]
    page = await site["chen.min"].get(f"/cases/{case['case']['number']}")
    (card,) = elements(html.fromstring(page.text), "//section[@id='case-goods']")
    goods = card.text_content()
    assert goods.count("电水壶") == 2
    assert "99.00" in goods


async def test_what_is_wrong_with_a_line_is_told_beside_it(site: Site) -> None:
    id = await put(site, KETTLE, MUG)
    form = await typed(site, **{"/order": id, "/lines/0/line": "1", "/lines/0/quantity": "9"})
    answer = await site["chen.min"].post("/cases/new/returns", data=form)
    assert answer.status_code == 422
    page: Any = html.fromstring(answer.text)
    (line,) = page.xpath("//div[@class='order-line'][.//div[contains(@class, 'invalid-feedback')]]")
    assert "电水壶" in line.text_content()
    assert line.xpath(".//input[@name='/lines/0/line']/@checked")
    assert line.xpath(".//input[@name='/lines/0/quantity']/@value") == ["9"]


async def test_an_order_of_one_line_is_taken_and_units_are_ticked(site: Site) -> None:
    serials = [f"SN-P{next(_drawn)}-{n}" for n in range(2)]
    id = await put(site, {**KETTLE, "quantity": 2, "serials": serials})
    by_serial = await lines_shown(site, serials[0])
    assert f"order-field?id={id}" in html.tostring(by_serial, encoding="unicode")
    field = await site["chen.min"].get("/cases/new/returns/order-field", params={"id": id})
    assert elements(html.fromstring(field.text), "//input[@name='/order']/@value") == [id]
    form = await typed(site, **{"/order": id, "/lines/0/line": "1", "/lines/0/quantity": "2",
                                "/lines/0/serials": serials[1]})  # fmt: skip
    case = await started(site, form)
    assert [each["serials"] for each in case["goods"]] == [[serials[1]]]


async def test_a_unit_that_is_ticked_takes_its_line(site: Site) -> None:
    serial = f"SN-U{next(_drawn)}"
    id = await put(site, MUG, {**KETTLE, "line": "3", "quantity": 2, "serials": [serial]})
    form = await typed(site, **{"/order": id, "/lines/0/id": "2", "/lines/1/id": "3",
                                "/lines/1/quantity": "2", "/lines/1/serials": serial})  # fmt: skip
    goods = (await started(site, form))["goods"]
    assert [(each["line"], each["quantity"], each["serials"]) for each in goods] == [
        ("3", 1, [serial])
    ]


async def test_an_unknown_order_is_told_and_may_be_typed(site: Site) -> None:
    shown = await lines_shown(site, "NO-SUCH-ORDER")
    assert "没有这个订单" in shown.text_content()
    assert (await started(site, await typed(site, **{"/order": "NO-SUCH-ORDER"})))["goods"] == []
    assert not (await lines_shown(site, "")).text_content().strip()
    odd = await site["chen.min"].get("/cases/new/returns/order", params={"/order": "<b> %"})
    assert odd.status_code == 200


async def test_a_serial_number_is_no_order_and_its_order_is_offered(site: Site) -> None:
    serial = f"SN-T{next(_drawn)}"
    id = await put(site, MUG, {**KETTLE, "quantity": 1, "serials": [serial]})
    form = await typed(site, **{"/order": serial.lower()})
    answer = await site["chen.min"].post("/cases/new/returns", data=form)
    assert answer.status_code == 422
    page: Any = html.fromstring(answer.text)
    (field,) = page.xpath("//*[@id='order-field']")
    assert f"这是订单 {id} 中商品的序列号" in field.text_content()
    assert f"order-field?id={id}" in html.tostring(field, encoding="unicode")
    # The order itself, and what nobody knows, are taken as ever.
    assert (await started(site, await typed(site, **{"/order": id})))["goods"] == []
    unknown = f"{serial}-9"
    assert (await started(site, await typed(site, **{"/order": unknown})))["goods"] == []


async def test_search_finds_a_case_by_its_goods(site: Site) -> None:
    serial = f"SN-S{next(_drawn)}"
    id = await put(site, {**KETTLE, "quantity": 1, "serials": [serial]})
    case = await started(site, await typed(site, **{"/order": id, "/lines/0/line": "1"}))
    for text in (serial.lower(), f"{id}-k-1", id):
        page = await site["chen.min"].get("/search", params={"q": text})
        assert case["case"]["number"] in page.text, text


async def test_who_bears_the_freight_is_shown_though_nobody_said_it(site: Site) -> None:
    form = await typed(site, **{"/order": await put(site, {**MUG, "delivered_on": "2026-01-01"})})
    number = (await started(site, form))["case"]["number"]
    for step, what in (
        ("accept", {}),
        ("classify", {"category": "transport_damage"}),
        ("claim", {}),
        ("review", {"ground": "transport_damage", "damaged": True, "ruling": "refund"}),
    ):
        await site.callers.step(number, step, what)
    page = await site["chen.min"].get(f"/cases/{number}")
    (card,) = elements(html.fromstring(page.text), "//section[@id='case-goods']")
    assert "运费：商家承担" in card.text_content()
