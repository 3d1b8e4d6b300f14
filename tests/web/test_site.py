"""What all pages share: the session, headers, refusals, the language, files."""

import re
from typing import Any

import pytest
from lxml import html

from tests.web.site import BASE, Site, site_client
from web.rendering.assets import FOLDER

pytestmark = pytest.mark.xdist_group("web")


async def test_without_a_session_the_way_leads_to_the_log_in(site: Site) -> None:
    answer = await site["nobody"].get("/inbox?view=mine")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Finbox%3Fview%3Dmine"


async def test_a_script_without_a_session_gets_the_log_in_over_the_page(site: Site) -> None:
    answer = await site["nobody"].get("/inbox", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert '<hx-partial hx-target="#sign-in-again"' in answer.text


async def test_every_page_has_the_headers_that_protect_it(site: Site) -> None:
    answer = await site["liu.yang"].get("/inbox")
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    page: Any = html.fromstring(answer.text)
    assert page.xpath("//script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]") == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.test"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
async def test_what_another_site_sends_is_refused(site: Site, headers: dict[str, str]) -> None:
    answer = await site["liu.yang"].post("/preferences", data={"language": "en"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_an_older_browser_says_its_origin(site: Site) -> None:
    headers = {"Sec-Fetch-Site": "", "Origin": BASE}
    answer = await site["nobody"].post("/preferences", data={"theme": "dark"}, headers=headers)
    assert answer.status_code == 303
    assert "theme=dark" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/cases/TS1?a=b", "/cases/TS1?a=b"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("/a b", "/"),
        ("", "/"),
    ],
)
async def test_the_way_back_stays_here(site: Site, back: str, leads_to: str) -> None:
    answer = await site["nobody"].post("/preferences", data={"language": "en", "back": back})
    assert answer.headers["location"] == leads_to


async def test_english_is_a_click_away(site: Site) -> None:
    chinese = await site["liu.yang"].get("/inbox")
    english = await site["liu.yang"].get("/inbox", headers={"Cookie": f"lang=en; {_session(site)}"})
    assert '<html lang="zh-CN"' in chinese.text
    assert "收件箱" in chinese.text
    assert '<html lang="en"' in english.text
    assert "Inbox" in english.text


async def test_a_wrong_address_is_told_as_a_page(site: Site) -> None:
    answer = await site["liu.yang"].get("/nowhere")
    assert answer.status_code == 404
    assert "未找到" in answer.text


async def test_files_are_kept_for_ever_by_their_version(site: Site) -> None:
    page = await site["liu.yang"].get("/inbox")
    address = re.search(r"/static/[0-9a-f]{16}/vendor/htmx\.min\.js", page.text)
    assert address
    answer = await site["nobody"].get(address[0])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    old = await site["nobody"].get("/static/0000000000000000/vendor/htmx.min.js")
    assert old.headers["cache-control"] == "no-cache"
    assert (await site["nobody"].get("/static/x/../../site.py")).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, BR; q=0.5", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip", "gzip"),
        ("identity", None),
        ("", None),
        (";;,=,br;q=0.000", None),
    ],
)
async def test_a_file_comes_as_its_reader_can_have_it(
    site: Site, accepted: str, coding: str | None
) -> None:
    [address] = re.findall(r"/static/\w+/js/main\.js", (await site["liu.yang"].get("/inbox")).text)
    answer = await site["nobody"].get(address, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert 'import "./live.js";' in answer.text


async def test_what_a_script_says_to_its_readers_is_not_sent(site: Site) -> None:
    """Its lines stay where they are, and what is not a whole line of comment stays."""
    [version] = re.findall(r"/static/(\w+)/js/main", (await site["liu.yang"].get("/inbox")).text)
    scripts = sorted((FOLDER / "js").glob("*.js"))
    assert scripts
    for script in scripts:
        answer = await site["nobody"].get(f"/static/{version}/js/{script.name}")
        written, sent = script.read_text(encoding="utf-8").split("\n"), answer.text.split("\n")
        assert len(sent) == len(written)
        left_out = [line for line, now in zip(written, sent, strict=True) if now != line]
        assert left_out
        assert all(re.match(r"\s*(//|/\*\*|\*)", line) for line in left_out)
        assert set(sent) - set(written) <= {""}


async def test_what_is_part_of_pages_has_the_headers_that_mean_something_there(site: Site) -> None:
    [address] = re.findall(r"/static/\w+/js/main\.js", (await site["liu.yang"].get("/inbox")).text)
    headers = (await site["nobody"].get(address)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-security-policy" not in headers
    icon = await site["nobody"].get(address.replace("js/main.js", "icons/banjie.svg"))
    assert icon.headers["content-security-policy"], "it can be shown by itself"


async def test_the_api_answers_its_own_paths(site: Site) -> None:
    client = site_client(site.together)
    assert (await client.get("/v1/cases")).headers["content-type"] == "application/problem+json"
    assert (await client.get("/inbox")).status_code == 303
    await client.aclose()


def _session(site: Site) -> str:
    cookies = site["liu.yang"].cookies
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
