"""The service record over HTTP: both formats, both languages, and only one's own cases."""

import asyncio
import re
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import WORDS, Callers, api_client
from tests.api.server import serving
from tests.support.printing import idle, working
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")


async def test_a_system_prints_its_own_case(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept", {"note": "canary-accept"})
    comment = {"body": "canary-internal", "visibility": "internal"}
    said = await callers["liu.yang"].post(f"/v1/cases/{number}/comments", json=comment)
    assert said.status_code == 201
    page = await callers["shop"].get(f"/v1/cases/{number}/record")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Language"] == "en"
    assert f"{number}.html" in page.headers["Content-Disposition"]
    for staff in (page, await callers["wang.fang"].get(f"/v1/cases/{number}/record")):
        assert WORDS in staff.text
        assert "We took your case on." in staff.text
        assert "canary" not in staff.text
        assert "liu.yang" not in staff.text


@pytest.mark.parametrize(
    ("lang", "accept", "language", "word"),
    [("zh", "en", "zh-CN", "服务记录"), ("en", "zh", "en", "Servicerecord"),
     ("", "en", "en", "Servicerecord"), ("", "fr", "zh-CN", "服务记录")],
)  # fmt: skip
async def test_the_language_is_asked_for(
    callers: Callers, lang: str, accept: str, language: str, word: str
) -> None:
    number = await callers.complaint()
    params = {"format": "pdf"} | ({"lang": lang} if lang else {})
    answer = await callers["shop"].get(
        f"/v1/cases/{number}/record", params=params, headers={"Accept-Language": accept}
    )
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    text = "".join(
        "".join(p.extract_text() for p in PdfReader(BytesIO(answer.content)).pages).split()
    )
    assert word in text
    assert WORDS in text
    assert number in text


async def test_a_caller_who_leaves_has_the_record_given_up(callers: Callers) -> None:
    number = await callers.complaint()
    for _ in range(60):
        said = {"body": "长😀a" * 1_300, "visibility": "public"}
        sent = await callers["liu.yang"].post(f"/v1/cases/{number}/comments", json=said)
        assert sent.status_code == 201
    key = {"Authorization": f"Bearer {callers.keys['shop']}"}
    async with serving(callers.app) as url, httpx.AsyncClient(base_url=url, headers=key) as shop:
        files = [
            asyncio.create_task(shop.get(f"/v1/cases/{number}/record?format=pdf", timeout=60))
            for _ in range(3)
        ]
        await until(working)
        assert (await shop.get("/v1/me")).status_code == 200
        assert (await shop.get(f"/v1/cases/{number}/record")).status_code == 200
        assert not any(file.done() for file in files)
        for file in files:
            file.cancel()
        await asyncio.gather(*files, return_exceptions=True)
        await until(idle, seconds=10)

        async def logged() -> bool:
            metrics = (await shop.get("/metrics")).text
            left = re.findall(r'requests_total{.*/record",status="499"} (\S+)', metrics)
            return left == ["3.0"]

        await until(logged)


async def test_anothers_case_is_not_there(callers: Callers) -> None:
    number = await callers.complaint("shop")
    for caller, code in (("app", 404), ("nobody", 401)):
        answer = await callers[caller].get(f"/v1/cases/{number}/record")
        assert answer.status_code == code
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_money_among_ourselves_is_for_our_own_people(callers: Callers) -> None:
    number = await callers.complaint()
    path = f"/v1/cases/{number}/record?edition=internal"
    ours = await callers["liu.yang"].get(path, headers={"Accept-Language": "en"})
    assert "Internal record" in ours.text
    assert f"{number}-internal.html" in ours.headers["Content-Disposition"]
    await callers.store.people.add_staff("default", "shunda", "Shunda", ("vendor",), ())
    _, key = await callers.store.keys.add("default", KeyOwner(OwnerKind.STAFF, "shunda"))
    async with api_client(callers.app, key) as vendor:
        refused = [await each.get(path) for each in (callers["shop"], vendor)]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("params", [{"format": "docx"}, {"lang": "fr"}, {"edition": "everybody"}])
async def test_what_there_is_not_is_refused(callers: Callers, params: dict[str, str]) -> None:
    number = await callers.complaint()
    answer = await callers["shop"].get(f"/v1/cases/{number}/record", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
