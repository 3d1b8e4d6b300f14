"""The sample cases as data, and their making: what was raised, and how far each has come."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.core.client import parse_failure, parse_response, request_headers
from cli.core.exits import CommandFailed, Unavailable
from cli.core.i18n import translate
from cli.core.settings import Connection

Steps = tuple[tuple[str, dict[str, Any]], ...]

CHEN, LIU, ZHANG, ZHOU = "chen.min", "liu.yang", "zhang.qian", "zhou.hang"


@dataclass(frozen=True)
class Request:
    """Steps that one person, or the system for its customer, takes in one request."""

    by: str
    steps: Steps


@dataclass(frozen=True)
class Sample:
    """A case: its reference, the system that starts it, the body, and the requests since."""

    ref: str
    by: str
    body: dict[str, Any]
    requests: tuple[Request, ...] = field(default=())


def case(kind: str, channel: str, words: str, name: str = "", phone: str = "") -> dict[str, Any]:
    """Return the body of a start; without a phone the customer cannot be reached by us."""
    contacts = [{"kind": "phone", "value": phone}] if phone else []
    customer = {"customer": {"name": name, "contacts": contacts}} if name else {}
    return {"kind": kind, "channel": channel, "form": {"words": words}, **customer}


def sorted_as(category: str, **more: str) -> Steps:
    """Return the steps that accept and classify a case."""
    return ("accept", {}), ("classify", {"category": category, **more})


MINOR = {"severity": "minor"}
CLAIM: Steps = (("claim", {}),)
TAKEN = Request(CHEN, sorted_as("logistics", **MINOR)), Request(LIU, CLAIM)
ASKED = Request(CHEN, sorted_as("invoice")), Request(ZHANG, CLAIM)
FOUND: Steps = (
    ("investigate", {"cause": "logistics", "reasonable": True, "finding": "承运商压坏外箱。"}),
    ("propose", {"solution": "补发一台，并送一年延保。", "cost": {"amount": "89.00"}}),
)  # fmt: skip
DONE: Steps = (
    ("accept_solution", {"note": "客户电话里同意。"}),
    ("carry_out", {"done": "新机已发出，延保已登记。"}),
)
HAPPY: Steps = (("follow_up", {
    "reached": True, "solved": True, "satisfaction": "satisfied", "nps": 8,
}),)  # fmt: skip
ANSWERED: Steps = (("answer", {"answer": "电子发票已开，请在“我的订单”里下载。", "minutes": 5}),)
THANKED: Steps = (
    ("hand_on", {"department": "store-hangzhou"}),
    ("decide", {"adopted": True, "decision": "下月起每店设一个旧机回收台。"}),
)

SAMPLES = (
    Sample("sample-01", "feedback", case(
        "complaint", "review", "洗衣机用了三天就异响，客服说要等一周才有人上门。",
    )),
    Sample("sample-02", "shop-app", case(
        "complaint", "app", "说好的保价，降价第二天就不认了。", "周敏", "13800000002",
    ), (Request(CHEN, sorted_as("price", **MINOR)),)),
    Sample("sample-03", "shop-app", case(
        "complaint", "phone", "热水器漏水，地板泡坏了，有人差点滑倒受伤。", "吴磊", "13800000003",
    ), (
        Request(CHEN, sorted_as("product_quality", severity="serious", urgency="high")),
        Request(ZHOU, CLAIM),
    )),
    Sample("sample-04", "shop-app", case(
        "complaint", "app", "电视送到时外箱压坏，屏幕有一道裂纹。", "郑洁", "13800000004",
    ), (*TAKEN, Request(LIU, FOUND))),
    Sample("sample-05", "shop-app", case(
        "complaint", "wechat", "冰箱门送来就是凹的，要求换新。", "冯涛", "13800000005",
    ), (*TAKEN, Request(LIU, FOUND + DONE))),
    Sample("sample-06", "feedback", case(
        "complaint", "review", "快递把包装摔烂了，联系谁都不理。",
    ), (*TAKEN, Request(LIU, FOUND + DONE))),
    Sample("sample-07", "shop-app", case(
        "complaint", "chat", "空调外机少发了支架，安装师傅白跑一趟。", "蒋雪", "13800000007",
    ), (*TAKEN, Request(LIU, FOUND + DONE), Request(LIU, HAPPY))),
    Sample("sample-08", "shop-app", case(
        "inquiry", "chat", "请问上个月的订单怎么开票？", "韩冰", "13800000008",
    ), (*ASKED, Request(ZHANG, ANSWERED))),
    Sample("sample-09", "shop-app", case(
        "inquiry", "store", "建议门店设旧机回收台，不用自己扛去回收站。", "杨帆", "13800000009",
    ), (Request(CHEN, sorted_as("suggestion")), Request(ZHANG, CLAIM), Request(ZHANG, THANKED))),
    Sample("sample-10", "shop-app", case(
        "inquiry", "app", "这款耳机能连两台手机吗？", "许诺", "13800000010",
    ), (Request("shop-app", (("withdraw", {"reason": "说明书里找到了。"}),)),)),
    Sample("sample-11", "feedback", case(
        "inquiry", "website", "扫地机器人的保修期是从签收算起还是从激活算起？",
    )),
    Sample("sample-12", "shop-app", {
        **case("returns", "app", "三个杯子有一个到手就裂了，想退这一个。", "何静", "13800000012"),
        "order": "SO-20260301-1001", "lines": [{"line": "2", "quantity": 1}],
    }),
    Sample("sample-13", "shop-app", {
        **case("returns", "chat", "手机左下角触控不灵，要求换货。", "孙浩", "13800000013"),
        "order": "SO-20260301-1002", "lines": [{"line": "1", "serials": ["SN-88120017"]}],
    }),
)  # fmt: skip
"""In order: received, classified, investigating by management, offered, followed up, to be told by
hand (no contact point), closed; answered, suggestion thanked, withdrawn, received; and two returns
that name lines of an order."""

ORDERS = {
    "SO-20260301-1001": {"channel": "app", "placed_on": "2026-03-01", "lines": [
        {"line": "1", "product": "KT-200", "name": "电水壶 1.7L", "unit_price": "129.00"},
        {"line": "2", "product": "MUG-3", "name": "马克杯", "quantity": 3, "unit_price": "39.00"},
    ]},
    "SO-20260301-1002": {"channel": "store-hangzhou", "placed_on": "2026-03-01", "lines": [
        {"line": "1", "product": "PH-9", "name": "手机 256G", "quantity": 2,
         "unit_price": "3999.00", "product_line": "phones", "warranty_until": "2027-03-01",
         "serials": ["SN-88120017", "SN-88120018"]},
        {"line": "2", "product": "CS-9", "name": "手机壳", "unit_price": "59.00"},
    ]},
    "SO-20260302-2001": {"channel": "app", "placed_on": "2026-03-02", "lines": [
        {"line": "1", "product": "WM-8", "name": "洗衣机 8kg", "unit_price": "2199.00",
         "warranty_until": "2029-03-02", "serials": ["WM8-000451"]},
    ]},
}  # fmt: skip
"""Orders by their numbers, handed in by the shop's system."""

