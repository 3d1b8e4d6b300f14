"""One engine, its API and its site for all tests of the pages in a worker process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.api.callers import Callers, add_people, build_api, open_clients
from tests.api.server import serving
from tests.support.browser import browser_context, require_chromium, running_chromium
from tests.support.engine import Engine, running
from tests.web.everybody import Everybody, gather_everybody
from tests.web.site import Site, open_site


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests that use the engine, and say nothing else, on the worker of the browser."""
    here = Path(__file__).parent
    for item in items:
        uses = here in item.path.parents and "engine" in getattr(item, "fixturenames", ())
        if uses and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("web"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask for the browser before a server starts: one line tells of all tests that lack it."""
    if "browser" in getattr(item, "fixturenames", ()):
        require_chromium()


@pytest.fixture(scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """A real server, store and worker."""
    async with running(tmp_path_factory.mktemp("web")) as engine:
        yield engine


@pytest.fixture(scope="session")
async def callers(engine: Engine) -> AsyncIterator[Callers]:
    """The API on that engine, with its people."""
    keys = await add_people(engine.store)
    async with open_clients(build_api(engine), engine, keys) as callers:
        yield callers


@pytest.fixture(scope="session")
async def site(callers: Callers) -> AsyncIterator[Site]:
    """The site on that engine."""
    async with open_site(callers) as site:
        yield site


@pytest.fixture(scope="session")
async def everybody(site: Site) -> Everybody:
    """One person of each role and others, with what each may ask about."""
    return await gather_everybody(site)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def address(site: Site) -> AsyncIterator[str]:
    """The address of API and site on a port of this machine."""
    async with serving(site.together) as address:
        yield address


@pytest.fixture
async def context(browser: Browser, address: str) -> AsyncIterator[BrowserContext]:
    """A Chinese context in which nobody is logged in; two people need two contexts."""
    async with browser_context(browser, address) as context:
        yield context


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """A tab of that context."""
    return await context.new_page()
