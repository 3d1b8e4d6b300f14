"""What the use cases work with: the store, the case client and the other services of a process."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.access_log import AccessLog
from app.authentication import Authenticator
from app.corrupt_rows import CorruptRows
from app.flow_counter import FlowCounter
from store import Store
from store.archive import Archive
from temporal.case_client import CaseClient

START_SLOTS = 8
"""How many cases of bulk starts may wait to be recorded at a time, over all callers."""


@dataclass
class Services:
    """Built once per process by `build_services`.

    New cases are promised under `policy_version`; those that exist keep their own. Case numbers
    carry the date of `business_zone`. A step or a start waits for the record for `record_timeout`.
    """

    store: Store
    case_client: CaseClient
    archive: Archive
    business_zone: ZoneInfo
    policy_version: str
    record_timeout: timedelta
    authenticator: Authenticator
    access_log: AccessLog
    flow_counter: FlowCounter
    corrupt_rows: CorruptRows = field(default_factory=CorruptRows)
    start_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(START_SLOTS))


def build_services(
    store: Store,
    case_client: CaseClient,
    archive: Archive,
    *,
    business_zone: ZoneInfo,
    policy_version: str,
    record_timeout: timedelta,
) -> Services:
    """Build the services of a process; whoever opened the store and the client closes them."""
    return Services(
        store=store,
        case_client=case_client,
        archive=archive,
        business_zone=business_zone,
        policy_version=policy_version,
        record_timeout=record_timeout,
        authenticator=Authenticator(store),
        access_log=AccessLog(store, business_zone),
        flow_counter=FlowCounter(store),
    )
