"""What the use cases work with: the store, the case client and the other services of a process."""

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from app.access_log import AccessLog
from app.authentication import Authenticator
from app.corrupt_rows import CorruptRows
from app.flow_counter import FlowCounter
from app.live import LiveFeed
from app.minute_cache import MinuteCache
from app.order_source import OrderSource, StoredOrders
from app.password_hashing import PasswordHashing
from store import Store
from store.archive import Archive
from store.attachments.contents import AttachmentContents
from store.sign_in.records import SessionLimits
from temporal.case_client import CaseClient

if TYPE_CHECKING:
    from app.measures import RecordedMeasure

START_SLOTS = 8
"""How many cases of bulk starts may wait to be recorded at a time, over all callers."""

Numbers = Mapping[str, list[float | None]]
"""The numbers of a chart, line by line."""


@dataclass
class Services:
    """Built once per process by `build_services`.

    New cases are promised under `policy_version`; those that exist keep their own. Case numbers
    carry the date of `business_zone`. A step or a start waits for the record for `record_timeout`.
    `claiming` are the cases that `take_next` is just claiming for somebody, by tenant and number;
    `taking` are its requests under way, by whose they are and their key.
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
    live: LiveFeed
    session_limits: SessionLimits
    orders: OrderSource
    passwords: PasswordHashing = field(default_factory=PasswordHashing)
    corrupt_rows: CorruptRows = field(default_factory=CorruptRows)
    claiming: set[tuple[str, str]] = field(default_factory=set)
    taking: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )
    chart_cache: MinuteCache[Hashable, Numbers] = field(default_factory=MinuteCache)
    measure_cache: "MinuteCache[Hashable, list[RecordedMeasure]]" = field(
        default_factory=MinuteCache
    )
    attachments: AttachmentContents = field(default_factory=lambda: AttachmentContents(None))
    start_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(START_SLOTS))


def build_services(
    store: Store,
    case_client: CaseClient,
    archive: Archive,
    *,
    business_zone: ZoneInfo,
    policy_version: str,
    record_timeout: timedelta,
    session_limits: SessionLimits | None = None,
    orders: OrderSource | None = None,
) -> Services:
    """Build the services of a process; whoever opened the store and the client closes them.

    Without other `orders` they are the store's own. Who reads attachments says where they lie.
    """
    limits = session_limits or SessionLimits()
    return Services(
        store=store,
        case_client=case_client,
        archive=archive,
        business_zone=business_zone,
        policy_version=policy_version,
        record_timeout=record_timeout,
        authenticator=Authenticator(store, limits),
        access_log=AccessLog(store, business_zone),
        flow_counter=FlowCounter(store),
        session_limits=limits,
        orders=orders or StoredOrders(store),
        live=LiveFeed(store),
    )
