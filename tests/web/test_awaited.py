"""A case started while nobody records it: its number is told, and its page comes by itself."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from api.app import create_app
from api.settings import ApiSettings
from temporal.case_client import CaseClient
from tests.api.callers import SECRET, Callers, open_clients
from tests.api.server import serving
from tests.support.browser import browser_context, log_in, note_faults
from tests.support.waiting import until
from tests.web.cases import HTMX, text_of, typed_in
from tests.web.site import Site, open_site, sign_in
from worker.build import build_worker
from worker.settings import WorkerSettings

pytestmark = pytest.mark.xdist_group("web")


@pytest.fixture
def queue() -> str:
    """A queue to which no worker listens, until one is wanted."""
    return uuid4().hex


@pytest.fixture
async def idle(callers: Callers, queue: str) -> AsyncIterator[Site]:
    engine = callers.engine
    settings = ApiSettings(database_url=engine.url, secret=SecretStr(SECRET), patience=0.1)
    app = create_app(engine.store, CaseClient(engine.client, queue), settings)
    async with open_clients(app, engine, callers.keys) as clients, open_site(clients) as site:
        yield site


def settings_of(site: Site, queue: str) -> WorkerSettings:
    return WorkerSettings(database_url=site.callers.engine.url, task_queue=queue, drain=5)


async def withdraw(callers: Callers, number: str) -> None:
    """End a case while somebody works on it: later tests would wait for it in vain."""
    await callers.step(number, "withdraw", {"reason": "不用了"}, by="chen.min")


async def test_a_case_that_is_not_recorded_yet_is_told_to_whoever_started_it(
    callers: Callers, idle: Site, queue: str
) -> None:
    chen = idle["chen.min"]
    form = typed_in((await chen.get("/cases/new/complaint")).text, "new-case")
    form |= {"/form/words": "电视黑屏。", "/customer/contacts/0/value": "13900009999"}
    answer = await chen.post("/cases/new/complaint", data=form)
    assert answer.status_code == 303, answer.text
    number = answer.headers["location"].removeprefix("/cases/")
    page = await chen.get(f"/cases/{number}")
    assert page.status_code == 202
    assert number in text_of(page.text, "awaited")
    arrival = f"/cases/{number}/arrival"
    waits = await chen.get(arrival, headers=HTMX)
    assert (waits.status_code, waits.headers.get("hx-redirect")) == (204, None)
    for path in (f"/cases/{number}", arrival):
        assert (await idle["liu.yang"].get(path)).status_code == 404
    engine = idle.callers.engine
    async with build_worker(engine.client, engine.store, settings_of(idle, queue)):

        async def there() -> bool:
            found = await chen.get(arrival, headers=HTMX)
            return bool(found.headers.get("hx-redirect") == f"/cases/{number}")

        await until(there)
        await withdraw(callers, number)
    assert (await chen.get(f"/cases/{number}")).status_code == 200
    assert (await chen.get(f"{arrival}?unclaimed=1")).headers["location"].endswith("?unclaimed=1")


async def test_the_page_of_a_case_opens_by_itself_once_it_is_recorded(
    browser: Browser, callers: Callers, idle: Site, queue: str
) -> None:
    token = await sign_in(idle.callers, "chen.min")
    async with (
        serving(idle.together) as address,
        browser_context(browser, address) as context,
    ):
        await log_in(context, address, token)
        page = await context.new_page()
        faults = note_faults(page)
        await page.goto("/cases/new/complaint")
        await page.locator("[name='/form/words']").fill("电视黑屏。")
        await page.locator("[name='/customer/contacts/0/value']").fill("13900009998")
        await page.locator("#new-case button.btn-primary").click()
        await expect(page.locator("#awaited h1")).to_be_visible()
        number = await page.locator("#awaited h1").inner_text()
        engine = idle.callers.engine
        async with build_worker(engine.client, engine.store, settings_of(idle, queue)):
            await expect(page.locator("#case-head")).to_contain_text(number)
            await withdraw(callers, number)
        assert page.url.endswith(f"/cases/{number}")
        assert faults == []
