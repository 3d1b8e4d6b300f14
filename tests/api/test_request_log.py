"""Health, metrics, trace ids, and log lines without personal data."""

import io
import json
import re
from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI

from api.http.metrics import Metrics
from api.http.request_log import RequestLog
from app.texts import Texts
from tests.api.callers import Callers, api_client, new_case

pytestmark = pytest.mark.xdist_group("api")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log."""
    log, before = io.StringIO(), structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(log),
        cache_logger_on_first_use=False,
    )
    yield log
    structlog.configure(**before)


async def test_healthy(callers: Callers) -> None:
    nobody = callers["nobody"]
    assert (await nobody.get("/livez")).json() == {"status": "alive"}
    ready = await nobody.get("/readyz")
    assert ready.json() == {"status": "ready", "store": "up", "engine": "up"}


async def test_metrics_count_by_route_and_name_nobody(callers: Callers) -> None:
    number = await callers.complaint()
    await callers["liu.yang"].get(f"/v1/cases/{number}")
    page = (await callers["nobody"].get("/metrics")).text
    route = 'method="GET",route="/v1/cases/{number}",status="200"'
    assert re.search(rf"banjie_http_requests_total\{{{re.escape(route)}\}} [1-9]", page)
    page = (await callers["nobody"].get("/metrics/system")).text
    assert re.search(r'banjie_cases_open\{kind="complaint",stage="accept"\} [1-9]', page)
    assert re.search(
        r'banjie_tasks_open\{claimed="no",kind="complaint",stage="accept"\} [1-9]', page
    )
    assert re.search(r'banjie_messages\{status="pending"\} [1-9]', page)
    assert number not in page
    assert 'stage="close"' not in page


async def test_a_trace_id_is_taken_over_or_made(callers: Callers) -> None:
    given = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = await callers["nobody"].get("/v1/me", headers=given)
    assert answer.headers["x-trace-id"] == answer.json()["trace_id"] == TRACE
    for wrong in ("", "00-x-y-01", f"00-{'0' * 32}-00f067aa0ba902b7-01"):
        answer = await callers["nobody"].get("/livez", headers={"traceparent": wrong})
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-trace-id"])
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_log_lines_hold_nothing_personal(callers: Callers, lines: io.StringIO) -> None:
    contact = {"kind": "phone", "value": "13800000099"}
    sent = new_case(
        form={"words": "金丝雀之言"}, customer={"name": "金丝雀", "contacts": [contact]}
    )
    number = (await callers["shop"].post("/v1/cases", json=sent)).json()["case"]["number"]
    await callers["liu.yang"].get("/v1/cases/13800000099")
    await callers["liu.yang"].get("/v1/金丝雀", params={"name": "金丝雀"})
    await callers["liu.yang"].post(f"/v1/cases/{number}/comments", json={"body": "金丝雀"})
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    said = [line for line in written if line["event"] == "request"]
    assert number in {line["number"] for line in said}
    assert {"POST /v1/cases 201", "GET unknown 404"} <= {
        f"{line['method']} {line['route']} {line['status']}" for line in said
    }
    assert "金丝雀" not in lines.getvalue()
    assert "13800000099" not in lines.getvalue()
    assert callers.keys["shop"].split("_", 2)[2] not in lines.getvalue()


async def test_what_nobody_expected_is_logged_without_its_words(
    callers: Callers, lines: io.StringIO
) -> None:
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise KeyError("金丝雀")

    texts = Texts(callers.app.state.services.business_zone)
    app.add_middleware(RequestLog, texts=texts, metrics=Metrics())
    async with api_client(app) as caller:
        answer = await caller.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "金丝雀" not in answer.text
    failed = json.loads(lines.getvalue().splitlines()[0])
    assert (failed["error"], failed["trace"]) == ("KeyError", answer.json()["trace_id"])
    assert "broken" in failed["places"][-1]
    assert "金丝雀" not in lines.getvalue()
