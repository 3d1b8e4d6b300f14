"""Whether the process lives and is ready, and its numbers for Prometheus."""

from contextlib import suppress

from fastapi import APIRouter, Response, status
from prometheus_client import CONTENT_TYPE_LATEST

from api.health.schemas import Alive, Ready
from api.http.dependencies import MetricsDep, ServicesDep
from api.http.metrics import Counted
from app.services import Services
from domain.engine.messages import DEFAULT_TENANT
from domain.language.table import Stage
from store.errors import StoreError

router = APIRouter(tags=["health"])

UP, DOWN = "up", "down"


@router.get("/livez", operation_id="livez", summary="Does the process answer?")
async def livez() -> Alive:
    """It does."""
    return Alive(status="alive")


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Can cases be moved?",
    responses={503: {"model": Ready, "description": "The workflow engine does not answer."}},
)
async def readyz(response: Response, services: ServicesDep) -> Ready:
    """Without the store steps still work, so it is reported and does not make us unready."""
    store, engine = await _store(services), UP if await services.case_client.alive() else DOWN
    if engine == DOWN:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Ready(status=DOWN, store=store, engine=engine)
    return Ready(status="ready" if store == UP else "degraded", store=store, engine=engine)


@router.get("/metrics", operation_id="metrics", summary="Numbers for Prometheus")
async def get_metrics(services: ServicesDep, metrics: MetricsDep) -> Response:
    """Requests by route and status; what is open and what is said, while the store answers."""
    counted = Counted()
    with suppress(StoreError):
        counted = await _counted(services)
    return Response(metrics.page(counted), media_type=CONTENT_TYPE_LATEST)


async def _counted(services: Services) -> Counted:
    counts = services.store.counts
    cases = await counts.cases(DEFAULT_TENANT)
    tasks = await counts.tasks(DEFAULT_TENANT)
    messages = await counts.outbox(DEFAULT_TENANT)
    clocks = await services.store.clocks.counts(DEFAULT_TENANT)
    return Counted(
        cases=[(c.kind, c.stage, c.n) for c in cases if c.stage != Stage.CLOSE],
        tasks=[(t.kind, t.stage, t.claimed, t.n) for t in tasks],
        on_hold=[(t.kind, t.stage, t.on_hold) for t in tasks if t.on_hold],
        messages=[(status.value, n) for status, n in messages.items()],
        clocks=[(c.clock, c.state, c.n) for c in clocks],
    )


async def _store(services: Services) -> str:
    try:
        await services.store.ping()
        return UP if await services.store.migrated() else "old"
    except StoreError:
        return DOWN
