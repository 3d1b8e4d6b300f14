"""What is accepted and not recorded yet: the same again converges, another body is refused."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.settings import ApiSettings
from temporal.case_client import CaseClient
from tests.api.callers import SECRET, Callers, build_api, new_case, open_clients
from tests.support.engine import Engine
from tests.support.waiting import until
from worker.build import build_worker
from worker.settings import WorkerSettings

pytestmark = pytest.mark.xdist_group("api")
IMPATIENT = 0.3


@pytest.fixture
async def impatient(callers: Callers) -> AsyncIterator[Callers]:
    """The same callers, through an API that does not wait long for the record."""
    app = build_api(callers.engine, IMPATIENT)
    async with open_clients(app, callers.engine, callers.keys) as impatient:
        yield impatient


class Idle:
    """Callers of an API whose cases no worker looks at, until one is wanted."""

    def __init__(self, callers: Callers, engine: Engine, queue: str) -> None:
        self.callers, self._engine, self._queue = callers, engine, queue

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        settings = WorkerSettings(database_url=self._engine.url, task_queue=self._queue, drain=5)
        async with build_worker(self._engine.client, self._engine.store, settings):
            yield


@pytest.fixture
async def idle(callers: Callers) -> AsyncIterator[Idle]:
    engine, queue = callers.engine, uuid4().hex
    settings = ApiSettings(database_url=engine.url, secret=SecretStr(SECRET), patience=IMPATIENT)
    app = create_app(engine.store, CaseClient(engine.client, queue), settings)
    async with open_clients(app, engine, callers.keys) as clients:
        yield Idle(clients, engine, queue)


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Nobody can write to the database meanwhile."""
    file = sqlite3.connect(engine.url.partition("///")[2], isolation_level=None, timeout=30)
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        file.execute("ROLLBACK")
        file.close()


async def test_a_step_under_a_used_key_is_refused_while_the_first_is_not_recorded(
    callers: Callers, impatient: Callers
) -> None:
    number, key = await callers.complaint(), {"Idempotency-Key": uuid4().hex}
    paths = f"/v1/cases/{number}/notify", f"/v1/cases/{number}/steps/accept"
    text = {"text": "您好"}
    with locked(callers.engine):
        first = await impatient["chen.min"].post(paths[0], json=text, headers=key)
        assert (first.status_code, first.json()) == (202, {"receipt": None, "case": None})
        for path, body in ((paths[0], {"text": "别的"}), (paths[1], {})):
            other = await impatient["chen.min"].post(path, json=body, headers=key)
            assert (other.status_code, other.json()["code"]) == (422, "request_reused")
        again = await impatient["chen.min"].post(paths[0], json=text, headers=key)
        assert (again.status_code, again.json().keys()) == (202, first.json().keys())
    done = await callers["chen.min"].post(paths[0], json=text, headers=key)
    assert (done.status_code, done.json().keys()) == (200, first.json().keys())
    assert done.headers["Idempotent-Replayed"] == "true"
    history = (await callers["chen.min"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert [entry["type"] for entry in history] == ["opened", "notified"]


async def test_a_start_under_a_used_key_is_refused_while_nothing_can_be_written(
    callers: Callers, idle: Idle
) -> None:
    sent, key = new_case(external_ref=None), {"Idempotency-Key": uuid4().hex}
    first = await idle.callers["shop"].post("/v1/cases", json=sent, headers=key)
    assert first.status_code == 202, first.text
    with locked(callers.engine):
        other = await idle.callers["shop"].post("/v1/cases", json=new_case(), headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_start_that_was_only_durable_is_recorded_later(idle: Idle) -> None:
    sent, shop = new_case(), idle.callers["shop"]
    first, again = [await shop.post("/v1/cases", json=sent) for _ in range(2)]
    assert [each.status_code for each in (first, again)] == [202, 202]
    assert first.json() == again.json() == {"number": first.json()["number"], "case": None}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Location"] == again.headers["Location"]
    async with idle.worker():
        answers: list[httpx.Response] = []

        async def created() -> bool:
            answers.append(await shop.post("/v1/cases", json=sent))
            return answers[-1].status_code == 201

        await until(created)
    last = await shop.post("/v1/cases", json=sent)
    assert (last.status_code, last.json()) == (201, answers[-1].json())
    assert last.json()["number"] == last.json()["case"]["number"] == first.json()["number"]


async def test_a_bulk_start_that_is_repeated_comes_to_its_end(
    idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even while nothing is recorded the rest is started, a few at a time."""
    monkeypatch.setattr(
        "app.start_case.BULK_RECORD_TIMEOUT", idle.callers.app.state.services.record_timeout
    )
    cases = [new_case() for _ in range(20)]

    async def send() -> list[dict[str, Any]]:
        answer = await idle.callers["shop"].post("/v1/cases:bulk", json={"cases": cases})
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    statuses = [[each["status"] for each in await send()] for _ in range(3)]
    assert set(statuses[0]) == {202, 503}
    assert set(statuses[-1]) == {202}
    async with idle.worker():

        async def all_created() -> bool:
            return {each["status"] for each in await send()} == {201}

        await until(all_created)


async def test_twins_in_one_bulk_start_are_one_case(callers: Callers) -> None:
    twin, other = new_case(), new_case()
    cases = [twin, other, twin, {**twin, "form": {"words": "别的"}}, twin]
    answer = await callers["shop"].post("/v1/cases:bulk", json={"cases": cases})
    results = answer.json()["results"]
    assert [each["status"] for each in results] == [201, 201, 201, 422, 201]
    assert len({results[place]["number"] for place in (0, 2, 4)}) == 1
    assert results[3]["problem"]["code"] == "key_reused"
