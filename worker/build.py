"""The worker, built from its parts; nothing else knows what it is made of."""

import logging
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.record import Recording
from activities.tell import Telling
from store import Store
from worker.settings import WorkerSettings
from workflows.case import CaseWorkflow

BUILD_ID = "banjie-0.1.0"
KIB_PER_CASE = 64
"""What a case in the cache costs, measured at 50 to 60 KiB."""


def build_worker(
    client: Client,
    store: Store,
    settings: WorkerSettings,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """A worker for all kinds. Workflow code runs without the sandbox unless `runner` says so."""
    logging.getLogger("transitions").setLevel(logging.WARNING)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[CaseWorkflow],
        activities=[Recording(store).record, Telling(store).tell],
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        build_id=BUILD_ID,
        max_cached_workflows=settings.cache_mib * 1024 // KIB_PER_CASE,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=settings.activities,
        graceful_shutdown_timeout=timedelta(seconds=settings.drain),
    )
