"""The callers of the API in tests: staff and systems with their keys, each with an HTTP client."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from api.settings import ApiSettings
from domain.engine.messages import DEFAULT_TENANT
from store import Store
from store.people.records import KeyOwner, OwnerKind
from temporal.case_client import CaseClient
from tests.support.engine import Engine
from tests.support.waiting import until

PEOPLE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "chen.min": (("seat",), ("complaints",)),
    "liu.yang": (("agent",), ("complaints",)),
    "zhang.qian": (("agent",), ("inquiries",)),
    "wang.fang": (("lead",), ("complaints",)),
    "zhou.hang": (("management",), ()),
    "root": (("administrator",), ()),
}
TEAMS = ("complaints", "inquiries")
SYSTEMS = ("shop", "app")
WORDS = "刚买二十天内屏就坏了,联系客服不给换,也不给退。"
SECRET = "a secret for tests only"
PATIENCE = 20.0
"""Seconds that a response waits for the record: on a loaded machine two are not enough."""


@dataclass(frozen=True)
class Callers:
    """The app, and a client for each of its callers, by name."""

    app: FastAPI
    engine: Engine
    keys: Mapping[str, str]
    clients: Mapping[str, httpx.AsyncClient]

    def __getitem__(self, name: str) -> httpx.AsyncClient:
        return self.clients[name]

    @property
    def store(self) -> Store:
        """The store that the worker writes to."""
        return self.engine.store

    async def events(self, number: str) -> int:
        """Return the length of the case's history, once nothing is under way."""
        handle = self.engine.client.get_workflow_handle(number)

        async def quiet() -> bool:
            raw = (await handle.describe()).raw_description
            return not (raw.pending_activities or raw.HasField("pending_workflow_task"))

        await until(quiet)
        return (await handle.describe()).history_length

    async def complaint(self, by: str = "shop", **more: Any) -> str:
        """Start a complaint and return its number."""
        answer = await self[by].post("/v1/cases", json=new_case(**more))
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["case"]["number"]
        return number

    async def customer(self) -> str:
        """Start a complaint of a customer, and return their reference."""
        contacts = [{"kind": "wechat", "value": "wang.of.tests"}]
        number = await self.complaint(customer={"name": "王小明", "contacts": contacts})
        row = await self.store.cases.get(DEFAULT_TENANT, number)
        assert row
        assert row.customer
        return row.customer

    async def step(self, number: str, name: str, form: Any = None, by: str = "liu.yang") -> Any:
        """Take a step that must succeed, and return the case after it."""
        answer = await self[by].post(f"/v1/cases/{number}/steps/{name}", json=form or {})
        assert answer.status_code == 200, answer.text
        return answer.json()["case"]


async def all_pages(
    caller: httpx.AsyncClient, path: str, language: str = "en", **params: Any
) -> list[dict[str, Any]]:
    """Return all items of a list, read page by page."""
    items: list[dict[str, Any]] = []
    while True:
        headers = {"Accept-Language": language}
        page = (await caller.get(path, params=params, headers=headers)).json()
        items += page["items"]
        if page["next"] is None:
            return items
        params["cursor"] = page["next"]


_drawn = iter(range(10**6))


def new_case(**more: Any) -> dict[str, Any]:
    """Return the body that starts a complaint, with a reference of its own."""
    given = {
        "kind": "complaint",
        "channel": "review",
        "form": {"words": WORDS},
        "external_ref": f"review-{next(_drawn)}",
    }
    return {**given, **more}


async def add_people(store: Store, tenant: str = DEFAULT_TENANT) -> dict[str, str]:
    """Add staff, teams and systems to a tenant, and return everybody's key."""
    for team in TEAMS:
        await store.people.add_team(tenant, team, team)
    owners = [KeyOwner(OwnerKind.SYSTEM, id) for id in SYSTEMS]
    for id, (roles, teams) in PEOPLE.items():
        await store.people.add_staff(tenant, id, id, roles, teams)
        owners.append(KeyOwner(OwnerKind.STAFF, id))
    return {owner.id: (await store.keys.add(tenant, owner))[1] for owner in owners}


def build_api(engine: Engine, patience: float = PATIENCE) -> FastAPI:
    """Build the app on this engine."""
    settings = ApiSettings(database_url=engine.url, secret=SecretStr(SECRET), patience=patience)
    return create_app(engine.store, CaseClient(engine.client), settings)


def api_client(app: FastAPI, key: str | None = None, **headers: str) -> httpx.AsyncClient:
    """Return a client with this key that asks for English."""
    bearer = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=True),
        base_url="http://api.test",
        headers={"Accept-Language": "en", **bearer, **headers},
        timeout=60,
    )


@asynccontextmanager
async def open_clients(
    app: FastAPI, engine: Engine, keys: Mapping[str, str]
) -> AsyncIterator[Callers]:
    """Yield the callers of an app; their clients are closed afterwards."""
    clients = {name: api_client(app, key) for name, key in keys.items()} | {
        "nobody": api_client(app)
    }
    try:
        yield Callers(app, engine, keys, clients)
    finally:
        for each in clients.values():
            await each.aclose()
