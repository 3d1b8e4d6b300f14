"""The written record over HTTP: both formats, both languages, and only one's own cases."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.api.callers import WORDS, Callers

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


async def test_anothers_case_is_not_there(callers: Callers) -> None:
    number = await callers.complaint("shop")
    for caller, code in (("app", 404), ("nobody", 401)):
        answer = await callers[caller].get(f"/v1/cases/{number}/record")
        assert answer.status_code == code
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("params", [{"format": "docx"}, {"lang": "fr"}])
async def test_what_there_is_not_is_refused(callers: Callers, params: dict[str, str]) -> None:
    number = await callers.complaint()
    answer = await callers["shop"].get(f"/v1/cases/{number}/record", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
