"""A request's id is in the lines of the API, of the case's workflow and of its activities."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from store import Store
from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import new_case
from tests.architecture.metric_pages import faults
from tests.support.process_group import ProcessGroup
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("traces")]
TRACE = "0af7651916cd43dd8448eb211c80319c"
NAME = "金丝雀"


@pytest.fixture
def metrics() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
async def processes(tmp_path: Path, metrics: str) -> AsyncIterator[ProcessGroup]:
    group = ProcessGroup(tmp_path, more={"BANJIE_METRICS": metrics})
    await group.start()
    yield group
    group.stop()


@pytest.fixture
async def shop(processes: ProcessGroup) -> AsyncIterator[httpx.AsyncClient]:
    store = await Store.open(processes.database_url, migrate=True)
    _, key = await store.keys.add("default", KeyOwner(OwnerKind.SYSTEM, "shop"))
    await store.close()
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=processes.url, headers=headers, timeout=60) as client:
        yield client


def lines(file: Path) -> list[dict[str, object]]:
    """Return what was logged, without a line that is being written."""
    written = file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in written if line.endswith("\n")]


async def test_one_id_from_the_request_to_the_record(
    shop: httpx.AsyncClient, tmp_path: Path
) -> None:
    sent = new_case(form={"words": NAME})
    headers = {"Idempotency-Key": "one", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = await shop.post("/v1/cases", json=sent, headers=headers)
    assert answer.status_code in {201, 202}
    assert answer.headers["X-Trace-Id"] == TRACE
    number = answer.json()["case"]["number"]

    async def recorded() -> bool:
        events = {
            str(line["event"])
            for log in ("worker.log", "api.log")
            for line in lines(tmp_path / log)
            if line.get("number") == number
        }
        return events >= {"workflow", "activity", "request"}

    await until(recorded)
    of_case = [line for line in lines(tmp_path / "worker.log") if line.get("number") == number]
    (record,) = [line for line in of_case if line.get("activity") == "record"]
    assert record["trace"] == TRACE
    (request,) = [line for line in lines(tmp_path / "api.log") if line.get("number") == number]
    assert request["trace"] == TRACE
    for file in ("worker.log", "api.log"):
        assert all(
            {"timestamp", "level", "event"} <= line.keys() for line in lines(tmp_path / file)
        )
        assert {line["level"] for line in lines(tmp_path / file)} == {"info"}
        assert NAME not in (tmp_path / file).read_text(encoding="utf-8")


async def test_the_pages_of_real_processes_are_by_convention(
    shop: httpx.AsyncClient, metrics: str
) -> None:
    await shop.post("/v1/cases", json=new_case(), headers={"Idempotency-Key": "two"})
    pages = {
        path: await shop.get(path)
        for path in ("/metrics", "/metrics/system", f"http://{metrics}/metrics")
    }
    for page in pages.values():
        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert list(faults(page.text)) == []
    worker = list(text_string_to_metric_families(pages[f"http://{metrics}/metrics"].text))
    names = {family.name for family in worker}
    assert {"temporal_num_pollers", "temporal_request", "banjie_build_info"} <= names
    assert {"temporal_workflow_task_schedule_to_start_latency_seconds"} <= names
