"""HTTP as RFC 9110 has it: lists in If-Match, repeated fields, HEAD, Allow, media types."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from pydantic import TypeAdapter
from starlette.datastructures import Headers

from api.http.headers import field, read_etags
from app.errors import Malformed
from domain.language.values import Duration
from tests.api.callers import Callers

pytestmark = pytest.mark.xdist_group("api")

LISTS = {
    "*": None,
    " * ": None,
    '"7"': (7,),
    '"7", "9"': (7, 9),
    '"7","9"': (7, 9),
    ', "7" , ,"9",': (7, 9),
    'W/"7"': (),
    'W/"7", "9"': (9,),
    '"abc"': (),
    '"7,9"': (),
    '"0"': (),
    '"99999999999999999999"': (),
    '""': (),
}
MALFORMED = (
    "",
    ",",
    "7",
    '"7',
    '7"',
    '"7" "9"',
    '*, "7"',
    '"7", *',
    'w/"7"',
    '"7"; "9"',
    "'7'",
    '"a b"',
)


@pytest.mark.parametrize("header", LISTS)
def test_if_match_is_a_list(header: str) -> None:
    assert read_etags(header) == LISTS[header]


@pytest.mark.parametrize("header", MALFORMED)
def test_what_is_no_list_of_etags_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        read_etags(header)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 999_999_999), min_size=1))
def test_lines_are_one_list(versions: list[int]) -> None:
    lines = Headers(raw=[(b"if-match", f'"{each}"'.encode()) for each in versions])
    assert read_etags(field(lines, "If-Match")) == tuple(versions)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (['"{old}"'], 412),
        (['"{old}", "{now}"'], 200),
        (['"{old}"', '"{now}"'], 200),
        (['"{now}"', '"{old}"'], 200),
        (['W/"{now}"'], 412),
        (['W/"{now}", "{now}"'], 200),
        (['"x"'], 412),
        (["*"], 200),
        (["*", '"{now}"'], 400),
    ],
)
async def test_one_of_the_etags_must_be_the_cases(
    callers: Callers, lines: list[str], status: int
) -> None:
    number = await callers.complaint()
    now = (await callers["liu.yang"].get(f"/v1/cases/{number}")).headers["ETag"].strip('"')
    named = [("If-Match", line.format(old=int(now) + 7, now=now)) for line in lines]
    answer = await callers["liu.yang"].post(
        f"/v1/cases/{number}/steps/accept", json={}, headers=named
    )
    assert answer.status_code == status, answer.text


async def test_two_idempotency_keys_are_one_too_many(callers: Callers) -> None:
    number = await callers.complaint()
    keys = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await callers["liu.yang"].post(
        f"/v1/cases/{number}/steps/accept", json={}, headers=keys
    )
    assert (answer.status_code, answer.json()["params"]) == (400, {"why": "key"})


def paths_with(app: Any, method: str) -> list[str]:
    return [path for path, methods in app.openapi()["paths"].items() if method in methods]


async def test_head_is_get_without_a_body(callers: Callers) -> None:
    number = await callers.complaint()
    values = {"number": number, "id": f"{number}-1", "kind": "complaint", "run": "x", "ref": "cu-0"}
    values |= {"seq": "1", "version": "2026-1"}
    for template in paths_with(callers.app, "get"):
        path = template.format(**values)
        got, head = [await callers["wang.fang"].request(m, path) for m in ("GET", "HEAD")]
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        assert head.headers.get("ETag") == got.headers.get("ETag")


async def test_a_method_that_is_not_there_is_told_which_are(callers: Callers) -> None:
    for template, methods in callers.app.openapi()["paths"].items():
        path = re.sub(r"{\w+}", "1a", template)
        allowed = {method.upper() for method in methods} | ({"HEAD"} if "get" in methods else set())
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - allowed:
            answer: httpx.Response = await callers["root"].request(method, path)
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["Allow"].split(", ")) == allowed, (method, path)


@pytest.mark.parametrize("path", ["/metrics", "/metrics/system"])
async def test_metrics_are_of_the_type_that_is_described(callers: Callers, path: str) -> None:
    answer = await callers["nobody"].get(path, headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert [*text_string_to_metric_families(answer.text)]
    described = callers.app.openapi()["paths"][path]["get"]["responses"]["200"]["content"]
    assert list(described) == ["text/plain"]


RFC_3339 = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))?")


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=4000)))
def test_durations_are_what_the_description_declares(length: timedelta) -> None:
    adapter: TypeAdapter[timedelta] = TypeAdapter(Duration)
    text = adapter.dump_python(length, mode="json")
    assert RFC_3339.fullmatch(text)
    assert adapter.validate_python(text) == timedelta(seconds=int(length.total_seconds()))
