"""`python -m worker`: run the worker until told to stop."""

import gc

# Nothing is garbage while modules are read; looking for it costs a sixth of the start.
gc.disable()

import logging
from contextlib import AsyncExitStack
from datetime import timedelta

from runtime.metrics import ForwardedPage, free_address, process_registry, serve_metrics
from runtime.process import run_process
from store.audit.configuration import WORKER
from store.errors import StoreDown
from temporal.case_client import CaseClient
from temporal.connection import connect
from temporal.process_exit import leave
from worker.assigner import run_assigner
from worker.build import build_worker
from worker.dispatcher import Dispatcher, DispatcherMetrics, open_webhooks
from worker.lifecycle import (
    StopSignal,
    in_background,
    note_configuration_when_up,
    open_store,
)
from worker.message_sender import MessageSender
from worker.pruning import run_pruning
from worker.sealer import read_audit_key, run_sealer
from worker.services import build_worker_services
from worker.settings import WorkerSettings

STARTUP_TIMEOUT = timedelta(seconds=60)

log = logging.getLogger("banjie.worker")


async def serve(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM, then let running activities finish.

    Raises:
        WrongSetting: a setting cannot be used as it is.
        ConnectionError: Temporal did not answer in time.
        CancelledError: stopped by a signal before it served.
    """
    stop, signer = StopSignal(), read_audit_key(settings)
    log.info("starting")
    registry = process_registry("worker")
    sdk_page = free_address() if settings.metrics else None
    if sdk_page:
        registry.register(ForwardedPage(f"http://{sdk_page}/metrics"))
    metrics = DispatcherMetrics(registry)
    async with AsyncExitStack() as stack:
        stack.enter_context(serve_metrics(registry, settings.metrics))
        client = await connect(
            settings.temporal_target,
            settings.temporal_namespace,
            metrics=sdk_page,
            connect_timeout=STARTUP_TIMEOUT,
            settings=settings,
        )
        store = await stack.enter_async_context(open_store(settings.database_url))
        webhooks = await stack.enter_async_context(open_webhooks(settings))
        worker = build_worker(client, store, settings, webhooks=webhooks)
        await stack.enter_async_context(worker)
        noting = note_configuration_when_up(store, WORKER, settings.configuration())
        await stack.enter_async_context(in_background(noting))
        services = build_worker_services(store, CaseClient(client, settings.task_queue), settings)
        jobs = [
            run_sealer(store, settings, signer),
            MessageSender(services).run(),
            run_assigner(services),
            run_pruning(store),
        ]
        if settings.dispatch:
            jobs.append(Dispatcher(store, webhooks, metrics=metrics).run())
        needed = [await stack.enter_async_context(in_background(job)) for job in jobs]
        log.info("serving %s", settings.task_queue)
        await stop.wait(*needed)
        log.info("stopping")


def main() -> int:
    """Run and return the exit code."""
    gc.freeze()
    gc.enable()
    return run_process("worker", WorkerSettings, serve, (ConnectionError, StoreDown))


if __name__ == "__main__":
    leave(main())
