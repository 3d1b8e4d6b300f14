"""Every parameter and every field of every route against awkward values, from the description.

Never a 5xx, never a traceback, and what a kind of value cannot mean is refused where it stands.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from api.app import bare_app
from api.http.problems import MEDIA_TYPE
from tests.api.callers import Callers, new_case
from tests.support import awkward
from tests.support.sampling import sampled

pytestmark = pytest.mark.xdist_group("api")

Schema = dict[str, Any]
JSON: Final = "application/json"
NUMBER: Final = "TS202603024829107"
REAL: Final = {"kind": "complaint", "step": "accept", "template": "receipt"}
BY: Final = {"staff": "root", "teams": "root", "keys": "root", "batches": "zhou.hang"}
"""Who asks, by the first part of the path; a lead otherwise."""
TYPED_BY_KIND: Final = {"form", "cases", "steps"}
"""Fields with the forms of the kinds, which tests/app/test_awkward_forms.py has."""


@dataclass(frozen=True)
class Place:
    """A parameter or a field of a body: where an awkward value goes."""

    method: str
    path: str
    where: str
    name: str
    schema: Mapping[str, Any] = field(hash=False)
    body: Mapping[str, Any] | None = field(default=None, hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where} {self.name}"


def description() -> Schema:
    """Return what the API says of itself; nothing is connected for that."""
    return bare_app().openapi()


def places() -> Iterator[Place]:
    """Yield every place of every route."""
    root = description()
    for path, operations in root["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                schema = awkward.resolved(parameter["schema"], root)
                yield Place(method, path, parameter["in"], parameter["name"], schema)
            content = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if content and not path.endswith("/steps/{step}"):
                yield from _fields(method, path, awkward.resolved(content["schema"], root), root)


def _fields(method: str, path: str, schema: Mapping[str, Any], root: Schema) -> Iterator[Place]:
    for variant in awkward.variants_of(schema):
        example = _example(variant, root)
        for name, part in variant.get("properties", {}).items():
            if name not in TYPED_BY_KIND:
                yield Place(method, path, "body", name, awkward.resolved(part, root), example)


def _example(schema: Mapping[str, Any], root: Schema) -> dict[str, Any]:
    """Return a body with a value for each field that is required."""
    properties = schema.get("properties", {})
    return {
        name: _value(awkward.resolved(properties[name], root), root)
        for name in schema.get("required", ())
    }


def _value(schema: Mapping[str, Any], root: Schema) -> Any:
    first = next(each for each in awkward.variants_of(schema) if each.get("type") != "null")
    if "const" in first or "enum" in first:
        return first.get("const") or first["enum"][0]
    if first.get("type") == "object" or "properties" in first:
        return _example(first, root)
    if first.get("type") == "array":
        return [_value(awkward.resolved(first["items"], root), root)]
    formats = {"date-time": "2027-01-04T10:00:00+08:00"}
    return formats.get(first.get("format", ""), {"integer": 1, "boolean": True}.get(
        first.get("type", ""), "sample"))  # fmt: skip


PLACES: Final = list(dict.fromkeys(places()))


@pytest.fixture(scope="module")
async def number(callers: Callers) -> str:
    """A case that exists, so that requests get past the first check."""
    return await callers.complaint()


def test_the_table_has_every_route() -> None:
    root = description()
    routes = {(method, path) for path, each in root["paths"].items() for method in each}
    bare = routes - {(place.method, place.path) for place in PLACES}
    assert bare <= {(m, p) for m, p in routes if "{" not in p or p.endswith("/steps/{step}")}


@pytest.mark.parametrize("place", sampled(PLACES, 3), ids=str)
async def test_no_value_breaks_it_or_means_another(
    callers: Callers, number: str, place: Place
) -> None:
    client = callers[BY.get(place.path.split("/")[2], "wang.fang")]
    wrong = list(awkward.wrong_values(place.schema))
    for value in (*wrong, *awkward.HARMLESS, *awkward.INVISIBLE, *awkward.IDS, *awkward.ENUMS):
        if (request := _request(client, place, number, value)) is None:
            continue
        answer = await client.send(request)
        assert answer.status_code < 500, (value, answer.text)
        if answer.is_error:
            assert answer.headers["content-type"] == MEDIA_TYPE, (value, answer.text)
        if place.where in {"query", "body"} and _is_wrong_there(place, value, wrong):
            _check_refused(place, value, answer)


def _is_wrong_there(place: Place, value: Any, wrong: list[Any]) -> bool:
    """Whether the value is wrong as it arrives: in an address everything is text."""
    if place.where == "body":
        return any(value is each for each in wrong)
    return isinstance(value, str) and value in wrong


def _check_refused(place: Place, value: Any, answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, (value, "was taken", answer.text)
    errors = answer.json().get("errors", ())
    if answer.status_code == 422 and answer.json()["code"] == "invalid":
        named = [each for each in errors if place.name in each["pointer"].split("/")]
        assert named, (value, answer.text)
        for fault in named:
            if fault["code"] == "enum":
                values = map(str, fault["params"]["expected"])
                assert all(each in fault["detail"] for each in values), fault


def _request(
    client: httpx.AsyncClient, place: Place, number: str, value: Any
) -> httpx.Request | None:
    """Return the request with the value in its place; None if it cannot be written there."""
    ids = {"number": number, "id": f"{number}-1", "run": "none", **REAL}
    path, headers, params, content = place.path, {}, {}, None
    if place.where == "path":
        if not isinstance(value, str) or not value:
            return None
        ids[place.name] = quote(value, safe="")
    elif place.where == "query":
        params = {place.name: value if isinstance(value, str) else json.dumps(value)}
    elif place.where == "header":
        if not (isinstance(value, str) and value.isascii() and value.isprintable()):
            return None
        headers = {place.name: value}
    for name, real in ids.items():
        path = path.replace(f"{{{name}}}", real)
    if place.body is not None:
        content = json.dumps({**place.body, place.name: value}).encode()
        headers["Content-Type"] = JSON
        headers.setdefault("Idempotency-Key", f"awkward-{abs(hash((place, str(value))))}")
    return client.build_request(
        place.method.upper(), path, params=params, headers=headers, content=content
    )


@pytest.mark.parametrize("raw", awkward.RAW, ids=lambda raw: repr(raw[:12]))
@pytest.mark.parametrize(
    ("path", "by"),
    [("/v1/cases", "shop"), ("/v1/cases:bulk", "shop"), ("/v1/batches", "zhou.hang"),
     ("/v1/staff", "root"), ("/v1/cases/{number}/steps/accept", "liu.yang"),
     ("/v1/cases/{number}/comments", "liu.yang")],
)  # fmt: skip
@pytest.mark.parametrize("around", ["%s", '{"x": %s}', '{"form": {"words": "a", "n": [%s]}}'])
async def test_what_cannot_be_read_is_told_so(
    callers: Callers, number: str, path: str, by: str, around: str, raw: bytes
) -> None:
    before, _, after = around.partition("%s")
    answer = await callers[by].post(
        path.format(number=number),
        content=before.encode() + raw + after.encode(),
        headers={"Content-Type": JSON},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), answer.text


@pytest.mark.parametrize("place", [p for p in PLACES if (p.path, p.where) in {
    ("/v1/cases", "query"), ("/v1/tasks", "query")}], ids=str)  # fmt: skip
async def test_a_name_that_there_is_not_is_refused_with_those_there_are(
    callers: Callers, place: Place
) -> None:
    if place.name not in {"kind", "state", "stage", "priority", "channel", "outcome", "scope"}:
        return
    for locale in ("en", "zh"):
        answer = await callers["wang.fang"].get(
            place.path, params={place.name: "recieved"}, headers={"Accept-Language": locale}
        )
        assert answer.status_code == 422
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == f"query/{place.name}"
        assert fault["params"]["expected"]
        assert all(name in fault["detail"] for name in fault["params"]["expected"])


async def test_a_name_of_another_kind_is_refused(callers: Callers) -> None:
    params = {"kind": "complaint", "state": "quoted"}
    for path in ("/v1/cases", "/v1/tasks"):
        answer = await callers["wang.fang"].get(path, params=params)
        assert answer.status_code == 422
        assert "received" in answer.json()["errors"][0]["detail"]
    body = {"kind": "complaint", "step": "release", "reason": "x", "where": {"state": "quoted"}}
    answer = await callers["zhou.hang"].post("/v1/batches", json=body)
    assert answer.json()["errors"][0]["pointer"] == "/where/state"


@pytest.mark.parametrize("value", [*awkward.TIMES, *awkward.NUMBERS_AS_TIMES])
@pytest.mark.parametrize("name", ["received_from", "received_to"])
async def test_a_batch_is_chosen_by_times_only(callers: Callers, name: str, value: Any) -> None:
    body = {"kind": "complaint", "step": "release", "reason": "x", "dry_run": True}
    answer = await callers["zhou.hang"].post("/v1/batches", json={**body, "where": {name: value}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/where/{name}"


@pytest.mark.parametrize("value", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_the_ends_of_time_are_moments(callers: Callers, value: str) -> None:
    """Many systems write the year 9999 for no end."""
    for name in ("received_from", "received_to"):
        answer = await callers["wang.fang"].get("/v1/cases", params={name: value})
        assert answer.status_code == 200
    number = await callers.complaint()
    await callers.step(number, "claim")
    path = f"/v1/tasks/{number}-1/hold"
    answer = await callers["liu.yang"].post(path, json={"until": value, "reason": "x"})
    assert answer.status_code == 422
    assert answer.json()["code"] in {"hold_too_far", "hold_past"}


@pytest.mark.parametrize("id", awkward.LOOKALIKES)
async def test_no_new_id_looks_like_another(callers: Callers, id: str) -> None:
    person = {"id": id, "name": "x", "roles": ["agent"]}
    answer = await callers["root"].post("/v1/staff", json=person)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/id"


@pytest.mark.parametrize("name", [*awkward.INVISIBLE, *awkward.NAMES, ""])
async def test_no_name_is_unseen_or_of_several_lines(callers: Callers, name: str) -> None:
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("root", "/v1/staff", {"id": "somebody", "name": name, "roles": ["agent"]}),
        ("root", "/v1/teams", {"id": "some-team", "name": name}),
        ("shop", "/v1/cases", new_case(customer={"name": name})),
    ]
    for by, path, body in bodies:
        answer = await callers[by].post(path, json=body)
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["errors"][0]["pointer"].endswith("/name")
