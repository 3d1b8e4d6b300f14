"""Orders over HTTP: handed in, read, imported whole or not at all, and named by a start."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.api.callers import WORDS, Callers, new_case
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

_drawn = count(1)
PHONE: dict[str, Any] = {
    "line": "1", "product": "P-100", "name": "手机", "quantity": 2, "unit_price": "1999.00",
    "delivered_on": "2026-03-01", "serials": ["SN-1", "SN-2"],
}  # fmt: skip
CABLE = {"line": "2", "product": "C-7", "unit_price": "19.90"}
HEADING = "order,channel,line,product,quantity,unit_price,serials\n"


def new_id() -> str:
    return f"SO-T{next(_drawn)}"


def phone(id: str) -> dict[str, Any]:
    """Return a line whose serial numbers no other order of the tests has."""
    return {**PHONE, "serials": [f"{id}-A", f"{id}-B"]}


async def put(callers: Callers, *lines: dict[str, Any], by: str = "shop", **more: Any) -> str:
    id = new_id()
    body = {"lines": lines or [phone(id)], "channel": "app", **more}
    answer = await callers[by].put(f"/v1/orders/{id}", json=body)
    assert answer.status_code == 200, answer.text
    return id


async def imported(callers: Callers, text: str, **params: Any) -> httpx.Response:
    return await callers["shop"].post(
        "/v1/orders:import",
        content=text.encode(),
        params=params,
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )


async def started(callers: Callers, by: str = "shop", **more: Any) -> httpx.Response:
    body = new_case(kind="returns", form={"words": WORDS, "wish": "refund"}, **more)
    return await callers[by].post("/v1/cases", json=body)


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


async def test_an_order_is_handed_in_and_read(callers: Callers) -> None:
    id = await put(callers, currency="CNY", placed_on="2026-02-27")
    for by, spelt in (("shop", id), ("liu.yang", id.lower()), ("root", id)):
        order = (await callers[by].get(f"/v1/orders/{spelt}")).json()
        assert (order["id"], order["source"], order["placed_on"]) == (id, "shop", "2026-02-27")
        assert [each["unit_price"] for each in order["lines"]] == ["1999.00"]


async def test_who_may(callers: Callers) -> None:
    id = await put(callers)
    assert (await callers["app"].get(f"/v1/orders/{id}")).status_code == 404
    body = {"lines": [CABLE]}
    for by, status in (("liu.yang", 403), ("zhou.hang", 403), ("root", 200), ("nobody", 401)):
        assert (await callers[by].put(f"/v1/orders/{id}", json=body)).status_code == status
    refused = await callers["liu.yang"].post("/v1/orders:import", content=b"x",
                                             headers={"Content-Type": "text/csv"})  # fmt: skip
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("lines", "pointer", "code"),
    [
        ([], "/lines", "too_short"),
        ([{**PHONE, "quantity": 0}], "/lines/0/quantity", "greater_than_equal"),
        ([{**PHONE, "quantity": "2"}], "/lines/0/quantity", "int_type"),
        ([{**PHONE, "quantity": 1}], "/lines/0/serials", "more_serials"),
        ([{**PHONE, "unit_price": "-1"}], "/lines/0/unit_price", "string_pattern_mismatch"),
        ([{**PHONE, "unit_price": "1.999"}], "/lines/0/unit_price", "currency_decimals"),
        ([PHONE, {**CABLE, "line": "１"}], "/lines/1/line", "repeated"),
        ([{**PHONE, "serials": ["a", "A"]}], "/lines/0/serials/1", "repeated"),
        ([{**PHONE, "name": "a\nb"}], "/lines/0/name", "control_characters"),
        ([{**PHONE, "colour": "red"}], "/lines/0/colour", "extra_forbidden"),
    ],
)
async def test_what_is_no_order_is_refused(
    callers: Callers, lines: list[dict[str, Any]], pointer: str, code: str
) -> None:
    answer = await callers["shop"].put(f"/v1/orders/{new_id()}", json={"lines": lines})
    assert (pointer, code) in faults(answer)


async def test_what_is_still_to_come_was_not_delivered(callers: Callers) -> None:
    id, today = new_id(), datetime.now(ZoneInfo("Asia/Shanghai")).date()
    days = [(today + timedelta(days=more)).isoformat() for more in (-1, 2)]
    lines = [{**CABLE, "line": f"{n}", "delivered_on": day} for n, day in enumerate(days)]
    answer = await callers["shop"].put(f"/v1/orders/{id}", json={"lines": lines})
    assert faults(answer) == [("/lines/1/delivered_on", "day_in_the_future")]
    text = "order,line,product,delivered_on\n" + "".join(f"{id},{day},C-7,{day}\n" for day in days)
    for dry_run in (True, False):
        answer = await imported(callers, text, dry_run=dry_run)
        assert faults(answer) == [("/3/delivered_on", "day_in_the_future")]
    assert (await callers["shop"].get(f"/v1/orders/{id}")).status_code == 404
    await put(callers, lines[0])


async def test_a_file_is_tried_and_written(callers: Callers) -> None:
    known, new = await put(callers), new_id()
    text = (
        f"\ufeff{HEADING}{known},app,1,P-1,2,10.00,{known}-X {known}-Y\n"
        f"{new},shop,1,P-1,1,5,\n\n{new},,2,P-2,,,\n"
    )
    for dry_run, status in ((True, 404), (False, 200)):
        done = (await imported(callers, text, dry_run=dry_run)).json()
        assert (done["dry_run"], done["orders"]) == (dry_run, 2)
        rows = [
            (each["row"], each["order"], each["line"], each["outcome"]) for each in done["rows"]
        ]
        assert rows == [
            (2, known, "1", "replaced"), (3, new, "1", "added"), (5, new, "2", "added"),
        ]  # fmt: skip
        assert (await callers["shop"].get(f"/v1/orders/{new}")).status_code == status
    read = await callers["shop"].get(f"/v1/orders/{new}")
    assert [each["product"] for each in read.json()["lines"]] == ["P-1", "P-2"]


async def test_of_a_file_with_a_wrong_row_nothing_is_written(callers: Callers) -> None:
    good, bad = new_id(), new_id()
    text = f"{HEADING}{good},app,1,P-1,1,1,\n{bad},app,1,P 1,zwei,1,\n{bad},web,2,P-1,1,x,\n"
    assert faults(await imported(callers, text)) == [
        ("/3/product", "string_pattern_mismatch"),
        ("/3/quantity", "int_type"),
        ("/4/channel", "differs"),
        ("/4/unit_price", "string_pattern_mismatch"),
    ]
    assert (await callers["shop"].get(f"/v1/orders/{good}")).status_code == 404


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("order,line\n", ("/1", "missing_column")),
        ("order,line,product,colour\nA,1,P,red\n", ("/1", "unknown_column")),
        ("order,line,product,line\nA,1,P,2\n", ("/1", "column_twice")),
        (HEADING, ("/1", "no_rows")),
        (f"{HEADING}A,app\n", ("/2", "other_cells")),
        (f'{HEADING}A,app,1,"P,1,1,\n', ("/2", "csv_unreadable")),
        (f"{HEADING}张 三,app,1,P,1,1,\n", ("/2/order", "string_pattern_mismatch")),
    ],
)
async def test_what_is_no_file_of_orders_is_refused(
    callers: Callers, text: str, fault: tuple[str, str]
) -> None:
    assert fault in faults(await imported(callers, text))


async def test_a_file_is_text_of_utf_8(callers: Callers) -> None:
    for content, media_type, status in (
        (b"\xff\xfe", "text/csv", 400),
        (b"{}", "application/json", 415),
    ):
        answer = await callers["shop"].post(
            "/v1/orders:import", content=content, headers={"Content-Type": media_type}
        )
        assert answer.status_code == status, answer.text


async def test_a_start_names_lines_and_has_the_goods_of_that_moment(callers: Callers) -> None:
    id = new_id()
    await callers["shop"].put(
        f"/v1/orders/{id}", json={"lines": [phone(id), CABLE], "channel": "app"}
    )
    lines = [{"line": "1", "serials": [f"{id.lower()}-b"]}, {"line": "2"}]
    answer = await started(callers, order=id.lower(), lines=lines)
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    assert answer.json()["case"]["order"] == id
    await callers["shop"].put(f"/v1/orders/{id}", json={"lines": [CABLE]})
    case = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    assert [(each["line"], each["quantity"], each["ordered"], each["serials"])
            for each in case["goods"]] == [("1", 1, 2, [f"{id}-B"]), ("2", 1, 1, [])]  # fmt: skip
    assert case["goods"][0]["unit_price"] == {"amount": "1999.00", "currency": "CNY"}
    assert case["goods"][0]["channel"] == "app"
    assert [(each["line"], each["place"]) for each in case["units"]] == [("1", 1), ("2", 1)]


async def test_an_order_of_one_line_is_meant_whole(callers: Callers) -> None:
    id = await put(callers)
    number = (await started(callers, order=id)).json()["number"]
    case = (await callers["shop"].get(f"/v1/cases/{number}")).json()
    assert [(each["quantity"], each["serials"]) for each in case["goods"]] == [
        (2, [f"{id}-A", f"{id}-B"])
    ]
    several = await put(callers, {**PHONE, "serials": []}, CABLE)
    number = (await started(callers, order=several)).json()["number"]
    assert (await callers["shop"].get(f"/v1/cases/{number}")).json()["goods"] == []


@pytest.mark.parametrize(
    ("line", "pointer", "code", "params"),
    [
        ({"line": "3"}, "/lines/0/line", "unknown_line", {"lines": ["1", "2"]}),
        ({"line": "1", "quantity": 3}, "/lines/0/quantity", "too_many_units", {"max": 2}),
        ({"line": "1", "serials": ["X"]}, "/lines/0/serials/0", "unknown_serial", None),
        (
            {"line": "2", "serials": ["X"]},
            "/lines/0/serials/0",
            "unknown_serial",
            {"serials": ["-"]},
        ),
        ({"line": "1", "quantity": 0}, "/lines/0/quantity", "greater_than_equal", None),
    ],
)
async def test_what_an_order_does_not_have_is_refused(
    callers: Callers, line: dict[str, Any], pointer: str, code: str, params: Any
) -> None:
    id = await put(callers, PHONE | {"serials": []}, CABLE)
    answer = await started(callers, order=id, lines=[line])
    assert faults(answer) == [(pointer, code)]
    if params:
        assert answer.json()["errors"][0]["params"] == params


async def test_lines_need_an_order_that_is_known(callers: Callers) -> None:
    lines = [{"line": "1"}]
    assert faults(await started(callers, lines=lines)) == [("/order", "lines_without_order")]
    unknown = await started(callers, order=new_id(), lines=lines)
    assert faults(unknown) == [("/order", "unknown_order")]
    assert (await started(callers, order=new_id())).status_code == 201, "as ever"
    id = await put(callers)
    twice = await started(callers, order=id, lines=[{"line": "1"}, {"line": "１"}])
    assert ("/lines/1/line", "repeated") in faults(twice)


async def test_a_serial_number_is_no_order(callers: Callers) -> None:
    serial = f"SN-{new_id()}"
    id = await put(callers, {**PHONE, "quantity": 1, "serials": [serial]}, CABLE)
    answer = await started(callers, order=serial)
    assert faults(answer) == [("/order", "serial_of_order")]
    assert answer.json()["errors"][0]["params"] == {"orders": [id]}
    # A system is not told of an order that it did not hand in.
    body = new_case(kind="returns", order=serial, form={"words": "坏了"})
    assert (await callers["app"].post("/v1/cases", json=body)).status_code == 201


async def test_a_unit_is_in_one_open_case(callers: Callers) -> None:
    id = await put(callers)
    first = (await started(callers, order=id, lines=[{"line": "1", "quantity": 1}])).json()[
        "number"
    ]
    second = (await started(callers, order=id, lines=[{"line": "1", "quantity": 1}])).json()[
        "number"
    ]
    third = await started(callers, order=id, lines=[{"line": "1", "quantity": 1}])
    assert (third.status_code, third.json()["code"]) == (409, "unit_in_case")
    assert third.json()["params"]["cases"] == sorted((first, second))
    assert first in third.json()["detail"]
    hidden = await started(callers, by="app", order=id)
    assert hidden.json()["params"]["cases"] == []
    assert first not in hidden.text
    assert second not in hidden.text
    complaint = new_case(order=id, lines=[{"line": "1"}])
    assert (await callers["shop"].post("/v1/cases", json=complaint)).status_code == 201


async def test_closing_frees_units_and_reopening_claims_them(callers: Callers) -> None:
    id = await put(callers)
    first = (await started(callers, order=id)).json()["number"]
    withdrawn = await callers["shop"].post(
        f"/v1/cases/{first}/steps/withdraw", json={"reason": "Found it."}
    )
    assert withdrawn.status_code == 200, withdrawn.text
    second = await started(callers, order=id)
    assert second.status_code == 201, second.text
    assert (await started(callers, order=id)).status_code == 409


async def test_cases_are_found_by_their_goods(callers: Callers) -> None:
    id = new_id()
    line = phone(id) | {"product": f"P-{id}"}
    await callers["shop"].put(f"/v1/orders/{id}", json={"lines": [line]})
    number = (await started(callers, order=id)).json()["number"]
    for query in ({"product": f"p-{id}"}, {"serial": f"{id}-a"}, {"order": id}):
        found = (await callers["liu.yang"].get("/v1/cases", params=query)).json()["items"]
        assert [each["number"] for each in found] == [number], query
    nothing = await callers["liu.yang"].get("/v1/cases", params={"serial": f"{id}-c"})
    assert nothing.json()["items"] == []


async def test_a_case_that_goes_on_for_another_has_its_goods(callers: Callers) -> None:
    id = await put(callers)
    asked = new_case(kind="inquiry", order=id, lines=[{"line": "1", "quantity": 1}])
    number = (await callers["shop"].post("/v1/cases", json=asked)).json()["number"]
    steps = [{"step": "accept"}, {"step": "classify", "form": {"category": "after_sales"}}]
    done = await callers["chen.min"].post(f"/v1/cases/{number}/steps", json={"steps": steps})
    assert done.status_code == 200, done.text
    await callers.step(number, "claim", by="zhang.qian")
    await callers.step(number, "convert", {"kind": "returns"}, by="zhang.qian")

    children: list[str] = []

    async def has_child() -> bool:
        case = (await callers["chen.min"].get(f"/v1/cases/{number}")).json()
        children[:] = [each["number"] for each in case["children"]]
        return bool(children)

    await until(has_child)
    (child,) = children
    goods = (await callers["chen.min"].get(f"/v1/cases/{child}")).json()["goods"]
    assert [(each["line"], each["quantity"]) for each in goods] == [("1", 1)]
    assert len(await callers.store.unit_claims.of("default", child)) == 1


async def test_a_repair_that_names_only_the_serial_finds_its_order(callers: Callers) -> None:
    serial = f"SN-{new_id()}"
    line = {**PHONE, "serials": [f"{serial}-A", f"{serial}-B"], "warranty_until": "2030-01-01"}
    id = await put(callers, line, CABLE)

    async def start(serial: str, **more: Any) -> httpx.Response:
        body = new_case(kind="repair", form={"words": WORDS, "serial": serial}, **more)
        return await callers["shop"].post("/v1/cases", json=body)

    other = (await start(f"{serial}-a", product="P-200")).json()["case"]
    assert other["order"] is None, "a serial number of another product"
    answer = await start(f"{serial}-a", product="p-100")
    assert answer.status_code == 201, answer.text
    case = answer.json()["case"]
    assert case["order"] == id
    (opened,) = (
        await callers["liu.yang"].get(f"/v1/cases/{case['number']}/history?limit=1")
    ).json()["items"]
    (goods,) = opened["form"]["goods"]
    assert goods["serials"] == [f"{serial}-A"]
    assert (goods["quantity"], goods["warranty_until"]) == (1, "2030-01-01")
    again = await start(f"{serial}-A")
    assert (again.status_code, again.json()["code"]) == (409, "unit_in_case")
    returned = await started(callers, order=id, lines=[{"line": "1", "serials": [f"{serial}-a"]}])
    assert returned.json()["code"] == "unit_in_case"
    assert (await start(f"{serial}-B")).json()["case"]["order"] == id
    assert (await start(f"{serial}-C")).json()["case"]["order"] is None
