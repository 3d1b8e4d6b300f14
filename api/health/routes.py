"""Whether the process lives and is ready, its metrics, and those of the whole system."""

from typing import Any

from fastapi import APIRouter, Response, status
from prometheus_client import CollectorRegistry

from api.health.schemas import Liveness, Readiness
from api.http.dependencies import MetricsDep, ServicesDep
from api.http.metrics import StoreCounts, system_registry
from app.services import Services
from domain.engine.messages import DEFAULT_TENANT
from domain.language.table import Stage
from runtime.metrics import METRICS_TYPE, render
from store.errors import StoreError

router = APIRouter(tags=["health"])

METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
UP, DOWN, OUTDATED = "up", "down", "old"


@router.get("/livez", operation_id="livez", summary="Does the process answer?")
async def livez() -> Liveness:
    """Answer."""
    return Liveness(status="alive")


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Can cases be moved?",
    responses={503: {"model": Readiness, "description": "The workflow engine does not answer."}},
)
async def readyz(response: Response, services: ServicesDep) -> Readiness:
    """Say whether the engine and the store answer; without the store, steps still work."""
    store = await _store_status(services)
    if not await services.case_client.alive():
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Readiness(status=DOWN, store=store, engine=DOWN)
    return Readiness(status="ready" if store == UP else "degraded", store=store, engine=UP)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="This process's numbers, for Prometheus",
    response_class=Response,
    responses=METRICS,
)
async def get_metrics(metrics: MetricsDep) -> Response:
    """Requests by route and status, and what this process uses; read it from every process."""
    return _page(metrics.registry)


@router.get(
    "/metrics/system",
    operation_id="system_metrics",
    summary="The whole system's numbers, for Prometheus",
    response_class=Response,
    responses=METRICS,
)
async def get_system_metrics(services: ServicesDep) -> Response:
    """Open cases and tasks, messages and clocks; any one process says the same, so read one."""
    try:
        counts = await _store_counts(services)
    except StoreError:
        counts = None
    return _page(system_registry(counts))


def _page(registry: CollectorRegistry) -> Response:
    return Response(render(registry), headers={"Content-Type": METRICS_TYPE})


async def _store_status(services: Services) -> str:
    try:
        await services.store.ping()
        return UP if await services.store.migrated() else OUTDATED
    except StoreError:
        return DOWN


async def _store_counts(services: Services) -> StoreCounts:
    counts = services.store.counts
    cases = await counts.cases(DEFAULT_TENANT)
    tasks = await counts.tasks(DEFAULT_TENANT)
    messages = await services.store.outbox_queue.counts(DEFAULT_TENANT)
    clocks = await counts.clocks(DEFAULT_TENANT)
    return StoreCounts(
        cases=[(case.kind, case.stage, case.n) for case in cases if case.stage != Stage.CLOSE],
        tasks=[(task.kind, task.stage, task.claimed, task.n) for task in tasks],
        on_hold=[(task.kind, task.stage, task.on_hold) for task in tasks if task.on_hold],
        messages=[(status.value, n) for status, n in messages.items()],
        clocks=[(clock.clock, clock.state, clock.n) for clock in clocks],
    )
