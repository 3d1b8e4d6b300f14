"""A request may say what its route knows, each once; anything else is refused, on every route."""

import pytest

from api.app import bare_app
from tests.api.callers import Callers

pytestmark = pytest.mark.xdist_group("api")

READS = sorted(
    path
    for path, methods in bare_app().openapi()["paths"].items()
    if "get" in methods and path.startswith("/v1")
)
PLACES = {
    "{number}": "TS202603030000000", "{id}": "x", "{kind}": "complaint", "{run}": "r",
    "{seq}": "1", "{number}-{n}": "x",
}  # fmt: skip


def filled(path: str) -> str:
    for place, value in PLACES.items():
        path = path.replace(place, value)
    return path


@pytest.mark.parametrize("path", READS)
async def test_a_parameter_that_nobody_knows_is_refused(callers: Callers, path: str) -> None:
    answer = await callers["root"].get(filled(path), params={"stat": "received"})
    assert answer.status_code == 422, answer.text
    (error,) = [each for each in answer.json()["errors"] if each["code"] == "extra_forbidden"]
    assert error["pointer"] == "query/stat"


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/tasks", "/v1/mailbox", "/v1/batches"])
async def test_one_that_is_given_twice_is_refused(callers: Callers, path: str) -> None:
    answer = await callers["root"].get(path, params={"limit": ["5", "6"]})
    assert answer.status_code == 422, answer.text
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("query/limit", "given_twice")
    ]
    chinese = {"Accept-Language": "zh"}
    again = await callers["root"].get(path, params={"limit": ["5", "6"]}, headers=chinese)
    assert "两次" in again.text


async def test_whoever_has_no_key_is_told_so_first(callers: Callers) -> None:
    answer = await callers["nobody"].get("/v1/cases", params={"stat": "received"})
    assert answer.status_code == 401


async def test_probes_may_say_what_they_like(callers: Callers) -> None:
    assert (await callers["nobody"].get("/livez", params={"t": "1"})).status_code == 200
