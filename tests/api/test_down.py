"""What works while the database is down, and while the workflow engine is down."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from store import Store
from store.intake.intake import LEASE
from tests.api.callers import Callers, add_people, build_api, new_case, open_clients
from tests.api.conftest import Wait
from tests.support.engine import Engine
from tests.support.postgres import Cluster
from tests.support.postgres import running as postgres
from tests.support.temporal import DevServer
from tests.support.waiting import until
from worker.build import build_worker
from worker.settings import WorkerSettings

IMPATIENT = 0.5
"""Seconds that a response waits for the record; in vain while the store is down."""
SOON = 5
"""Seconds in which an API whose engine is gone says so; the client alone would try for ten."""

pytestmark = pytest.mark.xdist_group("api-down")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that a test may stop."""
    with postgres() as cluster:
        cluster.make_template()
        yield cluster


@pytest.fixture
async def impatient(fragile: Callers) -> AsyncIterator[Callers]:
    """The same callers, through an API that waits for nothing long."""
    app = build_api(fragile.engine, IMPATIENT)
    async with open_clients(app, fragile.engine, fragile.keys) as callers:
        yield callers


@pytest.fixture(scope="module")
async def fragile(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callers]:
    """Callers of an API of its own, on PostgreSQL and a server that a test may kill."""
    url, server = cluster.new_database(), DevServer(tmp_path_factory.mktemp("down"))
    server.start()
    try:
        client = await server.client()
        store = await Store.open(url, patience=2)
        settings = WorkerSettings(database_url=url, drain=5)
        async with build_worker(client, store, settings):
            engine = Engine(client, store, server, url)
            async with open_clients(build_api(engine), engine, await add_people(store)) as callers:
                yield callers
        await store.close()
    finally:
        server.kill()


async def answers(caller: httpx.AsyncClient, path: str, wanted: dict[str, Any]) -> None:
    """Wait until the response has all these fields."""

    async def holds() -> bool:
        found = (await caller.get(path)).json()
        return bool(wanted.items() <= (found.get("case") or found).items())

    await until(holds)


async def test_a_step_does_not_need_the_store_but_a_start_does(
    fragile: Callers, impatient: Callers, cluster: Cluster
) -> None:
    number = await fragile.complaint()
    await fragile.step(number, "claim")
    assert (await impatient["liu.yang"].get("/v1/me")).status_code == 200
    cluster.stop("immediate")
    try:
        step = await impatient["liu.yang"].post(f"/v1/cases/{number}/steps/accept", json={})
        assert (step.status_code, step.json()) == (202, {"receipt": None, "case": None}), step.text

        wrong = await impatient["liu.yang"].post(f"/v1/cases/{number}/steps/accept", json={})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "step_not_offered")
        unfit = await impatient["liu.yang"].post(f"/v1/cases/{number}/steps/refund", json={})
        assert (unfit.status_code, unfit.json()["code"]) == (404, "no_such_step")

        sent = new_case()
        for refused in (
            await impatient["shop"].post("/v1/cases", json=sent),
            await impatient["liu.yang"].get(f"/v1/cases/{number}"),
            # Never seen before, so it cannot be known now.
            await impatient["chen.min"].post(f"/v1/cases/{number}/steps/accept", json={}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (503, "store_down")
            assert int(refused.headers["retry-after"]) >= 1
        batch = await impatient["shop"].post("/v1/cases:bulk", json={"cases": [sent]})
        assert batch.status_code == 503

        ready = await impatient["nobody"].get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "degraded", "store": "down", "engine": "up"},
        )
        for path in ("/metrics", "/livez"):
            assert (await impatient["nobody"].get(path)).status_code == 200
    finally:
        cluster.start()
    await answers(fragile["liu.yang"], f"/v1/cases/{number}", {"state": "accepted"})
    await answers(fragile["nobody"], "/readyz", {"status": "ready"})
    assert (await fragile["shop"].post("/v1/cases", json=sent)).status_code == 201


async def test_without_the_engine_nothing_is_said_to_be_done(
    fragile: Callers, impatient: Callers, wait: Wait
) -> None:
    number, sent = await fragile.complaint(), new_case()
    path, key = f"/v1/cases/{number}/steps/accept", {"Idempotency-Key": "engine-down"}
    fragile.engine.server.kill()
    try:
        async with asyncio.timeout(SOON):
            step, start, ready, read = await asyncio.gather(
                impatient["liu.yang"].post(path, json={}, headers=key),
                impatient["shop"].post("/v1/cases", json=sent),
                impatient["nobody"].get("/readyz"),
                impatient["liu.yang"].get(f"/v1/cases/{number}"),
            )
        for refused in (step, start):
            assert (refused.status_code, refused.json()["code"]) == (503, "engine_down")
            assert int(refused.headers["retry-after"]) >= 1
        assert (ready.status_code, ready.json()["engine"]) == (503, "down")
        assert read.json()["case"]["state"] == "received"
    finally:
        fragile.engine.server.start()
    await answers(fragile["nobody"], "/readyz", {"status": "ready"})
    again = await fragile["liu.yang"].post(path, json={}, headers=key)
    assert again.status_code in {200, 202}, again.text
    wait(LEASE)
    started = await fragile["shop"].post("/v1/cases", json=sent)
    assert started.status_code in {201, 202}, started.text
    await answers(fragile["liu.yang"], f"/v1/cases/{number}", {"state": "accepted"})
