"""What no page of ours sends: other sites, forged cookies, broken bodies, odd methods and hosts."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import update

from store.db.clock import utc_now
from store.sign_in.records import SessionLimits, token_hash
from store.sign_in.tables import staff_sessions
from tests.web.everybody import NOBODY
from tests.web.rights import Row
from tests.web.rights_table import API, SITE
from tests.web.site import BASE, Site, sign_in, site_client
from tests.web.written import written_tables
from web.http.posted import read_posted
from web.http.session import BROWSER_COOKIE, COOKIE
from web.site import ROUTERS

pytestmark = pytest.mark.xdist_group("hostile")

FOREIGN: Final[tuple[Mapping[str, str], ...]] = (
    {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    {"Sec-Fetch-Site": "same-site", "Origin": BASE},
    {"Sec-Fetch-Site": "none", "Origin": BASE},
    {"Sec-Fetch-Site": "x", "Origin": BASE},
    {"Sec-Fetch-Site": "", "Origin": "http://evil.test"},
    {"Sec-Fetch-Site": "", "Origin": f"{BASE}.evil.test"},
    {"Sec-Fetch-Site": "", "Origin": f"http://evil.test/{BASE}"},
    {"Sec-Fetch-Site": "", "Origin": "http://site.test@evil.test"},
    {"Sec-Fetch-Site": "", "Origin": "http://[site.test"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
    {"Sec-Fetch-Site": "", "Referer": f"{BASE}/inbox"},
    {"Sec-Fetch-Site": ""},
)
"""What browsers say of requests that no page of ours makes."""
PERSON: Final = "root"
LIMITS: Final = SessionLimits()


def routes() -> list[APIRoute]:
    """Return every route of the site."""
    return [r for router in ROUTERS for r in router.routes if isinstance(r, APIRoute)]


def posting() -> list[APIRoute]:
    """Return the routes that may change something."""
    return [route for route in routes() if "GET" not in methods_of(route)]


def methods_of(route: APIRoute) -> set[str]:
    """Return the methods of a route."""
    return route.methods or set()


def address(route: APIRoute, names: Mapping[str, str]) -> str:
    """Return a path of a route with something in it."""
    return re.sub(r"{(\w+)[^}]*}", lambda match: names.get(match[1], "x"), route.path)


def read_a_form(route: APIRoute) -> bool:
    """Say whether a route reads what was posted."""
    return any(each.call is read_posted for each in route.dependant.dependencies)


@pytest.fixture(scope="module")
async def names(site: Site) -> Mapping[str, str]:
    """What stands for the names in paths: things that are there."""
    number = await site.callers.complaint()
    names = {"number": number, "kind": "complaint", "step": "accept", "to": "1"}
    return {**names, "customer": await site.callers.customer()}


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an administrator is signed in."""
    client = site_client(site.app, await sign_in(site.callers, PERSON))
    yield client
    await client.aclose()


@pytest.mark.parametrize("route", posting(), ids=lambda route: route.path)
async def test_what_another_site_sends_is_refused_before_anything_happens(
    client: httpx.AsyncClient, names: Mapping[str, str], route: APIRoute
) -> None:
    (method,) = methods_of(route)
    for headers in FOREIGN:
        with written_tables() as written:
            answer = await client.request(
                method, address(route, names), headers=headers, data={"staff": PERSON}
            )
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers
        assert written == set(), headers


async def test_no_site_may_read_our_answers(client: httpx.AsyncClient) -> None:
    headers = {"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "hx-request"}
    for answer in (
        await client.options("/sign-in", headers={**headers, **asks}),
        await client.get("/inbox", headers=headers),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.fixture(scope="module")
async def forged(site: Site) -> Mapping[str, str]:
    """Cookies that sign nobody in, each made from what is real."""
    store, good = site.callers.store, await sign_in(site.callers, PERSON)
    ended, idle = [await sign_in(site.callers, PERSON) for _ in range(2)]
    over = await sign_in(site.callers, PERSON, SessionLimits(lifetime=timedelta(0)))
    async with site_client(site.app, ended) as client:
        assert (await client.post("/sign-out")).status_code == 303
    this = (staff_sessions.c.tenant == "default", staff_sessions.c.token_hash == token_hash(idle))
    async with store._sessions.writing() as connection:
        earlier = utc_now() - site.app.state.services.session_limits.idle
        await connection.execute(update(staff_sessions).where(*this).values(last_seen=earlier))
    await store.people.add_staff("default", "hostile.leaver", "x", ("administrator",))
    gone = await sign_in(site.callers, "hostile.leaver")
    await store.people.change("default", "hostile.leaver", active=False)
    (session,) = await store.staff_sessions.of("default", "hostile.leaver", LIMITS)
    return {
        "cut": good[:-1],
        "longer": good + "A",
        "in other case": good.swapcase(),
        "changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "with a blank": f"{good}%20",
        "quoted twice": f'"\\"{good}"',
        "its hash": token_hash(good).hex(),
        "its id": session.id,
        "ended": ended,
        "idle too long": idle,
        "over": over,
        "of a leaver": gone,
        "a key": site.callers.keys[PERSON],
        "a one-time link": (await store.links.add("default", "liu.yang")).token,
        "a browser's": await store.known_browsers.remember("default", PERSON, None),
        "no text": "%00%ff",
    }


@pytest.mark.parametrize(
    "row",
    [row for row in SITE if row.expected()[NOBODY][0] == "l"],
    ids=lambda row: row.request,
)
async def test_no_forged_cookie_opens_a_way_in(
    site: Site, names: Mapping[str, str], forged: Mapping[str, str], row: Row
) -> None:
    path = re.sub(r"{(\w+)}", lambda match: names.get(match[1], "x"), row.target)
    for name, token in forged.items():
        with written_tables() as written:
            async with site_client(site.app) as client:
                cookie = {"Cookie": f"{COOKIE}={token}; {BROWSER_COOKIE}={token}"}
                answer = await client.request(row.method, path, headers=cookie)
        asks = answer.headers.get("location", "").startswith("/sign-in?next=")
        assert asks or answer.status_code == 401, name
        assert written == set(), name


@pytest.mark.parametrize(
    "row",
    [row for row in API if row.expected()[NOBODY][0] == "l"],
    ids=lambda row: row.request,
)
async def test_no_cookie_opens_the_api(site: Site, names: Mapping[str, str], row: Row) -> None:
    """A browser sends it there, too; were it good there, any page might have it sent."""
    path = re.sub(r"{(\w+)}", lambda match: names.get(match[1], "x"), row.target)
    async with site_client(site.together, await sign_in(site.callers, PERSON)) as client:
        answer = await client.request(row.method, path, json=row.sends)
    assert answer.status_code == 401


async def test_a_session_of_another_tenant_stays_there(site: Site) -> None:
    """The cookie is good, for what is theirs; the table of rights has what is not."""
    store = site.callers.store
    await store.people.add_staff("hostile-away", PERSON, "x", ("administrator",))
    token = await store.staff_sessions.open(
        "hostile-away", PERSON, method="password", device="x", limits=SessionLimits()
    )
    async with site_client(site.app, token) as client:
        mine = await client.get("/me/sessions")
        assert mine.text.count('/end"') == 1
        assert (await client.post("/me/sessions/end-all")).status_code == 303
    assert (await site[PERSON].get("/inbox")).status_code == 200
