"""What the routes are given: the store, the case client and the other parts of one running API."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.http.cursors import Cursors
from api.http.metrics import Metrics
from app.access_log import Views
from app.authentication import Authenticator
from app.corrupt_rows import Damage
from app.flow import Counting
from app.settings import ApiSettings
from app.texts import Texts
from store import Store
from store.archive import Archive
from temporal.case_client import CaseClient

AT_ONCE = 8
"""How many cases of batches may wait to be recorded at a time, over all callers."""


@dataclass
class Services:
    """Built once in `create_app`; nothing else makes any of these."""

    store: Store
    case_client: CaseClient
    settings: ApiSettings
    texts: Texts
    cursors: Cursors
    metrics: Metrics
    doorman: Authenticator
    views: Views
    archive: Archive
    counting: Counting
    damage: Damage = field(default_factory=Damage)
    pace: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def services_of(request: Request) -> Services:
    """The parts of the app that this request came to."""
    parts: Services = request.app.state.parts
    return parts


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


Given = Annotated[Services, Depends(services_of)]
