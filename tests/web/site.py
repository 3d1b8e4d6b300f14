"""The site for tests: beside the API on one engine, with a client for each person."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from api.installation import audit_place_of, installation_of
from api.settings import ApiSettings
from ops.audit.keys import make_key, public_path
from ops.operations import Operations
from store.sign_in.records import SessionLimits
from tests.api.callers import SECRET, Callers
from web.http.session import COOKIE
from web.site import beside, build_site

BASE = "http://site.test"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of what our own pages send."""


@dataclass(frozen=True)
class Site:
    """The site, and a client for each person that is logged in, by name."""

    app: FastAPI
    together: ASGIApp
    callers: Callers
    people: Mapping[str, httpx.AsyncClient]

    def __getitem__(self, name: str) -> httpx.AsyncClient:
        return self.people[name]


def site_client(app: ASGIApp, token: str | None = None, **headers: str) -> httpx.AsyncClient:
    """Return a client that sends what a browser with this session sends; in Chinese."""
    cookies = {COOKIE: token} if token else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=True),
        base_url=BASE,
        headers={**FROM_OUR_PAGE, **headers},
        cookies=cookies,
        timeout=60,
    )


@asynccontextmanager
async def open_site(callers: Callers) -> AsyncIterator[Site]:
    """Yield the site on the engine of the callers; its clients are closed afterwards."""
    state = callers.app.state
    operations = operations_of(callers)
    count, zone = state.metrics.count_request, state.services.business_zone
    app = build_site(state.services, operations, count, zone)
    people = {
        name: site_client(app, token) for name, token in (await sign_in_all(callers)).items()
    } | {"nobody": site_client(app)}
    try:
        yield Site(app, beside(callers.app, app), callers, people)
    finally:
        await operations.jobs.close()
        for client in people.values():
            await client.aclose()


@asynccontextmanager
async def colleague(
    site: Site, id: str, name: str, *roles: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield the client of somebody new on the staff, who is called otherwise than their id."""
    store = site.callers.store
    if await store.people.get("default", id) is None:
        await store.people.add_staff("default", id, name, roles)
    async with site_client(site.app, await sign_in(site.callers, id)) as client:
        yield client


def operations_of(callers: Callers) -> Operations:
    """Return what the pages for operators work with, on the engine of the callers."""
    engine = callers.engine
    if not engine.audit_key.exists():
        make_key(engine.audit_key)
    settings = ApiSettings(
        database_url=engine.url,
        temporal_target=engine.server.target,
        secret=SecretStr(SECRET),
        audit_public_key=public_path(engine.audit_key),
    )
    return Operations(
        engine.client,
        engine.store,
        callers.app.state.services.archive,
        installation_of(settings),
        audit_place_of(settings),
    )


async def sign_in_all(callers: Callers) -> Mapping[str, str]:
    """Return a session for everybody on the staff, by name."""
    return {
        person.id: await sign_in(callers, person.id)
        for person in await callers.store.people.list("default")
    }


async def sign_in(callers: Callers, person: str, limits: SessionLimits | None = None) -> str:
    """Return a new session for one of the staff."""
    return await callers.store.staff_sessions.open(
        "default",
        person,
        method="password",
        device="Chrome · Linux",
        limits=limits or SessionLimits(),
    )
