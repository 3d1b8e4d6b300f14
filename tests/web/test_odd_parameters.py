"""Odd values in every address: a page says what is wrong with them, and never breaks."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute

from app.charts import ChartQuestion
from app.inbox import InboxQuery
from tests.support.sampling import IN_PARTS, part_of
from tests.web.site import Site, sign_in, site_client
from tests.web.streams import beginning
from tests.web.test_hostile import PERSON, address, methods_of, routes

pytestmark = pytest.mark.xdist_group("hostile")

LONG: Final = "9" * 10_000
VALUES: Final = (
    "", "x%00y", "%ED%A0%80", "%FF%FE", "%zz", LONG, quote("投" * 3000), "-1", "0", "1e309", "NaN",
    quote("²"), "9223372036854775808", "true", "[]", "a,b", "..%2F..%2Fetc", "%0D%0AX:y",
    quote("\u202e王"), quote("<b>&\"'"), quote("%(x)s {0} {{7*7}}"), "~~~", "sealed~x",
    quote("9999-12-31T23:59:59-14:00"), "waiting~0001-01-01T00:00:00%2B14:00~x", "1~1~1~1",
    quote("' OR 1=1 --"), "%25%5F%2A%22", quote("\U0001f600" * 40),
)  # fmt: skip
"""Values as they stand in an address."""
UNDECLARED: Final[Mapping[str, tuple[str, ...]]] = {
    "/inbox": (*InboxQuery.model_fields, "nothing"),
    "/inbox/list": ("seen",),
    "/charts": (*ChartQuestion.model_fields, "nothing"),
    "/customers": ("text", "kind", "/customer/contacts/0/value", "/customer/name"),
    "/duplicates": ("/customer/ref", "/order"),
}
"""Parameters that a route reads without declaring them, by its path; some are another's as well."""
CURSORS: Final = ("after", "before")
"""Parameters that say where a list goes on."""
NO_MOMENTS: Final = (
    "2026-01-01", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "1767225600", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+99:00", "", "x", "x\0",
)  # fmt: skip
NO_NUMBERS: Final = ("x", "", "9" * 30, "-1", "1_0", " 1", "²", "٣", "1.0")
MOMENT: Final = "2026-01-01T00:00:00+00:00"
NO_PLACES: Final = (
    *((at, "x") for at in NO_MOMENTS),
    *((MOMENT, key) for key in ("", "x\0", "a b", "\u202e", "x" * 500)),
    *(("waiting", at, "x") for at in NO_MOMENTS),
    *((at, "0", "x") for at in NO_MOMENTS),
    *((MOMENT, n, "x") for n in (*NO_NUMBERS, "2")),
    *((at, "x", "1", "1") for at in NO_MOMENTS),
    *((MOMENT, "x", n, "1") for n in NO_NUMBERS),
    *((MOMENT, "x", "1", n) for n in NO_NUMBERS),
    *(("sealed", n) for n in NO_NUMBERS),
    *((n,) for n in NO_NUMBERS if n),
    ("", "", "", ""),
)
"""No places of any list: parts of the right shape, of which one is naive, extreme or garbage."""
STREAM: Final = "/live"
READ: Final = [r for r in routes() if "GET" in methods_of(r) and r.path != STREAM]


@pytest.fixture(scope="module")
async def names(site: Site) -> Mapping[str, str]:
    """What stands for the names in paths: things that are there."""
    number = await site.callers.complaint()
    names = {"number": number, "kind": "complaint", "step": "accept", "to": "1", "chart": "closed"}
    return {**names, "customer": await site.callers.customer()}


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an administrator is signed in."""
    async with site_client(site.app, await sign_in(site.callers, PERSON)) as client:
        yield client


def parameters_of(route: APIRoute) -> list[str]:
    """Return the names of all parameters that a route reads."""
    declared = [field.alias for field in route.dependant.query_params]
    for each in route.dependant.dependencies:
        declared += [field.alias for field in each.query_params]
    return [*declared, *UNDECLARED.get(route.path, ())]


@IN_PARTS
@pytest.mark.parametrize("route", READ, ids=lambda route: route.path)
async def test_no_parameter_breaks_a_page(
    client: httpx.AsyncClient, names: Mapping[str, str], route: APIRoute, part: int
) -> None:
    filled = address(route, names)
    for place, name in enumerate(parameters_of(route), READ.index(route)):
        for value in part_of(VALUES, part, place):
            await check(client, f"{filled}?{quote(name, safe='')}={value}")
        await check(client, f"{filled}?{quote(name)}=x&{quote(name)}=y&{quote(name)}[]=z")
        await check(client, f"{filled}?{quote(name)}")
    await check(client, f"{filled}?" + "&".join(f"x{n}=1" for n in range(3000)))


@IN_PARTS
@pytest.mark.parametrize(
    "route", [r for r in READ if {*CURSORS} & {*parameters_of(r)}], ids=lambda route: route.path
)
async def test_no_list_goes_on_at_what_is_no_place(
    client: httpx.AsyncClient, names: Mapping[str, str], route: APIRoute, part: int
) -> None:
    """A structured place is refused for each of its parts; nothing is taken for the first page."""
    filled = f"{address(route, names)}?{'q=王女士&' if route.path == '/search' else ''}"
    refused = {404} if "{batch}" in route.path else {400, 422}
    for name in {*CURSORS} & {*parameters_of(route)}:
        assert (await client.get(filled)).status_code in {200, 404}
        for parts in part_of(NO_PLACES, part, READ.index(route)):
            for text in (",".join(quote(part) for part in parts), "~".join(parts)):
                answer = await client.get(f"{filled}{name}={quote(text)}")
                assert answer.status_code in refused, text
                assert "text/html" in answer.headers["content-type"]


@IN_PARTS
@pytest.mark.parametrize(
    "route", [each for each in READ if "{" in each.path], ids=lambda route: route.path
)
async def test_no_name_breaks_a_page(
    client: httpx.AsyncClient, names: Mapping[str, str], route: APIRoute, part: int
) -> None:
    for place, name in enumerate(re.findall(r"{(\w+)", route.path), READ.index(route)):
        for value in part_of(VALUES, part, place):
            await check(client, address(route, {**names, name: value}))


@pytest.mark.parametrize("name", ["cases", "after", "nothing"])
async def test_no_parameter_breaks_the_stream(site: Site, name: str) -> None:
    token = await sign_in(site.callers, PERSON)
    for value in VALUES:
        answer = await beginning(site.app, f"{STREAM}?{name}={value}", token)
        assert answer.status_code in {200, 422}, value[:80]


async def check(client: httpx.AsyncClient, path: str) -> None:
    """Check that an address is answered by a page, or by one that says what is wrong."""
    answer = await client.get(path)
    assert answer.status_code < 500, path[:200]
    assert answer.status_code != 401, path[:200]
    if answer.status_code >= 400:
        assert "text/html" in answer.headers["content-type"]
        assert "Traceback" not in answer.text
        assert not re.search(r"[^<>]–[^<>]*</li>", answer.text), "a sentence with a hole"
    location = answer.headers.get("location", "/")
    assert re.fullmatch(r"/(?!/)[!-~]*", location), path[:200]
