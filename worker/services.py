"""What the use cases work with that a worker does by itself."""

from zoneinfo import ZoneInfo

from app.services import Services, build_services
from policies.documents import DEFAULT
from store import Store
from store.archive import Archive
from temporal.case_client import RECORD_TIMEOUT, CaseClient
from worker.settings import WorkerSettings


def build_worker_services(
    store: Store, case_client: CaseClient, settings: WorkerSettings
) -> Services:
    """Return the services of a worker."""
    return build_services(
        store,
        case_client,
        Archive(settings.archive),
        business_zone=ZoneInfo(settings.zone),
        policy_version=DEFAULT,
        record_timeout=RECORD_TIMEOUT,
    )