AT_ONCE = 3
TRIES, PAUSE = 60, 0.25


async def make_samples(url: str, keys: Mapping[str, str]) -> int:
    """Make every sample case, and return how many are there now.

    The reference of a case and the key of each request make it happen once, so the next start goes
    on where one was killed. What somebody else has done to a case stands.
    """
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(http: httpx.AsyncClient, sample: Sample) -> bool:
        async with limit:
            try:
                await _make(http, url, keys, sample)
            except CommandFailed:
                return False
            return True

    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        with suppress(CommandFailed):  # then no return is started, and the next start goes on
            for id, order in ORDERS.items():
                connection = Connection(url, keys["shop-app"])
                await _send(http, "PUT", f"/v1/orders/{id}", connection, order, id)
        made = await asyncio.gather(*(one(http, sample) for sample in SAMPLES))
    return sum(made)


async def _make(http: httpx.AsyncClient, url: str, keys: Mapping[str, str], sample: Sample) -> None:
    opening = {**sample.body, "external_ref": sample.ref}
    opened = await _post(http, "/v1/cases", Connection(url, keys[sample.by]), opening, sample.ref)
    for n, request in enumerate(sample.requests, start=1):
        path = f"/v1/cases/{(opened.get('case') or opened)['number']}/steps"
        await _take_steps(
            http, path, Connection(url, keys[request.by]), request, f"{sample.ref}-{n}"
        )


async def _take_steps(
    http: httpx.AsyncClient, path: str, connection: Connection, request: Request, key: str
) -> None:
    steps = [{"step": step, "form": form} for step, form in request.steps]
    await _post(http, path, connection, {"steps": steps}, key)


async def _post(
    http: httpx.AsyncClient, path: str, connection: Connection, body: object, key: str
) -> dict[str, Any]:
    return await _send(http, "POST", path, connection, body, key)


async def _send(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    connection: Connection,
    body: object,
    key: str,
) -> dict[str, Any]:
    """Send until it is done: the case may not be where the step starts yet, or be busy.

    Raises:
        CommandFailed: it was refused for good.
    """
    all_headers = {**request_headers(connection), "Idempotency-Key": key}
    failed: CommandFailed = Unavailable(translate("Nothing was tried."))
    for _ in range(TRIES):
        try:
            response = await http.request(method, path, json=body, headers=all_headers)
        except httpx.TransportError:
            failed = Unavailable(translate("Nobody answers at %(url)s.", url=connection.url))
        else:
            if not response.is_error:
                return dict(parse_response(response).body)
            failed = parse_failure(response)
            if response.status_code not in {409, 429, 503}:
                break
        await asyncio.sleep(PAUSE)
    raise failed
