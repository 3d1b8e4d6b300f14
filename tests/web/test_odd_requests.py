"""Requests that no browser makes of our pages: broken bodies, odd methods, hosts and headers."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute

from runtime.metrics import render
from tests.web.site import BASE, FROM_OUR_PAGE, Site, sign_in, site_client
from tests.web.test_hostile import PERSON, address, methods_of, posting, routes
from tests.web.written import READING, written_tables
from web.http.guard import HEADERS
from web.http.posted import FORM, MAX_BODY, MAX_FIELDS, read_posted

pytestmark = pytest.mark.xdist_group("hostile")

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
FORM_TYPE: Final = {"Content-Type": FORM}
BODIES: Final[Mapping[str, tuple[bytes, Mapping[str, str]]]] = {
    "no UTF-8": (b"/words=\xff\xfe", FORM_TYPE),
    "no UTF-8, quoted": (b"/words=%ff%fe", FORM_TYPE),
    "half a surrogate": (b"/words=%ED%A0%80", FORM_TYPE),
    "too many fields": (b"a=1&" * MAX_FIELDS + b"a=1", FORM_TYPE),
    "too large": (b"a=" + b"x" * MAX_BODY, FORM_TYPE),
    "JSON": (b'{"a": 1}', {"Content-Type": "application/json"}),
    "JSON as text": (b'{"a": 1}', {"Content-Type": "text/plain"}),
    "no type": (b"a=1", {}),
    "parts": (b"--x\r\n\r\n1\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
}
"""Bodies that are no form, each with its headers."""
ELSEWHERE: Final[tuple[Mapping[str, str], ...]] = (
    {"Host": "evil.test"},
    {"Host": "evil.test:80"},
    {"Host": "site.test@evil.test"},
    {"X-Forwarded-Host": "evil.test"},
    {"X-Forwarded-For": "evil.test", "X-Real-IP": "evil.test"},
    {"Forwarded": "host=evil.test;proto=https"},
    {"X-Original-URL": "/evil.test", "X-Rewrite-URL": "/evil.test"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"HX-Current-URL": "javascript:evil.test", "HX-Target": "evil.test", "HX-Source": "evil.test"},
    {"Accept-Language": "evil.test", "Accept": "evil.test", "User-Agent": "evil.test"},
)
"""What says that we are somewhere else, or asks for something else, in headers."""
BREAKS: Final = (
    "/x\r\nSet-Cookie: a=b",
    "/x\nX: y",
    "/x\u2028y",
    "/\r//evil.test",
    "/x\x00",
    "/%0d%0aX:y",
)


@pytest.fixture(scope="module")
async def names(site: Site) -> Mapping[str, str]:
    """What stands for the names in paths: things that are there."""
    number = await site.callers.complaint()
    names = {"number": number, "kind": "complaint", "step": "accept", "to": "1"}
    return {**names, "customer": await site.callers.customer()}


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an administrator is signed in."""
    async with site_client(site.app, await sign_in(site.callers, PERSON)) as client:
        yield client


FORMS: Final = [r for r in posting() if read_posted in {d.call for d in r.dependant.dependencies}]


@pytest.mark.parametrize("route", FORMS, ids=lambda route: route.path)
async def test_what_is_no_form_is_told_so_and_does_nothing(
    client: httpx.AsyncClient, names: Mapping[str, str], route: APIRoute
) -> None:
    for name, (body, headers) in BODIES.items():
        with written_tables() as written:
            answer = await client.post(address(route, names), content=body, headers=headers)
        assert answer.status_code == 400, name
        assert "text/html" in answer.headers["content-type"]
        assert written <= READING, name


