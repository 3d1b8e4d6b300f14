"""Builds the workflow worker; nothing else knows which parts it has."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from pydantic import HttpUrl, JsonValue, SecretStr
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkflowRunner,
)

from activities.archive import ArchiveActivity
from activities.batch import BatchActivities
from activities.conversion import ConversionActivity
from activities.maintenance import Chore, ChoreActivity
from activities.merge import MergeActivity
from activities.notify_customer import NotifyCustomerActivity
from activities.orders import OrderActivities
from activities.ports.http_ports import HttpPort
from activities.ports.interfaces import Port
from activities.ports.local_ports import LocalPort
from activities.record import RecordActivity
from activities.webhooks import Webhooks
from app.order_turns import order_turn
from app.related_cases import refuse_because_of_others
from app.unit_claims import claim_again
from cases import CURRENT, KINDS
from cases.common.proposals import proposal_of
from ops.archive.sweep import Sweeper
from ops.batch_attempt import BatchAttempt
from ops.rebuild.reconcile import RECONCILE, reconcile_chore
from store import Store
from store.archive import Archive
from temporal.case_client import CaseClient
from worker.settings import WorkerSettings
from worker.trace import TraceReader
from workflows.batch import BatchWorkflow
from workflows.case import CaseWorkflow
from workflows.maintenance import Maintenance

STICKY_TIMEOUT = timedelta(seconds=1.5)
"""How long Temporal keeps a case's work for the worker that has it ready; then any other gets it.

Cases of a killed worker wait for so long. A worker that is this late under load replays the case.
"""
KIB_PER_CASE = 64
"""Memory of a case in the cache; measured at 50 to 60 KiB."""


def build_worker(
    client: Client,
    store: Store,
    settings: WorkerSettings,
    runner: WorkflowRunner | None = None,
    webhooks: Webhooks | None = None,
) -> Worker:
    """Return a worker for all kinds. Workflow code runs without a sandbox unless `runner` says so.

    Customers are notified through `webhooks`; without them the messages are kept.
    """
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[CaseWorkflow, Maintenance, BatchWorkflow],
        activities=activities_of(client, store, settings, webhooks),
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        build_id=None if settings.deployment else settings.build_id,
        deployment_config=_deployment_config(settings),
        max_cached_workflows=settings.cache_mib * 1024 // KIB_PER_CASE,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=settings.activities,
        interceptors=[TraceReader()],
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=timedelta(seconds=settings.drain),
    )


def _deployment_config(settings: WorkerSettings) -> WorkerDeploymentConfig | None:
    """Worker versions: a running case goes on with the version that is current.

    This is set here and not on the workflow: there it would break a worker without versions.
    """
    if settings.deployment is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def activities_of(
    client: Client, store: Store, settings: WorkerSettings, webhooks: Webhooks | None
) -> Sequence[Callable[..., Any]]:
    """Return what the worker does for cases; a call of a table names one of them as its port."""
    case_client = CaseClient(client, settings.task_queue)
    orders = OrderActivities(
        payments=_port(store, settings.payments_url, settings.payments_token),
        courier=_port(store, settings.courier_url, settings.courier_token),
    )
    attempts = BatchAttempt(
        case_client, store, KINDS, refuse_because_of_others, claim_again, order_turn
    )
    batches = BatchActivities(store, attempts.attempt)
    zone = settings.business_zone
    convert = ConversionActivity(store, case_client.start, proposal_of, CURRENT, zone)
    return [
        RecordActivity(store).record,
        batches.batch_part,
        batches.batch_end,
        ChoreActivity(_chores(client, store, settings)).chore,
        ArchiveActivity(store, Archive(settings.archive), settings.build_id).archive,
        NotifyCustomerActivity(store, webhooks).tell,
        convert.conversion,
        MergeActivity(case_client.submit).merge,
        orders.refund,
        orders.shipment,
        orders.replacement,
    ]


def _port(store: Store, url: HttpUrl | None, token: SecretStr) -> Port:
    return HttpPort(str(url), token.get_secret_value() or None) if url else LocalPort(store)


def _chores(client: Client, store: Store, settings: WorkerSettings) -> dict[str, Chore]:
    """Return the chores that this worker can do, by name."""
    sweeper = Sweeper(client, Archive(settings.archive), store, settings.build_id)

    async def sweep() -> dict[str, JsonValue]:
        return (await sweeper.sweep()).document()

    return {"sweep": sweep, RECONCILE: reconcile_chore(client, store, settings.archive)}
