"""What the pages for operators show to whom; who may on each is in the table of rights."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from lxml import html

from cases.common.roles import ADMINISTRATOR, AUDITOR, OPS
from store.sign_in.records import SessionLimits
from tests.api.callers import add_people
from tests.web.ops_site import one_of_each
from tests.web.site import Site, site_client

pytestmark = pytest.mark.xdist_group("web")

READERS = ADMINISTRATOR | OPS | AUDITOR
CASE_WITH_WRONG_DIGIT = "TS202603024829100"
Clients = Mapping[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
async def people(site: Site) -> AsyncIterator[Clients]:
    async with one_of_each(site, "opsrights") as people:
        yield people


async def test_buttons_are_for_those_who_may(people: Clients) -> None:
    schedules = {role: (await people[role].get("/ops/schedules")).text for role in READERS}
    menus = {role: (await people[role].get("/ops/batches")).text for role in ("ops", "management")}
    assert "/retry" not in schedules["auditor"]
    assert 'href="/ops"' in menus["ops"]
    assert 'href="/ops"' not in menus["management"], "a manager reads of batches only"


async def test_who_only_operates_begins_at_operations(people: Clients) -> None:
    for role, home in (
        ("ops", "/ops"),
        ("auditor", "/ops"),
        ("agent", "/inbox"),
        ("lead", "/inbox"),
    ):
        for path in ("/", "/sign-in", "/sign-in?next=//evil.test"):
            answer = await people[role].get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, home), path
        asked = await people[role].get("/sign-in?next=/me/drafts")
        assert asked.headers["location"] == "/me/drafts"


@pytest.mark.parametrize(
    ("typed", "told"),
    [("  ts0  ", "没有"), ("<b>'\"", "没有"), ("😀" * 50, "没有"), (CASE_WITH_WRONG_DIGIT, "校验")],
)
async def test_an_odd_number_is_told_where_it_was_typed(
    people: Clients, typed: str, told: str
) -> None:
    answer = await people["ops"].get("/ops/cases", params={"number": typed})
    assert answer.status_code == 404
    document: Any = html.fromstring(answer.text)
    [field] = document.xpath("//input[@name='number']")
    assert field.get("value") == typed
    [trouble] = document.xpath(f"//*[@id='{field.get('aria-describedby')}']")
    assert told in trouble.text_content()
    assert document.xpath("//*[@id='overview']"), "the page that it was typed on"


async def test_staff_of_another_tenant_see_nothing_of_the_machine(site: Site) -> None:
    store = site.callers.store
    await add_people(store, "brand")
    token = await store.staff_sessions.open(
        "brand", "root", method="password", device="x", limits=SessionLimits()
    )
    client = site_client(site.app, token)
    overview = await client.get("/ops")
    assert overview.status_code == 200
    assert "/ops/doctor" not in overview.text.partition('id="overview"')[2]
    await client.aclose()