@pytest.mark.parametrize("path", sorted({route.path for route in routes()}))
async def test_other_methods_do_nothing(
    client: httpx.AsyncClient, names: Mapping[str, str], path: str
) -> None:
    same = [route for route in routes() if route.path == path]
    methods = {method for route in same for method in methods_of(route)}
    filled = address(same[0], names)
    for method in {*METHODS} - methods:
        with written_tables() as written:
            answer = await client.request(method, filled, headers={"X-Echo": "evil.test"})
        assert answer.status_code == 405, method
        assert answer.headers["allow"]
        assert "evil.test" not in answer.text
        assert written <= READING


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
async def test_no_header_leads_our_pages_elsewhere(
    client: httpx.AsyncClient, names: Mapping[str, str], headers: Mapping[str, str]
) -> None:
    for path in ("/", "/inbox", "/cases/new", f"/cases/{names['number']}", "/nowhere", "/sign-in"):
        usual = await client.get(path)
        answer = await client.get(path, headers=headers)
        assert answer.status_code == usual.status_code
        assert answer.headers.get("location") == usual.headers.get("location")
        assert "evil.test" not in answer.text


async def test_another_host_does_not_make_another_origin_ours(client: httpx.AsyncClient) -> None:
    """Whoever reaches us under a name of theirs has no cookie of ours there."""
    headers = {"Host": "evil.test", "Sec-Fetch-Site": "", "Origin": BASE}
    assert (await client.post("/preferences", headers=headers)).status_code == 403
    spoofed = {"Sec-Fetch-Site": "", "Origin": "http://evil.test", "X-Forwarded-Host": "evil.test"}
    assert (await client.post("/preferences", headers=spoofed)).status_code == 403


@pytest.mark.parametrize("target", BREAKS)
async def test_no_address_breaks_a_header(site: Site, target: str) -> None:
    async with site_client(site.app, await sign_in(site.callers, PERSON)) as client:
        for answer in (
            await client.get(f"/sign-in?next={quote(target)}"),
            await client.post("/preferences", data={"back": target, "theme": "dark"}),
        ):
            assert answer.status_code == 303
            assert re.fullmatch(r"/[!-~]*", answer.headers["location"])
            assert not answer.headers["location"].startswith("//")
            assert "x" not in answer.headers
            assert "a=b" not in str(answer.headers.get_list("set-cookie"))
    async with site_client(site.app) as client:
        answer = await client.get(f"/inbox?x={quote(target)}")
        assert re.fullmatch(r"/sign-in\?next=[!-~]*", answer.headers["location"])


@pytest.mark.parametrize(
    "cookie",
    [
        "lang=../../x; theme=evil.test; shortcuts=evil.test",
        'lang="evil.test"; theme=<script>evil.test</script>',
        "lang=; theme=; shortcuts=; =; ;;; a",
        "x=" + "y" * 9000,
    ],
)
async def test_odd_cookies_are_passed_over(site: Site, cookie: str) -> None:
    async with site_client(site.app) as client:
        answer = await client.get("/sign-in", headers={"Cookie": cookie})
        raw = [(b"cookie", b"__Host-session=\xff\xfe; lang=\xc3\x28")]
        bytes_ = await client.request("GET", "/inbox", headers=[*raw, *_bytes(FROM_OUR_PAGE)])
    assert answer.status_code == 200
    assert '<html lang="zh-CN"' in answer.text
    assert "evil.test" not in answer.text
    assert bytes_.status_code == 303


def _bytes(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize("part", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}])
async def test_what_fails_says_nothing_but_that_and_has_the_headers_of_all(
    site: Site,
    client: httpx.AsyncClient,
    part: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("王女士 13800001234")

    usual = await client.get("/me/password")
    monkeypatch.setattr(site.app.state.services.authenticator, "admit_session", fail)
    answer = await client.get("/me/password", headers=part)
    logged = "".join(capsys.readouterr())
    assert answer.status_code == 500
    assert "13800001234" not in answer.text + logged
    assert ("<html" in answer.text) is not bool(part)
    assert "RuntimeError" in logged
    assert "status=500" in logged
    for name in HEADERS:
        assert answer.headers[name] == usual.headers[name]


async def test_a_method_of_ones_own_is_no_name_in_the_metrics(
    site: Site, client: httpx.AsyncClient
) -> None:
    assert (await client.request("EVIL", "/inbox")).status_code == 405
    counted = render(site.callers.app.state.metrics.registry)
    assert b'method="OTHER",route="/inbox",status="405"' in counted
    assert b"EVIL" not in counted
